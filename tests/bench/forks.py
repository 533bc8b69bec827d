"""What a fork's disk costs beside bare qemu-img: out of a snapshot inside the disk, and as a layer."""

import asyncio
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from clonebox_tui.engine.fork import copying
from clonebox_tui.engine.fork.origin import How, Origin
from tests.bench.figures import Figure, median

_DATA = ("write -P 2 100M 500M", "write -P 3 200M 450M")
"""What the machine's own layer holds in the snapshot, and what was written over it since."""


def measure(repetitions: int) -> Iterator[Figure]:
    """In turn with the bare tool, the first of each pair changing."""
    with tempfile.TemporaryDirectory(prefix="clonebox-bench-", dir="/var/tmp") as folder:
        origin, bare = _ground(Path(folder))
        yield _figure("fork's disk out of a snapshot, 500 MiB", Path(folder), origin, bare, repetitions)
        layer = Origin(How.LAYER, origin.path, "qcow2", origin.virtual_bytes, 0)
        create = ("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", origin.path)
        yield _figure("fork's disk as a layer", Path(folder), layer, create, repetitions)


def _ground(folder: Path) -> tuple[Origin, Sequence[str]]:
    base, disk = folder / "base.qcow2", folder / "disk.qcow2"
    _run("qemu-img", "create", "-q", "-f", "qcow2", base, "8G")
    _run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", base, disk, "8G")
    _run("qemu-io", "-c", _DATA[0], disk)
    _run("qemu-img", "snapshot", "-c", "first", disk)
    _run("qemu-io", "-c", _DATA[1], disk)
    origin = Origin(
        How.COPY,
        str(disk),
        "qcow2",
        8 << 30,
        500 << 20,
        snapshot="first",
        base=str(base),
        base_format="qcow2",
    )
    words = (
        "qemu-img",
        "convert",
        "-U",
        "-l",
        "first",
        "-O",
        "qcow2",
        "-B",
        str(base),
        "-F",
        "qcow2",
        str(disk),
    )
    return origin, words


def _figure(name: str, folder: Path, origin: Origin, bare: Sequence[str], repetitions: int) -> Figure:
    target = folder / "fork.qcow2"
    ours: list[float] = []
    others: list[float] = []
    both: tuple[tuple[list[float], Callable[[], None]], ...] = (
        (ours, lambda: asyncio.run(copying.copy_file(origin, target, lambda _line: None))),
        (others, lambda: _run(*bare, target)),
    )
    for number in range(repetitions):
        for times, work in both if number % 2 else reversed(both):
            target.unlink(missing_ok=True)
            began = time.monotonic()
            work()
            times.append(time.monotonic() - began)
    return Figure(name, "s", median(ours), median(others), f"`{' '.join(bare[:2])}`", 1.2, 0.05)


def _run(*words: str | Path) -> None:
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
