"""The cockpit's parts that its first picture does not need: each is imported and made when first asked for.

What they are made of (rows of the protocol, dialogs, emulators) comes with them, so a module that only a part
needs is imported by that part and never by `screens/cockpit.py`: tests/architecture counts what is loaded.
"""

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clonebox_tui.tui.acting import Acting
    from clonebox_tui.tui.arranging import Arranging
    from clonebox_tui.tui.following import Following
    from clonebox_tui.tui.labelling import Labelling
    from clonebox_tui.tui.log_reading import LogReading
    from clonebox_tui.tui.prompts import Prompts
    from clonebox_tui.tui.screens.cockpit import Cockpit
    from clonebox_tui.tui.widgets.details import Details
    from clonebox_tui.tui.widgets.log_tail import LogTail
    from clonebox_tui.tui.widgets.snapshot_tree import SnapshotTree


def _acting(cockpit: "Cockpit") -> "Acting":
    from clonebox_tui.tui.acting import Acting

    return Acting(cockpit)


def _arranging(cockpit: "Cockpit") -> "Arranging":
    from clonebox_tui.tui.arranging import Arranging

    return Arranging(cockpit)


def _labelling(cockpit: "Cockpit") -> "Labelling":
    from clonebox_tui.tui.labelling import Labelling

    return Labelling(cockpit)


def _prompts(cockpit: "Cockpit") -> "Prompts":
    from clonebox_tui.tui.prompts import Prompts

    return Prompts(cockpit)


def _log_reading(cockpit: "Cockpit") -> "LogReading":
    from clonebox_tui.tui.log_reading import LogReading

    return LogReading(cockpit)


def _following(cockpit: "Cockpit") -> "Following":
    from clonebox_tui.tui.following import Following

    return Following(cockpit.session, cockpit.log_tail, cockpit.details_changed)


def _details(cockpit: "Cockpit") -> "Details":
    from clonebox_tui.tui.widgets.details import Details

    return Details(cockpit.session, cockpit.glyphs, id="details")


def _snapshot_tree(cockpit: "Cockpit") -> "SnapshotTree":
    from clonebox_tui.tui.widgets.snapshot_tree import SnapshotTree

    return SnapshotTree(cockpit.session, cockpit.glyphs, id="snapshots")


def _log_tail(cockpit: "Cockpit") -> "LogTail":
    from clonebox_tui.tui.widgets.log_tail import LogTail

    return LogTail("Log", cockpit.glyphs.ascii, id="log")


class LateParts:
    """What the cockpit is besides a list with a header and a footer."""

    acting: "cached_property[Acting]" = cached_property(_acting)
    arranging: "cached_property[Arranging]" = cached_property(_arranging)
    labelling: "cached_property[Labelling]" = cached_property(_labelling)
    prompts: "cached_property[Prompts]" = cached_property(_prompts)
    log_reading: "cached_property[LogReading]" = cached_property(_log_reading)
    following: "cached_property[Following]" = cached_property(_following)
    details: "cached_property[Details]" = cached_property(_details)
    snapshot_tree: "cached_property[SnapshotTree]" = cached_property(_snapshot_tree)
    log_tail: "cached_property[LogTail]" = cached_property(_log_tail)
