"""Each way in which libvirtd refuses an ordinary user reads as a missing right, with the way to it."""

import libvirt
import pytest

from clonebox_tui.model.problem import Code
from clonebox_tui.providers.libvirt.errors import connection_problem, translate

# libvirt 9.0's own words; without polkitd, without an agent for it, its no, and a socket of group libvirt.
REFUSALS = (
    "internal error: Unable to get system bus connection: Could not connect: No such file or directory",
    "authentication unavailable: no polkit agent available to authenticate action 'org.libvirt.unix.manage'",
    "authentication failed: access denied by policy",
    "Failed to connect socket to '/var/run/libvirt/libvirt-sock': Permission denied",
)


@pytest.mark.parametrize("words", REFUSALS)
def test_a_refusal_names_the_group_and_the_other_connection(words: str) -> None:
    problem = connection_problem(libvirt.libvirtError(words), "qemu:///system")
    assert problem.code is Code.PERMISSION_DENIED
    assert words in problem.why
    assert "group libvirt" in problem.next
    assert "qemu:///session" in problem.next


def test_a_no_of_apparmor_names_it() -> None:
    words = "internal error: cannot load AppArmor profile 'libvirt-7c9a1bd2-0a3f-4c0e-9a0e-2f1f5c0d8c11'"
    problem = translate(libvirt.libvirtError(words), "Could not start web").problem
    assert problem.code is Code.PERMISSION_DENIED
    assert "AppArmor profile" in problem.next


@pytest.mark.parametrize(
    ("words", "package"),
    [
        (
            "Cannot check QEMU binary /usr/bin/qemu-system-x86_64: No such file or directory",
            "qemu-system-x86",
        ),
        ("unsupported configuration: Cannot find suitable emulator for x86_64", "qemu-system-x86"),
        ("operation failed: Unable to find a satisfying virtiofsd", "qemu-system-common"),
    ],
)
def test_a_missing_program_of_qemu_is_named_with_its_package(words: str, package: str) -> None:
    problem = translate(libvirt.libvirtError(words), "Could not start web").problem
    assert problem.code is Code.TOOL_MISSING
    assert problem.next.endswith(f"`apt install {package}`.")


def test_a_daemon_that_is_not_there_is_no_missing_right() -> None:
    words = "Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory"
    problem = connection_problem(libvirt.libvirtError(words), "qemu:///system")
    assert problem.code is Code.CONNECTION_FAILED
    assert "Start libvirt" in problem.next


@pytest.mark.parametrize(
    ("words", "instead"),
    [
        (
            "unsupported configuration: internal snapshot for disk vda unsupported for storage type raw",
            "qemu-img convert -O qcow2",
        ),
        ("unsupported configuration: nothing selected for snapshot", "Give it a qcow2 disk"),
        (
            "Operation not supported: snapshots of a VM with pflash based firmware are not supported",
            "qemu-img convert",
        ),
        (
            "Operation not supported: deleting external snapshot that has internal snapshot as parent not "
            "supported",
            "clonebox-tui fork",
        ),
    ],
)
def test_what_libvirt_cannot_do_with_snapshots_names_what_works(words: str, instead: str) -> None:
    problem = translate(libvirt.libvirtError(words), "Could not take a snapshot of web").problem
    assert instead in problem.next
