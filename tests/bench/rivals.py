"""Another program of the kind beside the cockpit, with the same machines of the same libvirt daemon.

Only where CLONEBOX_BENCH_RIVAL names the command that starts it: VirtUI Manager, whose keys and file of
connections are known here. Nothing of it is part of this project.
"""

import os
import re
import shlex
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.bench.figures import Figure, median
from tests.bench.keystrokes import presses
from tests.bench.processes import children, cpu_seconds, memory
from tests.bench.terminal import Press, Terminal
from tests.bench.ticks import node_of
from tests.bench.world import World

VARIABLE = "CLONEBOX_BENCH_RIVAL"
FLEETS = (10, 1_000)
_CONFIG = ".config/virtui-manager/config.yaml"
_WORD = b"m0005"
"""The last machine on the rival's first page."""
_NAMES = re.compile(r"\bm\d{4}\b")
_SETTLE_SECONDS = 20.0
"""By then its greetings have gone."""
_WINDOW_SECONDS = 20.0


class Program(NamedTuple):
    """How one of the two is started, and the keys that lead to the next machine, and to quite others."""

    argv: Sequence[str]
    step: Sequence[str]
    leap: Sequence[str]


class Life(NamedTuple):
    """What a program did for a while on a screen on which nothing changes, and at some keys."""

    visible: int
    bytes_per_second: float
    cores: float
    resident_mib: float
    alone_mib: float
    """Without the worker."""
    steps: Sequence[Press]
    leaps: Sequence[Press]
    exit_seconds: float


def measure(repetitions: int) -> Iterator[Figure]:
    """At a few machines and at many."""
    command = shlex.split(os.environ.get(VARIABLE, ""))
    if not command:
        sys.stderr.write(f"rival: left out, {VARIABLE} names no command\n")
        return
    rival = Program(command, ("tab",), ("right", "left"))
    for machines in FLEETS:
        with tempfile.NamedTemporaryFile("w", prefix="cbb-", suffix=".xml", dir="/tmp") as node:
            node.write(node_of(machines))
            node.flush()
            address = f"test+unix://{node.name}"
            with World(connection=address) as world:
                config = world.root / _CONFIG
                config.parent.mkdir(parents=True)
                config.write_text(f"servers: [{{name: bench, uri: '{address}', autoconnect: true}}]\n")
                yield from _beside(world, rival, machines, repetitions)


def _beside(world: World, rival: Program, machines: int, repetitions: int) -> Iterator[Figure]:
    ours = Program(world.cockpit, ("down", "up"), ("end", "home"))
    of, name = f"{machines} mock machines", Path(rival.argv[0]).name
    worker = world.start_worker()
    pairs = [(_start(world, ours), _start(world, rival)) for _ in range(repetitions + 1)][1:]
    mine, its = _live(world, ours, worker), _live(world, rival)
    world.stop_worker()
    warm, other = (median(pair[side] for pair in pairs) for side in (0, 1))
    cold = median(_cold_start(world, ours) for _ in range(repetitions))
    yield Figure(f"start, warm worker, {of}", "CPU s", warm, other, name, 1)
    yield Figure(f"start, cold worker, {of}", "CPU s", cold, other, name, 1)
    yield from _keys(f"next machine, {of}", mine.steps, its.steps, name)
    yield from _keys(f"other machines, {of}", mine.leaps, its.leaps, name)
    yield from _rest(of, mine, its, name)


def _keys(what: str, ours: Sequence[Press], others: Sequence[Press], name: str) -> Iterator[Figure]:
    soon, later = (median(press.first_ms for press in each) for each in (ours, others))
    yield Figure(f"{what}: first changed cell", "ms", soon, later, name, 1)
    few, many = (median(press.bytes / 1000 for press in each) for each in (ours, others))
    yield Figure(f"{what}: bytes", "KB", few, many, name, 1)


def _rest(of: str, mine: Life, its: Life, name: str) -> Iterator[Figure]:
    few, many = (each.bytes_per_second / 1000 for each in (mine, its))
    yield Figure(f"idle, {of}: bytes", "KB/s", few, many, name, 1)
    spent, other = (each.cores * 100 for each in (mine, its))
    yield Figure(f"idle, {of}: CPU, worker included", "% of a core", spent, other, name)
    yield Figure(f"memory, {of}: RSS, worker included", "MiB", mine.resident_mib, its.resident_mib, name,
                 note=f"front end alone {mine.alone_mib:.1f} MiB")  # fmt: skip
    yield Figure(f"visible at 120×40, {of}", "machines", mine.visible, its.visible, name)
    yield Figure(f"exit, {of}", "s", mine.exit_seconds, its.exit_seconds, name, 1)


def _tree_seconds(pid: int) -> float:
    return cpu_seconds(pid) + sum(map(cpu_seconds, children(pid)))


def _start(world: World, program: Program) -> float:
    """CPU seconds until the machines stand there."""
    with Terminal(program.argv, world.environment, probe=_tree_seconds) as terminal:
        terminal.wait_for_word(_WORD)
        spent = terminal.spent_at_word
        terminal.wait_quiet(0.5, 5)
        terminal.leave()
    return spent


def _cold_start(world: World, program: Program) -> float:
    """The same with the worker that had to be started, which is ended again."""

    def spent(pid: int) -> float:
        worker = world.worker_pid
        return cpu_seconds(pid) + (cpu_seconds(worker) if worker else 0.0)

    with Terminal(program.argv, world.environment, probe=spent) as terminal:
        terminal.wait_for_word(_WORD)
        took = terminal.spent_at_word
        terminal.wait_quiet(0.5, 5)
        terminal.leave()
    world.stop_worker()
    return took


def _live(world: World, program: Program, *others: int) -> Life:
    """`others`: processes that work for the program besides its own."""
    with Terminal(program.argv, world.environment) as terminal:
        terminal.wait_for_word(_WORD)
        time.sleep(_SETTLE_SECONDS)
        visible = len(set(_NAMES.findall(terminal.text)))
        pids = (terminal.pid, *others)
        at, written, spent = time.perf_counter(), terminal.bytes_written, sum(map(_tree_seconds, pids))
        time.sleep(_WINDOW_SECONDS)
        passed = time.perf_counter() - at
        cores = (sum(map(_tree_seconds, pids)) - spent) / passed
        rate = (terminal.bytes_written - written) / passed
        steps = presses(terminal, program.step, 10)
        leaps = presses(terminal, program.leap, 5)
        alone, *more = (memory(pid)["Rss"] / 2**20 for pid in pids)
        return Life(visible, rate, cores, alone + sum(more), alone, steps, leaps, terminal.leave())
