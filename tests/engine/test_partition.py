"""Where the file system lies in the disks of systems, which have partitions."""

import struct
import subprocess
from pathlib import Path

import pytest

from clonebox_tui.engine.looks.partition import file_system
from clonebox_tui.model.problem import Code, ProblemError

_MIB = 1 << 20


def _disk(path: Path, *partitions: tuple[int, int]) -> Path:
    """A disk of 64 MiB with a DOS partition table (16 bytes each from 446); starts and sizes in MiB."""
    entries = [
        struct.pack("<8B2I", 0, 0, 0, 0, 0x83, 0, 0, 0, start * _MIB // 512, size * _MIB // 512)
        for start, size in partitions
    ]
    with path.open("wb") as file:
        file.truncate(64 * _MIB)
        file.seek(446)
        file.write(b"".join(entries).ljust(64, b"\0") + b"\x55\xaa")
    return path


def _format(disk: Path, start: int, size: int, content: Path) -> None:
    offset = f"offset={start * _MIB}"
    argv = ["/usr/sbin/mke2fs", "-q", "-t", "ext4", "-E", offset, "-d", content, disk, f"{size}m"]
    subprocess.run(argv, check=True, capture_output=True)


async def test_the_partition_with_a_system_is_found(tmp_path: Path) -> None:
    system, data = tmp_path / "system", tmp_path / "data"
    (system / "etc").mkdir(parents=True)
    (system / "etc" / "os-release").write_text("ID=debian\n")
    data.mkdir()
    disk = _disk(tmp_path / "disk.raw", (1, 16), (20, 40))
    _format(disk, 1, 16, system)
    _format(disk, 20, 40, data)
    found = await file_system(disk)
    assert await found.find("/etc/os-release") is not None


async def test_a_disk_without_a_file_system_is_refused(tmp_path: Path) -> None:
    for disk in (_disk(tmp_path / "one.raw", (1, 16)), _disk(tmp_path / "none.raw")):
        with pytest.raises(ProblemError) as caught:
            await file_system(disk)
        assert caught.value.problem.code is Code.NOT_SUPPORTED
