"""What the snapshot tree's actions do beyond taking, restoring and deleting: forks first of all."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from clonebox_tui.model.acts import Act, BisectMachine, ForkMachine, RestorePath, SetSnapshotPolicy
from clonebox_tui.model.machine import Machine
from clonebox_tui.model.rpc import POLICY, OnMachine

if TYPE_CHECKING:
    from clonebox_tui.tui.screens.cockpit import Cockpit
    from clonebox_tui.tui.widgets.snapshot_tree import SnapshotTree

Perform = Callable[[Act], Awaitable[None]]
"""Plan an act, ask where it matters, run it."""


async def fork(cockpit: "Cockpit", perform: Perform, *, from_tree: bool) -> None:
    """Ask for a name, and fork the snapshot under the cursor, or the selected machine as it is."""
    from clonebox_tui.tui.screens.fork import ForkScreen

    session = cockpit.session
    machine = session.machine if from_tree else next(iter(session.targets), None)
    snapshot = cockpit.snapshot_tree.snapshot if from_tree else None
    if machine is None:
        return
    taken = {each.name for each in session.machines.values()}
    screen = ForkScreen(machine, snapshot.name if snapshot else "", taken)
    act: ForkMachine | None = await cockpit.app.push_screen_wait(screen)
    if act is not None:
        await perform(act)


def compare(cockpit: "Cockpit") -> None:
    """The snapshot under the cursor against the marked one, or against the present."""
    from clonebox_tui.tui.screens.difference import DifferenceScreen

    session, tree = cockpit.session, cockpit.snapshot_tree
    machine, here = session.machine, tree.snapshot
    marked = next((each for each in tree.shown_snapshots if each.name == tree.marked), None)
    if machine is None:
        return
    both = sorted((each for each in {here, marked} if each), key=lambda each: (each.created_at, each.name))
    if not both:
        cockpit.face.tell("The cursor is on the present.", "Move to a snapshot to compare it with: j and k.")
        return
    after = both[1].name if len(both) > 1 else ""
    cockpit.app.push_screen(DifferenceScreen(session, machine, both[0].name, after))


def mark(cockpit: "Cockpit") -> None:
    """Mark the snapshot under the cursor to compare others with it; again takes the mark away."""
    tree = cockpit.snapshot_tree
    if tree.snapshot is None:
        cockpit.face.tell("The present needs no mark: d compares with it.")
        return
    tree.toggle_mark()


async def bring_back(
    cockpit: "Cockpit", perform: Perform, machine: Machine, snapshot: str, path: str
) -> None:
    """Ask which file or folder of a snapshot goes where, and bring it."""
    from clonebox_tui.tui.screens.bring_back import BringBackScreen

    act: RestorePath | None = await cockpit.app.push_screen_wait(BringBackScreen(machine, snapshot, path))
    if act is not None:
        await perform(act)


async def bisect(cockpit: "Cockpit", perform: Perform) -> None:
    """Ask for a check, and search between the snapshot under the cursor and the marked one, or now."""
    from clonebox_tui.tui.screens.bisect import BisectScreen

    session, tree = cockpit.session, cockpit.snapshot_tree
    machine, here = session.machine, tree.snapshot
    if machine is None:
        return
    names = frozenset(each.name for each in tree.shown_snapshots)
    screen = BisectScreen(machine, tree.marked or (here.name if here else ""), _later(tree), names)
    act: BisectMachine | None = await cockpit.app.push_screen_wait(screen)
    if act is not None:
        await perform(act)


def _later(tree: "SnapshotTree") -> str:
    """With a mark, the snapshot under the cursor is the bad one."""
    return tree.snapshot.name if tree.marked and tree.snapshot and tree.snapshot.name != tree.marked else ""


async def schedule(cockpit: "Cockpit", perform: Perform) -> None:
    """Ask how often the machine takes snapshots by itself, and which are kept."""
    from clonebox_tui.tui.screens.snapshot_policy import SnapshotPolicyScreen

    machine = cockpit.session.machine
    if machine is None:
        return
    known = await cockpit.session.call(POLICY, OnMachine(machine.id))
    act: SetSnapshotPolicy | None = await cockpit.app.push_screen_wait(SnapshotPolicyScreen(machine, known))
    if act is not None and act.policy != known:
        await perform(act)
