"""What one simulated machine has used since it was started: stands still while paused, restarts with it."""

from dataclasses import dataclass
from random import Random

from clonebox_tui.providers.simulated.curves import SHAPES, Shape

MEBIBYTE = 1024**2
CPU, DISK_READ, DISK_WRITE, NET_RX, NET_TX = range(5)


@dataclass(slots=True)
class Meter:
    """Five counters (see the constants above), each a shape's integral times a scale.

    CPU counts seconds of one vCPU, the others bytes. `offsets` are what the integrals were at the start.
    """

    shape: tuple[int, int, int, int, int]
    scale: tuple[float, float, float, float, float]
    offsets: tuple[float, ...] | None = None
    stopped_at: tuple[float, ...] | None = None
    """The counters while paused."""

    def begin(self, table: tuple[float, ...]) -> None:
        """Count from zero, as of a table of all shapes' integrals."""
        self.offsets = self._raw(table)
        self.stopped_at = None

    def pause(self, table: tuple[float, ...]) -> None:
        """Stand still."""
        self.stopped_at = self.read(table)

    def resume(self, table: tuple[float, ...]) -> None:
        """Go on from where it stood."""
        if self.stopped_at is not None:
            raw = self._raw(table)
            self.offsets = tuple(now - stood for now, stood in zip(raw, self.stopped_at, strict=True))
            self.stopped_at = None

    def read(self, table: tuple[float, ...]) -> tuple[float, ...]:
        """All five counters."""
        if self.stopped_at is not None:
            return self.stopped_at
        offsets = self.offsets or (0.0,) * 5
        return tuple(raw - offset for raw, offset in zip(self._raw(table), offsets, strict=True))

    def read_cpu(self, table: tuple[float, ...]) -> float:
        """Only the CPU's: the one asked for every machine at every tick."""
        if self.stopped_at is not None:
            return self.stopped_at[CPU]
        origin = self.offsets[CPU] if self.offsets else 0.0
        return table[self.shape[CPU]] * self.scale[CPU] - origin

    def _raw(self, table: tuple[float, ...]) -> tuple[float, ...]:
        return tuple(table[index] * scale for index, scale in zip(self.shape, self.scale, strict=True))


def meter(chance: Random, vcpus: int, busy: int | None = None) -> Meter:
    """A meter with a character of its own; `busy` 0–7 chooses how much it does."""
    character = chance.randrange(8) if busy is None else busy
    shape = character + 8 * chance.randrange(SHAPES // 8)
    others = [(shape + 8 * step) % SHAPES for step in (1, 3, 4, 6)]
    write = MEBIBYTE * chance.uniform(0.4, 12)
    receive = MEBIBYTE * chance.uniform(0.05, 4)
    scales = (
        float(vcpus), write * chance.uniform(0.2, 3), write, receive, receive * chance.uniform(0.3, 6),
    )  # fmt: skip
    return Meter((shape, others[0], others[1], others[2], others[3]), scales)


def integrals(every: tuple[Shape, ...], at: float) -> tuple[float, ...]:
    """The integral of each shape at a moment: made once a tick, shared by all machines."""
    return tuple(shape.integral(at) for shape in every)
