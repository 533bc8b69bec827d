"""Snapshots of a simulated machine: some from before the demo began, and what can be done with them."""

from collections.abc import Callable

import msgspec

from clonebox_tui.model.machine import State
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.snapshot import Snapshot
from clonebox_tui.providers.simulated.machine import Moment, SimulatedMachine

_MEBIBYTE = 1024**2
_HOUR = 3600.0
_NAMES = ("before-upgrade", "experiment", "known-good", "after-migration", "try-php8", "friday", "clean-db")


def moments_of(machine: SimulatedMachine, now: float) -> dict[str, Moment]:
    """The machine's snapshots by name, made up when first asked for."""
    if machine.kept_moments is None:
        machine.kept_moments = {} if machine.spec else _past(machine, now)
    return machine.kept_moments


def _past(machine: SimulatedMachine, now: float) -> dict[str, Moment]:
    chance = machine.chance("snapshots")
    if machine.name == "web-dev":
        shape = [("base", ""), ("before-upgrade", "base"), ("experiment", "before-upgrade")]
        current = "before-upgrade"
    else:
        names = ["base", *chance.sample(_NAMES, chance.randrange(4))][: 1 + chance.randrange(5)]
        shape = [(name, chance.choice(names[:at]) if at else "") for at, name in enumerate(names)]
        current = chance.choice(names)
    step = 48 * _HOUR / len(shape)
    found: dict[str, Moment] = {}
    for at, (name, parent) in enumerate(shape):
        made = now - 48 * _HOUR + at * step + chance.uniform(0, step / 2)
        size = chance.randrange(12, 1200) * _MEBIBYTE
        note = "as installed" if name == "base" else ""
        snapshot = Snapshot(name, made, parent, note, name == current, at > 0, size_bytes=size)
        found[name] = Moment(snapshot, dict(machine.files), running=at > 0)
    return found


def take(
    machine: SimulatedMachine, now: float, name: str, description: str, memory: bool, safety: bool
) -> None:
    """Keep the present state under a name; NAME_TAKEN."""
    kept = moments_of(machine, now)
    if name in kept:
        raise problem(
            Code.NAME_TAKEN,
            f"{machine.name} already has a snapshot {name}.",
            next="Choose another name, or delete that snapshot first.",
        )
    running = machine.state in (State.RUNNING, State.PAUSED)
    parent = next((each for each, moment in kept.items() if moment.snapshot.current), "")
    _point(kept, lambda _snapshot: False)
    size = machine.memory_bytes // 6 if running and memory else 3 * _MEBIBYTE
    kept[name] = Moment(
        Snapshot(
            name=name, created_at=now, parent=parent, description=description, current=True,
            memory=running and memory, safety=safety, size_bytes=size,
        ),
        dict(machine.files),
        running=running and memory,
    )  # fmt: skip


def find(machine: SimulatedMachine, now: float, name: str) -> Moment:
    """The snapshot of that name; SNAPSHOT_NOT_FOUND."""
    moment = moments_of(machine, now).get(name)
    if moment is None:
        raise problem(
            Code.SNAPSHOT_NOT_FOUND,
            f"{machine.name} has no snapshot {name}.",
            next=f"List them: `clonebox-tui snapshot list {machine.name}`.",
        )
    return moment


def go_back(machine: SimulatedMachine, now: float, name: str) -> Moment:
    """Bring the files back; whether it then runs is the caller's to do."""
    moment = find(machine, now, name)
    machine.kept_files = dict(moment.files)
    _point(moments_of(machine, now), lambda snapshot: snapshot.name == name)
    return moment


def remove(machine: SimulatedMachine, now: float, name: str, children: bool) -> None:
    """Delete a snapshot; what hangs below it moves up, unless `children` go too."""
    kept = moments_of(machine, now)
    removed = find(machine, now, name).snapshot
    gone = {name}
    if children:
        for moment in sorted(kept.values(), key=lambda each: each.snapshot.created_at):
            if moment.snapshot.parent in gone:
                gone.add(moment.snapshot.name)
    was_current = any(kept[each].snapshot.current for each in gone)
    for each in gone:
        del kept[each]
    for moment in kept.values():
        if moment.snapshot.parent == name:
            moment.snapshot = msgspec.structs.replace(moment.snapshot, parent=removed.parent)
    if was_current:
        _point(kept, lambda snapshot: snapshot.name == removed.parent)


def _point(kept: dict[str, Moment], is_current: Callable[[Snapshot], bool]) -> None:
    for moment in kept.values():
        moment.snapshot = msgspec.structs.replace(moment.snapshot, current=is_current(moment.snapshot))
