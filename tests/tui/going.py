"""Puts the cockpit's cursor on a machine by keys, and says where it stands."""

from tests.tui.conftest import face_of, settled
from tests.tui.fake_fleet import FLEET

BY_NAME = {machine.name: machine.id for machine in FLEET}
ORDER = sorted(BY_NAME, key=str.lower)


async def go_to(pilot, name: str) -> None:
    """Put the cursor on a machine by keys."""
    await pilot.press("g", *["j"] * ORDER.index(name))
    await settled(pilot)


def selected(pilot) -> str:
    machine = face_of(pilot).session.machine
    return machine.name if machine else ""
