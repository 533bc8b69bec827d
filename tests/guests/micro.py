"""Build the micro guest: kernel, busybox and the real agent in an initrd; its agent answers in seconds.

As any user, by `apt-get download` only. Switches on the kernel's command line:
`micro.hostname= micro.tick=SECONDS micro.delay=SECONDS micro.ip= micro.virtiofs=TAG micro.p9=TAG`.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from clonebox_tui.engine.images.cpio import CpioWriter
from clonebox_tui.engine.images.kernel import extract_vmlinux
from clonebox_tui.engine.images.modules import ModuleTree
from tests.guests import debian

COMMAND_LINE = "console=ttyS0 quiet nokaslr mitigations=off"
_FILES = Path(__file__).parent / "micro"
_FIRST = ["virtio_pci", "virtio_console"]  # what the agent needs
_REST = [
    *("virtio_blk", "virtio_net", "af_packet", "button", "evdev", "virtio_balloon", "virtio_rng"),
    *("crc32c_generic", "ext4", "isofs", "virtiofs", "9pnet_virtio", "9p", "sr_mod", "ahci"),
]
_FOLDERS = ["dev", "proc", "sys", "run", "tmp", "root", "mnt", "etc/acpi/PWRF", "var/log", "var/www", "lib64"]
_TEXTS = {
    "etc/os-release": 'PRETTY_NAME="Micro guest"\nNAME="Micro"\nID=clonebox-micro\nVERSION_ID="1"\n',
    "etc/passwd": "root::0:0:root:/root:/bin/sh\n",
    "etc/group": "root:x:0:\n",
    "var/www/index.html": "<h1>micro ok</h1>\n",
}


@dataclass(frozen=True)
class MicroGuest:
    """What a domain needs to boot it."""

    kernel: Path
    initrd: Path
    command_line: str = COMMAND_LINE


def micro_guest(cache: Path) -> MicroGuest:
    """The guest in `cache`, built there when missing (about 10 s); safe in several processes at once."""
    target = cache / "micro"
    cache.mkdir(parents=True, exist_ok=True)
    with _locked(cache / "micro.lock"):
        if not target.is_dir():
            _build(target)
    return MicroGuest(target / "vmlinux", target / "initrd.img")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(target: Path) -> None:
    work = Path(tempfile.mkdtemp(prefix=".micro-", dir=target.parent))
    try:
        packages, out = work / "packages", work / "out"
        out.mkdir(mode=0o755)
        kernel = debian.kernel_package()
        names = ["busybox-static", "qemu-guest-agent", *debian.library_packages("qemu-guest-agent")]
        debian.unpack([kernel, *names], work / "downloads", packages)
        root = work / "root"
        _root(packages, root)
        version = kernel.removeprefix("linux-image-")
        _modules(packages / "lib/modules" / version, root / "lib/modules")
        (out / "vmlinux").write_bytes(extract_vmlinux((packages / f"boot/vmlinuz-{version}").read_bytes()))
        with (out / "initrd.img").open("wb") as archive:  # not compressed: unpacking is slow when emulated
            cpio = CpioWriter(archive)
            cpio.tree(root)
            cpio.character_device("dev/console", 5, 1)
            cpio.character_device("dev/null", 1, 3, mode=0o666)
            cpio.close()
        out.rename(target)
    finally:
        shutil.rmtree(work)


def _root(packages: Path, root: Path) -> None:
    for folder in _FOLDERS:
        (root / folder).mkdir(parents=True)
    for name, text in _TEXTS.items():
        (root / name).write_text(text)
    busybox = _install(_first(packages, "bin/busybox", "usr/bin/busybox"), root / "bin/busybox")
    applets = subprocess.run([str(busybox), "--list"], check=True, capture_output=True, text=True).stdout
    for applet in sorted(set(applets.split()) - {"busybox"}):
        (root / "bin" / applet).symlink_to("busybox")
    for name, place in (("init", "init"), ("lease", "sbin/lease"), ("shutdown", "sbin/shutdown")):
        _install(_FILES / name, root / place)
    # 00000080 is the event acpid reports for a pressed power button.
    _install(_FILES / "power-button", root / "etc/acpi/PWRF/00000080")
    agent = _install(packages / "usr/sbin/qemu-ga", root / "usr/sbin/qemu-ga")
    _libraries(agent, packages, root)


def _libraries(program: Path, packages: Path, root: Path) -> None:
    """Copy the loader and every library `program` needs, as the packages' own loader resolves them."""
    loader = _install(_first(packages, "lib64/ld-linux-x86-64.so.2"), root / "lib64/ld-linux-x86-64.so.2")
    folders = [packages / "lib/x86_64-linux-gnu", packages / "usr/lib/x86_64-linux-gnu"]
    path = ":".join(map(str, folders))
    listing = subprocess.run(
        [str(loader), "--library-path", path, "--list", str(program)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for line in listing.splitlines():
        name, arrow, rest = line.strip().partition(" => ")
        if arrow and str(packages) in rest:
            _install(Path(rest.split(" (")[0]), root / "lib/x86_64-linux-gnu" / name)


def _modules(tree: Path, target: Path) -> None:
    target.mkdir(parents=True)
    modules = ModuleTree(tree)
    first = modules.load_order(_FIRST)
    for stage, names in (("first", first), ("rest", modules.load_order(_REST, loaded=first))):
        (target / stage).write_text("".join(f"{name}\n" for name in names))
        for name in names:
            (target / f"{name}.ko").write_bytes(modules.read(name))


def _install(source: Path, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source.resolve(), target)
    target.chmod(0o755)
    return target


def _first(folder: Path, *names: str) -> Path:
    return next(folder / name for name in names if os.path.lexists(folder / name))
