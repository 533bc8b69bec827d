"""A file system that fills up in the middle of an import: said as that, and nothing stays."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.qemu,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small file system"),
]


def _imported(tmp_path: Path, checkout: Path, source: Path, size: str) -> str:
    folder = tmp_path / "small"
    folder.mkdir()
    words = [sys.executable, "-m", "tests.faults.small_disk", str(folder), str(source), size]
    done = subprocess.run(
        ["unshare", "--mount", *words], capture_output=True, text=True, check=True, cwd=checkout
    )
    return done.stdout.strip()


def _disk(tmp_path: Path, kind: str) -> Path:
    """8 MiB that do not compress."""
    raw, made = tmp_path / "given.raw", tmp_path / f"given.{kind}"
    raw.write_bytes(os.urandom(8 << 20))
    subprocess.run(["qemu-img", "convert", "-f", "raw", "-O", kind, str(raw), str(made)], check=True)
    return made


@pytest.mark.parametrize(
    ("kind", "size"),
    [("qcow2", "1m"), ("qcow2", "8m"), ("vmdk", "2m"), ("vmdk", "9m"), ("vmdk", "12m"), ("vmdk", "16m")],
)
def test_a_full_disk_is_said_and_nothing_stays(tmp_path: Path, checkout: Path, kind: str, size: str) -> None:
    assert _imported(tmp_path, checkout, _disk(tmp_path, kind), size) == "disk-full []"


def test_with_room_it_is_there(tmp_path: Path, checkout: Path) -> None:
    said = _imported(tmp_path, checkout, _disk(tmp_path, "vmdk"), "40m")
    assert said == "done ['big', 'disk.qcow2', 'image.json']"
