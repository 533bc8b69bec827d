"""Plans: what an act will do, shown before it is done."""

import msgspec


class PlanStep(msgspec.Struct, frozen=True, omit_defaults=True):
    """One step of a plan: the exact call, and the equivalent line a person could type."""

    name: str
    title: str
    call: str = ""
    equivalent: str = ""


class Plan(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a person confirms. `fingerprint` stands for the world it was made in: the act is refused
    (`plan-stale`) when the world is another by then."""

    act: str
    title: str
    steps: tuple[PlanStep, ...]
    fingerprint: str
    machine: str = ""
    name: str = ""
    bytes_needed: int = 0
    downtime_seconds: float | None = None
    """None: the machine is not interrupted."""
    destructive: bool = False
    """Front ends ask, with Cancel focused."""
    reversible: bool = True
    undo: str = ""
    """How it can be undone, or why it cannot."""
    confirm: str = ""
    """Text that must be typed to go on; empty: a yes is enough."""
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_cheap(self) -> bool:
        """Whether it loses nothing, takes no room and holds nothing up, and so needs no question: a start."""
        costs = self.bytes_needed or self.downtime_seconds
        return not (self.destructive or self.confirm or self.warnings or costs)
