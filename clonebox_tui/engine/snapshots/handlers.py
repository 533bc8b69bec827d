"""The handlers of all acts on snapshots."""

import time
from collections.abc import Callable

from clonebox_tui.engine.act import Handlers
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.snapshots.create import Create
from clonebox_tui.engine.snapshots.delete import Delete
from clonebox_tui.engine.snapshots.hidden import Hidden
from clonebox_tui.engine.snapshots.recorded import Recorded
from clonebox_tui.engine.snapshots.restore import Restore
from clonebox_tui.engine.snapshots.trash import Trash, Untrash
from clonebox_tui.guest.agent import Agent
from clonebox_tui.model.acts import (
    CreateSnapshot,
    DeleteSnapshot,
    RestoreSnapshot,
    TrashSnapshot,
    UntrashSnapshots,
)
from clonebox_tui.model.places import Places


def snapshots(
    fleet: Fleet,
    agent: Callable[[str], Agent],
    clock: Callable[[], float] = time.time,
    places: Places | None = None,
    hidden: Hidden | None = None,
    recorded: Recorded | None = None,
) -> Handlers:
    """The handlers; `agent` gives the guest agent of a machine's id, `clock` UNIX seconds. Without
    `places` only machines' own disks are asked what they stand on, no image that lies about.
    `hidden` are deleted snapshots; `recorded` is what guests told when theirs were taken."""
    hidden, recorded = hidden or Hidden(clock=clock), recorded or Recorded()
    return {
        CreateSnapshot: Create(fleet, agent, clock, hidden, recorded),
        RestoreSnapshot: Restore(fleet, agent, clock, hidden, recorded),
        DeleteSnapshot: Delete(fleet, agent, clock, places, hidden, recorded),
        TrashSnapshot: Trash(fleet, agent, clock, hidden),
        UntrashSnapshots: Untrash(fleet, agent, clock, hidden),
    }
