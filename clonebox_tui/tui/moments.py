"""What the snapshot tree's actions do beyond taking, restoring and deleting: forks first of all."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from clonebox_tui.model.acts import Act, ForkMachine

if TYPE_CHECKING:
    from clonebox_tui.tui.screens.cockpit import Cockpit

Perform = Callable[[Act], Awaitable[None]]
"""Plan an act, ask where it matters, run it."""


async def fork(cockpit: "Cockpit", perform: Perform, *, from_tree: bool) -> None:
    """Ask for a name, and fork the snapshot under the cursor, or the selected machine as it is."""
    from clonebox_tui.tui.screens.fork import ForkScreen

    session = cockpit.session
    machine, snapshot = session.machine, cockpit.snapshot_tree.snapshot if from_tree else None
    if machine is None:
        return
    taken = {each.name for each in session.machines.values()}
    screen = ForkScreen(machine, snapshot.name if snapshot else "", taken)
    act: ForkMachine | None = await cockpit.app.push_screen_wait(screen)
    if act is not None:
        await perform(act)
