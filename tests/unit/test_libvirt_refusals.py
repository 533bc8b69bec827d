"""Each way in which libvirtd refuses an ordinary user reads as a missing right, with the way to it."""

import libvirt
import pytest

from clonebox_tui.model.problem import Code
from clonebox_tui.providers.libvirt.errors import connection_problem

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


def test_a_daemon_that_is_not_there_is_no_missing_right() -> None:
    words = "Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory"
    problem = connection_problem(libvirt.libvirtError(words), "qemu:///system")
    assert problem.code is Code.CONNECTION_FAILED
    assert "Start libvirt" in problem.next
