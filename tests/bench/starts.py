"""From the command to a usable machine list, in CPU seconds beside an empty Textual app, in turn."""

from collections.abc import Iterator

from tests.bench.figures import Figure, median
from tests.bench.keystrokes import presses
from tests.bench.processes import cpu_seconds, memory
from tests.bench.terminal import Press, Terminal
from tests.bench.world import EMPTY, EMPTY_WORD, FIRST_NAME, TABLE, TABLE_WORD, World

FLEETS = (1, 12, 100, 1_000, 5_000)
_SETTLE_SECONDS = 1.5


def _first_word(machines: int) -> bytes:
    return FIRST_NAME if machines > 5 else b"web-dev"


def empty_start(world: World, command: tuple[str, ...] = EMPTY, word: bytes = EMPTY_WORD) -> float:
    """CPU seconds of the empty app (or another) until its word stands there."""
    with Terminal(command, world.environment, probe=cpu_seconds) as terminal:
        terminal.wait_for_word(word)
        spent = terminal.spent_at_word
        terminal.wait_quiet(0.2, 2)
        terminal.leave()
    return spent


def cockpit_start(world: World, machines: int, cold: bool) -> float:
    """CPU seconds of the cockpit, and of the worker it had to start, until the list stands there."""

    def spent_by_both(pid: int) -> float:
        worker = world.worker_pid if cold else None
        return cpu_seconds(pid) + (cpu_seconds(worker) if worker else 0.0)

    with Terminal(world.cockpit, world.environment, probe=spent_by_both) as terminal:
        terminal.wait_for_word(_first_word(machines))
        spent = terminal.spent_at_word
        terminal.wait_quiet(0.2, 2)
        terminal.leave()
    return spent


def measure(repetitions: int) -> Iterator[Figure]:
    """Warm at every size, then cold."""
    for machines in FLEETS:
        with World(machines) as world:
            world.start_worker()
            empty_start(world), cockpit_start(world, machines, False)  # files are read, byte code is made
            pairs = [(cockpit_start(world, machines, False), empty_start(world)) for _ in range(repetitions)]
        yield _figure(f"start, warm worker, {machines} machines", pairs, 1.3)
    yield cold(repetitions)


def measure_table(repetitions: int) -> Iterator[Figure]:
    """5 000 machines beside a bare DataTable of as many rows: to the list, and a cursor key."""
    with World(5_000) as world:
        world.start_worker()
        pairs = [
            (cockpit_start(world, 5_000, False), empty_start(world, TABLE, TABLE_WORD))
            for _ in range(repetitions)
        ]
        ours, other = (median(each[side] for each in pairs) for side in (0, 1))
        yield Figure("start, 5000 machines", "CPU s", ours, other, "bare DataTable", 1.0)
        pressed = [_presses(world, command) for command in (world.cockpit, TABLE)]
    mine, its = (median(press.first_ms for press in each) for each in pressed)
    yield Figure("cursor key, 5000 machines: first changed cell", "ms", mine, its, "bare DataTable")
    mine, its = (median(press.bytes / 1000 for press in each) for each in pressed)
    yield Figure("cursor key, 5000 machines: bytes", "KB", mine, its, "bare DataTable")


def _presses(world: World, command: tuple[str, ...]) -> list[Press]:
    with Terminal(command, world.environment) as terminal:
        terminal.wait_for_word(TABLE_WORD if command is TABLE else FIRST_NAME)
        terminal.wait_quiet(1.5, 6)
        found = presses(terminal, ("down", "up"), 5)
        terminal.leave()
    return found


def cold(repetitions: int) -> Figure:
    """A worker has to be started first; its CPU counts."""
    pairs = []
    with World(12) as world:
        for _ in range(repetitions):
            world.stop_worker()
            pairs.append((cockpit_start(world, 12, True), empty_start(world)))
    return _figure("start, cold worker, 12 machines", pairs, 2.0)


def _figure(name: str, pairs: list[tuple[float, float]], budget: float) -> Figure:
    ours, other = (median(each[side] for each in pairs) for side in (0, 1))
    return Figure(name, "CPU s", ours, other, "empty app", budget)


def measure_memory(repetitions: int) -> Iterator[Figure]:
    """The front end's own memory with a large fleet on screen."""
    for machines in (12, 5_000):
        with World(machines) as world:
            world.start_worker()
            ours = [_memory(world, world.cockpit, _first_word(machines)) for _ in range(repetitions)]
            other = [_memory(world, EMPTY, EMPTY_WORD) for _ in range(repetitions)]
        for kind in ("Rss", "Pss"):
            yield Figure(
                f"memory, {kind.upper()}, {machines} machines", "MiB",
                median(each[kind] / 2**20 for each in ours), median(each[kind] / 2**20 for each in other),
                "empty app", 1.3 if kind == "Rss" else None,
            )  # fmt: skip


def _memory(world: World, argv: tuple[str, ...], word: bytes) -> dict[str, int]:
    with Terminal(argv, world.environment) as terminal:
        terminal.wait_for_word(word)
        # A while of living: what is read later (details, history, logs) counts as well.
        terminal.wait_quiet(10, _SETTLE_SECONDS)
        found = memory(terminal.pid)
        terminal.leave()
    return found


def measure_exit(repetitions: int) -> Iterator[Figure]:
    """From `q` to the end of the process."""
    with World(12) as world:
        world.start_worker()
        ours = [_exit(world, world.cockpit, FIRST_NAME) for _ in range(repetitions)]
        other = [_exit(world, EMPTY, EMPTY_WORD) for _ in range(repetitions)]
    yield Figure("exit", "s", median(ours), None, "", 0.2, note=f"empty app {median(other):.3f} s")


def _exit(world: World, argv: tuple[str, ...], word: bytes) -> float:
    with Terminal(argv, world.environment) as terminal:
        terminal.wait_for_word(word)
        terminal.wait_quiet(0.3, 2)
        return terminal.leave()
