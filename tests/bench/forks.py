"""What a fork's disk costs beside bare qemu-img: out of a snapshot inside the disk, and as a layer."""

import asyncio
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from typing import NamedTuple

from clonebox_tui.engine.fork import copying
from clonebox_tui.engine.fork.origin import How, Origin
from tests.bench.figures import Figure, median

_SIZES = ((100, 5), (500, 3), (2000, 1))
"""MiB, and the pairs for each repetition: what is soon copied varies by more than we add to it."""


class Cost(NamedTuple):
    """Seconds of the clock, which other programs prolong, and of the CPU, by all who worked for it."""

    clock: float
    cpu: float

    @classmethod
    def so_far(cls) -> "Cost":
        """Of this process and those that it has waited for."""
        used = [getrusage(who) for who in (RUSAGE_SELF, RUSAGE_CHILDREN)]
        return cls(time.perf_counter(), sum(each.ru_utime + each.ru_stime for each in used))


def measure(repetitions: int) -> Iterator[Figure]:
    """In turn with the bare tool, the first of each pair changing."""
    for size, pairs in _SIZES:
        with tempfile.TemporaryDirectory(prefix="clonebox-bench-", dir="/var/tmp") as name:
            folder = Path(name)
            origin, bare = _ground(folder, size)
            what = f"fork's disk out of a snapshot, {size} MiB"
            yield _figure(what, folder, origin, bare, pairs * repetitions)
    with tempfile.TemporaryDirectory(prefix="clonebox-bench-", dir="/var/tmp") as name:
        origin, _ = _ground(Path(name), 100)
        layer = Origin(How.LAYER, origin.path, "qcow2", origin.virtual_bytes, 0)
        create = ("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", origin.path)
        yield _figure("fork's disk as a layer", Path(name), layer, create, 5 * repetitions)


def _ground(folder: Path, size_mib: int) -> tuple[Origin, Sequence[str]]:
    """A layer that holds `size_mib` in its snapshot `first`, nine tenths of it written over since."""
    base, disk = folder / "base.qcow2", folder / "disk.qcow2"
    _run("qemu-img", "create", "-q", "-f", "qcow2", base, "8G")
    _run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", base, disk, "8G")
    _run("qemu-io", "-c", f"write -P 2 100M {size_mib}M", disk)
    _run("qemu-img", "snapshot", "-c", "first", disk)
    _run("qemu-io", "-c", f"write -P 3 200M {size_mib * 9 // 10}M", disk)
    origin = Origin(
        How.COPY,
        str(disk),
        "qcow2",
        8 << 30,
        size_mib << 20,
        snapshot="first",
        base=str(base),
        base_format="qcow2",
    )
    stands_on = ("-B", str(base), "-F", "qcow2")
    return origin, ("qemu-img", "convert", "-U", "-l", "first", "-O", "qcow2", *stands_on, str(disk))


def _figure(name: str, folder: Path, origin: Origin, bare: Sequence[str], pairs: int) -> Figure:
    target = folder / "fork.qcow2"
    ours: list[Cost] = []
    others: list[Cost] = []
    both: tuple[tuple[list[Cost], Callable[[], None]], ...] = (
        (ours, lambda: asyncio.run(copying.copy_file(origin, target, lambda _line: None))),
        (others, lambda: _run(*bare, target)),
    )
    for number in range(pairs):
        for costs, work in both if number % 2 else reversed(both):
            target.unlink(missing_ok=True)
            began = Cost.so_far()
            work()
            ended = Cost.so_far()
            costs.append(Cost(ended.clock - began.clock, ended.cpu - began.cpu))
    soon, later = (median(each.clock for each in costs) for costs in (ours, others))
    spent, other = (median(each.cpu for each in costs) for costs in (ours, others))
    tool = f"`{' '.join(bare[:2])}`"
    note = f"{pairs} pairs; CPU {spent:.3f} s by {other:.3f}, {spent / other:.2f} ×"
    return Figure(name, "s", soon, later, tool, 1.2, 0.05, note=note)


def _run(*words: str | Path) -> None:
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
