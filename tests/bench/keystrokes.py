"""From a key to the first changed cell, and the bytes it costs, pressed between the ticks of a live fleet."""

import asyncio
import time
from collections.abc import Iterator, Sequence

from clonebox_tui.client import Client
from clonebox_tui.model.acts import CreateSnapshot
from clonebox_tui.model.rpc import FLEET, SNAPSHOTS, Nothing, OnMachine
from tests.bench.figures import Figure, median
from tests.bench.terminal import Press, Terminal
from tests.bench.world import FIRST_NAME, World

_SNAPSHOTS = 200
_FOLLOWED_SECONDS = 0.5
"""By then the other panes have followed the cursor (150 ms after it rested)."""


def measure(repetitions: int) -> Iterator[Figure]:
    """A cursor key, a key that scrolls by one, and one that goes to the other end."""
    for machines in (12, 5_000):
        with World(machines) as world:
            world.start_worker()
            with Terminal(world.cockpit, world.environment) as terminal:
                terminal.wait_for_word(FIRST_NAME)
                terminal.wait_quiet(1.5, 4)
                yield from _cursor(terminal, machines, repetitions)
                if machines > 100:
                    yield from _scrolling(terminal, machines, repetitions)
                terminal.leave()
    yield from _measure_tree(repetitions)


def presses(terminal: Terminal, keys: Sequence[str], count: int) -> list[Press]:
    """Each key in turn, `count` times over, out of silence and between two ticks."""
    found: list[Press] = []
    for number in range(count * len(keys)):
        _between_ticks()
        # 60 ms of silence end the answer: the panes that follow are counted apart.
        press = terminal.press(keys[number % len(keys)], quiet=0.06)
        if press is not None:
            found.append(press)
        terminal.wait_quiet(_FOLLOWED_SECONDS, 3)
    if not found:
        raise AssertionError(f"{keys} changed nothing:\n{terminal.text}")
    return found


def _between_ticks() -> None:
    """Ticks come at whole seconds and are drawn by then; 150 ms after the key the panes follow."""
    time.sleep((0.35 - time.time()) % 1.0)


def _figures(name: str, pressed: Sequence[Press], ms: float, kilobytes: float) -> Iterator[Figure]:
    yield Figure(f"{name}: first changed cell", "ms", median(each.first_ms for each in pressed), budget=ms)
    yield Figure(f"{name}: bytes", "KB", median(each.bytes / 1000 for each in pressed), budget=kilobytes)


def _cursor(terminal: Terminal, machines: int, repetitions: int) -> Iterator[Figure]:
    pressed = presses(terminal, ("down", "up"), 2 * repetitions)
    yield from _figures(f"cursor key, {machines} machines", pressed, 10, 0.6)


def _measure_tree(repetitions: int) -> Iterator[Figure]:
    """The same keys in the tree of a machine with two hundred snapshots in one chain."""
    with World(12) as world:
        world.start_worker()
        asyncio.run(_take(world, FIRST_NAME.decode(), _SNAPSHOTS))
        with Terminal(world.cockpit, world.environment) as terminal:
            terminal.wait_for_word(FIRST_NAME)
            terminal.wait_quiet(1.5, 4)
            terminal.send("p")
            terminal.wait_quiet(1.0, 4)
            name = f"in a tree of {_SNAPSHOTS} snapshots"
            pressed = presses(terminal, ("up", "down"), 2 * repetitions)
            yield from _figures(f"cursor key {name}", pressed, 10, 0.6)
            pressed = presses(terminal, ("home", "end"), repetitions)
            yield from _figures(f"home and end {name}", pressed, 20, 6)
            terminal.leave()


async def _take(world: World, name: str, wanted: int) -> None:
    client = await Client.connect(world.places, demo=True)
    try:
        machines = (await client.call(FLEET, Nothing())).machines
        id = next(each.id for each in machines if each.name == name)
        known = len((await client.call(SNAPSHOTS, OnMachine(id))).snapshots)
        for number in range(known, wanted):
            job = await client.run(CreateSnapshot(id, f"taken-{number:03}"))
            await client.wait(job.id)
    finally:
        await client.close()


def _scrolling(terminal: Terminal, machines: int, repetitions: int) -> Iterator[Figure]:
    pressed = presses(terminal, ("end", "home"), repetitions)
    yield from _figures(f"home and end, {machines} machines", pressed, 20, 6)
    keys = (*("pagedown",) * 4, *("pageup",) * 4)
    pressed = presses(terminal, keys, max(1, repetitions // 2))
    yield from _figures(f"half a page, {machines} machines", pressed, 20, 6)
    terminal.send("home")
    for _ in range(34):
        terminal.send("down")
        terminal.wait_quiet(0.02, 0.1)
    terminal.wait_quiet(0.5, 3)
    pressed = presses(terminal, ("down",), 2 * repetitions)
    yield from _figures(f"a key that scrolls by one, {machines} machines", pressed, 20, 6)
