"""What may follow a command's name on the cockpit's command line, how it is completed, and what it does."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from clonebox_tui.model.labels import Labels, retagged
from clonebox_tui.model.resolve import resolve
from clonebox_tui.tui.action import Action, Argument
from clonebox_tui.tui.presentation.grouping import Grouping
from clonebox_tui.tui.themes import PREFIX, short

if TYPE_CHECKING:
    from clonebox_tui.tui.screens.cockpit import Cockpit


def _names(cockpit: "Cockpit") -> Sequence[str]:
    return [machine.name for machine in cockpit.session.machines.values()]


def _on_machines(cockpit: "Cockpit", action: Action, words: list[str]) -> None:
    machines = cockpit.session.machines.values()
    with cockpit.session.aimed_at(resolve(word, machines).id for word in words):
        cockpit.run(action)


def _at_machine(cockpit: "Cockpit", action: Action, words: list[str]) -> None:
    """Go to the machine first: what follows is about the one that is shown."""
    cockpit.arranging.go_to(resolve(words[0], cockpit.session.machines.values()).id)
    cockpit.run(action)


def _snapshots(cockpit: "Cockpit") -> Sequence[str]:
    return [each.name for each in cockpit.session.snapshots.get(cockpit.session.selected, ())]


def _at_snapshot(cockpit: "Cockpit", action: Action, words: list[str]) -> None:
    if words[0] not in _snapshots(cockpit):
        cockpit.face.tell(f"There is no snapshot “{words[0]}” of this machine.")
        return
    cockpit.panes.focus_pane("snapshots")
    cockpit.snapshot_tree.put_cursor(words[0])
    cockpit.run(action)


def _tags(cockpit: "Cockpit") -> Sequence[str]:
    known = {tag for machine in cockpit.session.machines.values() for tag in machine.tags}
    return [*(f"+{tag}" for tag in sorted(known)), *(f"-{tag}" for tag in sorted(known))]


def _change_tags(cockpit: "Cockpit", action: Action, words: list[str]) -> None:
    cockpit.run_as(action, lambda: cockpit.labelling.change(lambda labels: retagged(labels, words)))


def _groups(cockpit: "Cockpit") -> Sequence[str]:
    return sorted({each.group for each in cockpit.session.machines.values() if each.group})


def _change_group(cockpit: "Cockpit", action: Action, words: list[str]) -> None:
    def other(labels: Labels) -> Labels:
        return Labels(labels.tags, " ".join(words), labels.note)

    cockpit.run_as(action, lambda: cockpit.labelling.change(other))


def _change_note(cockpit: "Cockpit", action: Action, words: list[str]) -> None:
    def other(labels: Labels) -> Labels:
        return Labels(labels.tags, labels.group, " ".join(words))

    cockpit.run_as(action, lambda: cockpit.labelling.change(other))


def _filter(cockpit: "Cockpit", action: Action, words: list[str]) -> None:
    del action
    fault = cockpit.machine_list.set_filter(" ".join(words))
    if fault:
        cockpit.face.tell(f"The filter is {fault}.", "It is taken letter by letter.")


def _filters(cockpit: "Cockpit") -> Sequence[str]:
    tags = [f"tag:{tag[1:]}" for tag in _tags(cockpit) if tag[0] == "+"]
    return [*tags, *(f"group:{group}" for group in _groups(cockpit)), "state:running", "state:off", "host:"]


def _group_by(cockpit: "Cockpit", action: Action, words: list[str]) -> None:
    if words[0] in tuple(Grouping):
        cockpit.run_as(action, lambda: cockpit.arranging.group_by(Grouping(words[0])))
    else:
        cockpit.face.tell(f"Machines are put together by {', '.join(Grouping)}.")


def _themes(cockpit: "Cockpit") -> Sequence[str]:
    return [short(theme.name) for theme in cockpit.face.looks.themes]


def _theme(cockpit: "Cockpit", action: Action, words: list[str]) -> None:
    del action
    if words[0] in _themes(cockpit):
        cockpit.face.choose_theme(PREFIX + words[0])
    else:
        cockpit.face.tell(f"There is no theme {words[0]}.", f"Known: {', '.join(_themes(cockpit))}.")


MACHINES = Argument("[MACHINE…]", _names, _on_machines)
MACHINE = Argument("[MACHINE]", _names, _at_machine, alone=True)
SNAPSHOT = Argument("[SNAPSHOT]", _snapshots, _at_snapshot, alone=True)
TAGS = Argument("+TAG -TAG …", _tags, _change_tags)
GROUP = Argument("NAME", _groups, _change_group)
NOTE = Argument("TEXT", lambda _: (), _change_note)
FILTER = Argument("WORDS", _filters, _filter)
GROUPING = Argument("[BY]", lambda _: tuple(Grouping), _group_by, alone=True)
THEME = Argument("[NAME]", _themes, _theme, alone=True)
