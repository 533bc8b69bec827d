"""A spec becomes a domain whose hostile words stay words, and can be read back from it."""

from pathlib import Path

import libvirt
import msgspec
import pytest

from clonebox_tui.model.machine import Forward, Share
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.model.spec import Boot, MachineSpec
from clonebox_tui.providers.libvirt import metadata, process, snapshots
from clonebox_tui.providers.libvirt.definition import Dialect, domain, domain_xml
from clonebox_tui.providers.libvirt.errors import translate
from clonebox_tui.providers.libvirt.xml import QEMU_NAMESPACE, attribute, parse, size_bytes

NASTY = """a<b>&"'</name>\n\tü"""
SPEC = MachineSpec(
    name="web",
    uuid="5f1c6b0e-0000-4000-8000-000000000001",
    vcpus=2,
    memory_bytes=512 * 1024**2,
    accelerator="tcg",
    disk_path=f"/images/{NASTY}.qcow2",
    mac="52:54:00:12:34:56",
    seed_path="/images/seed.iso",
    boot=Boot("/k/vmlinuz", "/k/initrd", 'root=/dev/vda quote=" & <x>'),
    forwards=(Forward(2222, 22), Forward(8080, 80)),
    shares=(
        Share("/home/me/my project", "/home/me/my project", "s0", "virtiofs", readonly=True),
        Share("/srv/ü & co", "/srv", "s1", "9p", readonly=True),
    ),
    log_path="/logs/web.log",
    packages=("nginx",),
    folder=NASTY,
)


def _machine(**changes: object) -> str:
    return domain_xml(msgspec.structs.replace(SPEC, **changes), Dialect())


def test_every_word_of_the_spec_comes_back_from_the_definition() -> None:
    tree = parse(_machine())
    assert metadata.is_ours(tree)
    assert metadata.read(tree) == SPEC
    assert attribute(tree, "devices/disk[@device='disk']/source", "file") == SPEC.disk_path
    assert tree.findtext("os/cmdline") == 'root=/dev/vda quote=" & <x>'
    assert size_bytes(tree.find("memory")) == SPEC.memory_bytes


def test_a_spec_of_another_version_is_ours_but_not_read() -> None:
    tree = domain(SPEC, Dialect())
    element = tree.find("metadata/*")
    assert element is not None
    element.text = '{"name": 5}'
    assert metadata.is_ours(tree)
    assert metadata.read(tree) is None


@pytest.mark.parametrize(
    ("accelerator", "kind", "cpu"), [("kvm", "kvm", "host-passthrough"), ("tcg", "qemu", "maximum")]
)
def test_the_accelerator_decides_type_and_processor(accelerator: str, kind: str, cpu: str) -> None:
    tree = parse(_machine(accelerator=accelerator))
    assert (tree.get("type"), attribute(tree, "cpu", "mode")) == (kind, cpu)


def test_the_user_network_forwards_on_loopback_and_keeps_its_place() -> None:
    arguments = [each.get("value") for each in parse(_machine()).iter(f"{{{QEMU_NAMESPACE}}}arg")]
    assert arguments == [
        "-netdev",
        "user,id=clonebox0,hostfwd=tcp:127.0.0.1:2222-:22,hostfwd=tcp:127.0.0.1:8080-:80",
        "-device",
        "virtio-net-pci,netdev=clonebox0,mac=52:54:00:12:34:56,bus=pcie.0,addr=0x10,romfile=",
    ]


def test_a_network_of_libvirts_is_an_interface() -> None:
    tree = parse(_machine(network="default"))
    assert attribute(tree, "devices/interface/source", "network") == "default"
    assert list(tree.iter(f"{{{QEMU_NAMESPACE}}}arg")) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"forwards": (Forward(1, 2, "127.0.0.1,guestfwd=x"),)},
        {"forwards": (Forward(1, 2, "::1"),)},
        {"mac": "x,y"},
    ],
)
def test_nothing_can_be_smuggled_onto_qemus_command_line(changes: dict[str, object]) -> None:
    with pytest.raises(ProblemError) as refused:
        _machine(**changes)
    assert refused.value.problem.code is Code.CONFIG_INVALID


def test_shares_say_their_driver_and_rights() -> None:
    tree = parse(_machine())
    found = tree.findall("devices/filesystem")
    assert [attribute(each, "target", "dir") for each in found] == ["s0", "s1"]
    # libvirt 9 refuses a read-only virtiofs: the guest mounts it so.
    assert [each.find("readonly") is not None for each in found] == [False, True]
    assert attribute(tree, "memoryBacking/source", "type") == "memfd"
    assert parse(_machine(shares=SPEC.shares[1:])).find("memoryBacking") is None


def test_without_a_kernel_the_disk_boots() -> None:
    tree = parse(_machine(boot=None))
    assert tree.find("os/kernel") is None
    assert attribute(tree, "os/boot", "dev") == "hd"


def test_a_snapshots_description_is_only_text() -> None:
    long = (NASTY + "]]>") * 900
    tree = parse(snapshots.document("a&b", long + "\x00\x1b[31m", safety=False))
    assert tree.findtext("name") == "a&b"
    # Control characters that XML cannot carry are left out.
    assert tree.findtext("description") == long + "[31m"


@pytest.mark.parametrize(
    ("number", "words", "code"),
    [
        (libvirt.VIR_ERR_NO_DOMAIN, "Domain not found", Code.MACHINE_NOT_FOUND),
        (libvirt.VIR_ERR_OPERATION_INVALID, "domain is not running", Code.WRONG_STATE),
        (
            libvirt.VIR_ERR_INTERNAL_ERROR,
            "Could not set up host forwarding rule 'tcp::1-:22'",
            Code.PORT_TAKEN,
        ),
        (libvirt.VIR_ERR_INTERNAL_ERROR, "write failed: No space left on device", Code.DISK_FULL),
        (
            libvirt.VIR_ERR_OPERATION_INVALID,
            "non-migratable device: 0000:01.0/vhost-user-fs",
            Code.SHARE_BUSY,
        ),
        (libvirt.VIR_ERR_INTERNAL_ERROR, "something else", Code.LIBVIRT_ERROR),
    ],
)
def test_libvirts_errors_become_ours(number: int, words: str, code: Code) -> None:
    error = libvirt.libvirtError("call() failed")
    error.err = (number, 10, words, 2, None, None, None, -1, -1)  # type: ignore[attr-defined]
    problem = translate(error, "Could not start web").problem
    assert (problem.code, problem.why) == (code, words)


def test_when_a_process_began_is_read_from_proc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "77").mkdir()
    numbers = " ".join(str(number) for number in range(3, 60))
    (tmp_path / "77" / "stat").write_text(f"77 (qemu system) x) {numbers}\n")
    (tmp_path / "stat").write_text("cpu 1 2 3\nbtime 1000\n")
    (tmp_path / "pid").write_text("77\n")
    monkeypatch.setattr(process, "_pid_file", lambda _name, _uri: tmp_path / "pid")
    assert process.started_at("web", "qemu:///system", tmp_path) == pytest.approx(1000.22)
    assert process.started_at("web", "qemu:///system", tmp_path / "nowhere") is None
