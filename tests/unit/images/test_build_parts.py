"""The parts a build is made of: progress from tools' output, archives, module order, the overlay."""

import gzip
import io
import struct
import tarfile
from pathlib import Path

import pytest

from clonebox_tui.engine.images.cpio import CpioWriter
from clonebox_tui.engine.images.kernel import extract_vmlinux
from clonebox_tui.engine.images.modules import ModuleTree
from clonebox_tui.engine.images.overlay import write_overlay
from clonebox_tui.engine.images.progress import PackageProgress, percent_reader
from clonebox_tui.engine.images.recipe import Recipe
from clonebox_tui.engine.images.sources import Source
from clonebox_tui.model.problem import Code, ProblemError


def test_progress_counts_packages_and_percent() -> None:
    seen: list[tuple[str, float, float | None, str]] = []
    reader = PackageProgress(lambda *a: seen.append(a))
    for line in (
        "0 upgraded, 2 newly installed, 0 to remove and 0 not upgraded.",
        "Get:1 http://mirror.example/debian bookworm/main amd64 dash amd64 0.5.12-2 [98.5 kB]",
        "Unpacking dash (0.5.12-2) ...",
        "Setting up dash (0.5.12-2) ...",
    ):
        reader.line(line)
    percent_reader("convert", 200.0, lambda *a: seen.append(a))("    (50.00/100%)")
    assert seen == [
        ("download", 1.0, 2.0, "packages"),
        ("install", 1.0, 2.0, "packages"),
        ("convert", 100.0, 200.0, "bytes"),
    ]


def test_an_initramfs_entry_is_aligned_and_named() -> None:
    out = io.BytesIO()
    cpio = CpioWriter(out)
    cpio.file("bin/tool", b"data!", mode=0o755)
    cpio.close()
    data = out.getvalue()
    assert data[:6] == b"070701"
    assert (int(data[14:22], 16), int(data[54:62], 16)) == (0o100755, 5)
    assert data[110:119] == b"bin/tool\0"
    assert data[120:125] == b"data!"
    assert len(data) % 4 == 0
    assert b"TRAILER!!!" in data


def test_modules_come_after_what_they_need(tmp_path: Path) -> None:
    (tmp_path / "modules.builtin").write_text("kernel/lib/built-in.ko\n")
    for name, needs in (("top", "mid-dle,built-in"), ("mid-dle", "base"), ("base", "")):
        (tmp_path / f"{name}.ko").write_bytes(b"elf\0depends=" + needs.encode() + b"\0name=x\0")
    tree = ModuleTree(tmp_path)
    assert tree.load_order(["top", "absent"]) == ["base", "mid_dle", "top"]
    assert tree.load_order(["top"], loaded=["base"]) == ["mid_dle", "top"]


def test_a_kernel_is_unpacked_and_another_file_refused() -> None:
    elf = b"\x7fELF" + b"k" * 1000
    payload = gzip.compress(elf)[:-4] + struct.pack("<I", len(elf))
    image = bytearray(b"\0" * (5 * 512)) + payload
    image[0x202:0x206] = b"HdrS"
    struct.pack_into("<II", image, 0x248, 0, len(payload))
    assert extract_vmlinux(bytes(image)) == elf
    with pytest.raises(ProblemError) as caught:
        extract_vmlinux(b"\0" * 4096)
    assert caught.value.problem.code is Code.IMAGE_INVALID


def test_the_overlay_belongs_to_root_and_names_no_credential(tmp_path: Path) -> None:
    source = Source("http://me:s3cret@mirror.example/debian", ("bookworm",), ("main",))
    write_overlay(tmp_path / "o.tar", Recipe("bookworm", "amd64", (source,)), "")
    data = (tmp_path / "o.tar").read_bytes()
    assert b"s3cret" not in data
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        assert {member.uid for member in tar} == {0}
        assert "etc/cloud/cloud.cfg.d/99_clonebox.cfg" in tar.getnames()
        assert tar.getmember("etc/systemd/system/apt-daily.timer").linkname == "/dev/null"
