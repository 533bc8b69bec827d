"""What a person does to the machine list itself: marks, groups, and where it stands in both."""

from typing import TYPE_CHECKING

from clonebox_tui.tui.presentation.grouping import Grouping, next_grouping

if TYPE_CHECKING:
    from clonebox_tui.tui.screens.cockpit import Cockpit


class Arranging:
    """Marks are the session's, groups the list's."""

    def __init__(self, cockpit: "Cockpit") -> None:
        self._cockpit = cockpit

    def toggle_mark(self) -> None:
        """Mark the machine under the cursor, and go on to the next."""
        self._cockpit.session.marked ^= {self._cockpit.session.selected}
        self._cockpit.machine_list.action_move(1)
        self._marked()

    def invert_marks(self) -> None:
        """Of what is shown, mark what is not marked and the other way round."""
        self._cockpit.session.marked ^= set(self._cockpit.machine_list.machine_rows)
        self._marked()

    def clear_marks(self) -> bool:
        """Tells whether there were any."""
        if not self._cockpit.session.marked:
            return False
        self._cockpit.session.marked.clear()
        self._marked()
        return True

    def _marked(self) -> None:
        self._cockpit.machine_list.refresh()
        self._cockpit.update_bars()

    def next_grouping(self) -> None:
        """By group, by tag, by host, by state, by nothing."""
        self.group_by(next_grouping(self._cockpit.machine_list.grouping))

    def group_by(self, grouping: Grouping) -> None:
        """Put machines together; the cursor stays on its machine."""
        self._cockpit.machine_list.group_by(grouping)
        self._cockpit.panes.focus_pane("machines")

    def go_to(self, machine: str) -> None:
        """Put the cursor on a machine, and take the filter away where it hides it."""
        listed = self._cockpit.machine_list
        if machine not in listed.places:
            listed.set_filter("")
        listed.put_cursor(machine)
