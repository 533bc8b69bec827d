"""What a shell waits for when somebody presses tab: names of machines and snapshots, beside a bare Python."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator

from tests.bench.figures import Figure, median
from tests.bench.world import COCKPIT, World

BUDGET_SECONDS = 0.3
_DOWN = "qemu+unix:///system?socket=/nowhere/libvirt-sock"
_BARE = (sys.executable, "-c", "pass")


def spent(argv: tuple[str, ...], environment: dict[str, str]) -> tuple[float, float, str]:
    """Seconds of the clock, seconds of CPU, and what it printed."""
    before = time.perf_counter()
    process = subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = process.stdout.read()
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return time.perf_counter() - before, usage.ru_utime + usage.ru_stime, said


def completing(world: World, line: str) -> dict[str, str]:
    """The environment in which bash asks for the last word of `line`."""
    place = str(len(line.split(" ")) - 1)
    asked = {"_CLONEBOX_TUI_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": place}
    return {**world.environment, **asked}


def measure(repetitions: int) -> Iterator[Figure]:
    """Of a simulated fleet, and of a worker whose libvirtd is down."""
    with World(12) as world:
        world.start_worker()
        before = f"clonebox-tui --demo --connect {world.simulated}"
        for what, line, expected in (
            ("a machine", f"{before} start we", "web-dev"),
            ("a snapshot", f"{before} snapshot restore web-dev be", "before-upgrade"),
        ):
            yield from _figures(f"completion of {what}", world, line, expected, repetitions)
    with World(12) as world:
        _worker_without_libvirtd(world)
        yield from _figures("completion, libvirtd down", world, "clonebox-tui start we", "", repetitions)
        subprocess.run([*COCKPIT, "worker", "stop", "--force"], env=world.environment, check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip


def _worker_without_libvirtd(world: World) -> None:
    argv = [*COCKPIT, "--connect", _DOWN, "worker", "run"]
    subprocess.Popen(argv, env=world.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    # It answers once it has tried, and found nobody.
    subprocess.run([*COCKPIT, "list"], env=world.environment, check=False, capture_output=True)


def _figures(what: str, world: World, line: str, expected: str, repetitions: int) -> Iterator[Figure]:
    environment = completing(world, line)
    spent(COCKPIT, environment), spent(_BARE, environment)  # files are read, byte code is made
    ours = [spent(COCKPIT, environment) for _ in range(repetitions)]
    bare = [spent(_BARE, environment) for _ in range(repetitions)]
    assert all(expected in said for _, _, said in ours), ours
    wall, cpu = (median(each[side] for each in ours) for side in (0, 1))
    bare_wall, bare_cpu = (median(each[side] for each in bare) for side in (0, 1))
    yield Figure(what, "s", wall, None, "", BUDGET_SECONDS, note=f"bare Python {bare_wall:.3f} s")
    yield Figure(f"{what}, CPU", "CPU s", cpu, bare_cpu, "bare Python", None)
