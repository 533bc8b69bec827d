"""What is typed at the bottom of the cockpit: filter, search, command line; and palette, help, jump."""

from typing import TYPE_CHECKING

from clonebox_tui.model.problem import ProblemError
from clonebox_tui.tui.command_line import CommandLine
from clonebox_tui.tui.pane_layout import PANES

if TYPE_CHECKING:
    from clonebox_tui.tui.screens.cockpit import Cockpit
    from clonebox_tui.tui.screens.jump import Place
    from clonebox_tui.tui.widgets.prompt_line import Asked


class Prompts:
    """One line at a time; it is made when it is first wanted."""

    def __init__(self, cockpit: "Cockpit") -> None:
        self._cockpit = cockpit
        self._commands = CommandLine(cockpit)
        self.asked_from = "machines"
        """The pane to come back to."""

    def filter_or_search(self) -> None:
        """In the log: search it; among snapshots: filter them. Anywhere else: filter the machines."""
        from clonebox_tui.tui.widgets.prompt_line import Asked

        log, tree, machines = self._cockpit.log_tail, self._cockpit.snapshot_tree, self._cockpit.machine_list
        pane = self._cockpit.panes.pane
        if pane == "log":
            self.ask(Asked("search", "/", log.search_text, log.set_search))
        elif pane == "snapshots":
            self.ask(Asked("snapshot-filter", "/", tree.filter_text, tree.set_filter))
        else:
            self.ask(Asked("filter", "/", machines.filter_text, machines.set_filter))

    def command_line(self) -> None:
        """`:`"""
        from clonebox_tui.tui.widgets.prompt_line import Asked

        line = self._commands
        self.ask(Asked("command", ":", "", line.hint, line.complete, tuple(line.lines)))

    def run_command(self, text: str) -> None:
        """Run what was typed after `:`."""
        try:
            self._commands.run(text)
        except ProblemError as error:
            self._cockpit.face.tell_problem(error.problem)

    def palette(self) -> None:
        """Every action, found by typing parts of its title."""
        self._cockpit.app.action_command_palette()

    def help(self) -> None:
        """Every key that works here."""
        from clonebox_tui.tui.key_lists import cockpit_keys
        from clonebox_tui.tui.screens.help import HelpScreen

        self._cockpit.app.push_screen(HelpScreen(cockpit_keys(self._cockpit.session, self._cockpit.keys())))

    def jump(self) -> None:
        """Letters over what is in view; those typed are gone to."""
        from clonebox_tui.tui.screens.jump import JumpScreen

        self._cockpit.app.push_screen(JumpScreen(self._places()), self._jump_to)

    def _places(self) -> list["Place"]:
        from clonebox_tui.tui.screens.jump import Place

        cockpit, places = self._cockpit, []
        for number, pane in enumerate(PANES, 1):
            region = cockpit.query_one(f"#{pane}").region
            places.append(Place(pane, (region.x + 1, region.y) if region.size else None, digit=str(number)))
        for view in (cockpit.machine_list, cockpit.snapshot_tree):
            corner = view.content_region
            for y, row in enumerate(view.rows_in_view):
                if view.selectable(row) and view.region.size:
                    places.append(Place(view.id or "", (corner.x, corner.y + y), row))
        return places

    def _jump_to(self, place: "Place | None") -> None:
        if place is None:
            return
        self._cockpit.panes.focus_pane(place.pane)
        if place.row:
            view = self._cockpit.machine_list if place.pane == "machines" else self._cockpit.snapshot_tree
            view.put_cursor(place.row)

    def ask(self, asked: "Asked") -> None:
        """Put a line at the bottom, unless there is one."""
        from clonebox_tui.tui.widgets.prompt_line import PromptLine, put_line

        if not self._cockpit.query(PromptLine):
            self.asked_from = self._cockpit.panes.pane
            put_line(self._cockpit, asked)
