"""What was done, so that it can be taken back: acts with their opposites."""

import msgspec

from clonebox_tui.model.plan import Plan


class Deed(msgspec.Struct, frozen=True):
    """One act that was done. `id` is that of its job."""

    id: str
    title: str
    act: str
    """The act's tag."""
    done_at: float
    """When it was done; UNIX seconds."""
    machine: str = ""
    name: str = ""
    undone: bool = False
    """It was taken back, and can be done again."""
    why_not: str = ""
    """Why it cannot be taken back; empty when it can."""


class Deeds(msgspec.Struct, frozen=True):
    """What was done lately, newest first."""

    deeds: tuple[Deed, ...]


class OnDeed(msgspec.Struct, frozen=True):
    """About one deed, by id or unique prefix; empty: the last one. `redo`: do again what was undone."""

    deed: str = ""
    redo: bool = False


class PlannedUndo(msgspec.Struct, frozen=True):
    """Which deed, and what taking it back (or doing it again) would do."""

    deed: Deed
    plan: Plan


class Undo(msgspec.Struct, frozen=True):
    """Take a deed back, or do it again; refused when the world changed since that plan."""

    deed: str
    redo: bool = False
    fingerprint: str = ""
