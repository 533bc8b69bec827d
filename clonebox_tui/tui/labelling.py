"""Writes tags, group and note on what is selected or marked: by the dialog, or by what was typed."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from clonebox_tui.model.acts import LabelMachine
from clonebox_tui.model.labels import Labels, fault, tidy

if TYPE_CHECKING:
    from clonebox_tui.tui.screens.cockpit import Cockpit

Change = Callable[[Labels], Labels]


class Labelling:
    """What it changes can be changed back, so one machine is written on without a question."""

    def __init__(self, cockpit: "Cockpit") -> None:
        self._cockpit = cockpit

    def edit(self, field: str) -> None:
        """Open the dialog on the targets, at `tags`, `group` or `note`."""
        from clonebox_tui.tui.screens.labels import LabelsScreen

        targets = self._cockpit.session.targets

        def agreed(change: Change | None) -> None:
            if change is not None:
                with self._cockpit.session.aimed_at(machine.id for machine in targets):
                    self.change(change)

        self._cockpit.app.push_screen(LabelsScreen(targets, field), agreed)

    def change(self, other: Change) -> None:
        """Write what `other` makes of the labels of each target."""
        targets = self._cockpit.session.targets
        acts = {each: LabelMachine(each.id, _tidied(other(each.labels)), each.labels) for each in targets}
        wrong = next(filter(None, (fault(act.labels) for act in acts.values())), "")
        if wrong:
            self._cockpit.face.tell(wrong)
            return
        changing = {machine: act for machine, act in acts.items() if act.labels != act.before}
        if changing:
            self._cockpit.acting.on_each(changing)
        else:
            self._cockpit.face.tell("Nothing changes: it stands there already.")


def _tidied(labels: Labels) -> Labels:
    return tidy(labels.tags, labels.group, labels.note)
