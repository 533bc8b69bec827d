"""What is typed at the bottom of the cockpit: filter, search, command line; and palette and help."""

from typing import TYPE_CHECKING

from clonebox_tui.tui.actions import ACTIONS, Action

if TYPE_CHECKING:
    from clonebox_tui.tui.screens.cockpit import Cockpit
    from clonebox_tui.tui.widgets.prompt_line import PromptLine

_QUIT_WORDS = frozenset({"q", "q!", "quit", "exit"})


def commands() -> dict[str, Action]:
    """Every action by the word that the command line takes."""
    return {action.id: action for action in ACTIONS}


def find_command(word: str) -> Action | str:
    """The action a word means: exact, or the only one it begins; else a sentence."""
    known = commands()
    if word in known:
        return known[word]
    begun = [name for name in known if name.startswith(word)]
    if len(begun) == 1:
        return known[begun[0]]
    if begun:
        return f"“{word}” could be {', '.join(begun)}."
    return f"There is no command “{word}”. ? lists them all."


class Prompts:
    """One line at a time; it is made when it is first wanted."""

    def __init__(self, cockpit: "Cockpit") -> None:
        self._cockpit = cockpit
        self.asked_from = "machines"
        """The pane to come back to."""

    def filter_or_search(self) -> None:
        """In the log: search it. Anywhere else: filter the machines."""
        if self._cockpit.panes.pane == "log":
            log = self._cockpit.log_tail
            before = log.search.pattern if log.search else ""
            self._ask("search", "/", before, log.set_search)
        else:
            self._ask("filter", "/", self._cockpit.machine_list.filter_text, self._filter)

    def command_line(self) -> None:
        """`:`"""
        self._ask("command", ":", "", None)

    def palette(self) -> None:
        """Every action, found by typing parts of its title."""
        self._cockpit.app.action_command_palette()

    def help(self) -> None:
        """Every key that works here."""
        from clonebox_tui.tui.screens.help import HelpScreen

        self._cockpit.app.push_screen(HelpScreen(self._cockpit.session, self._cockpit.keys()))

    def run_command(self, text: str) -> None:
        """Run what was typed after `:`."""
        word = text.strip()
        if not word:
            return
        found = find_command("quit" if word in _QUIT_WORDS else word)
        if isinstance(found, str):
            self._cockpit.face.tell(found)
        else:
            self._cockpit.run(found)

    def _filter(self, text: str) -> None:
        fault = self._cockpit.machine_list.set_filter(text)
        line = self._line()
        if line is not None:
            line.tell(fault)

    def _line(self) -> "PromptLine | None":
        from clonebox_tui.tui.widgets.prompt_line import PromptLine

        return next(iter(self._cockpit.query(PromptLine)), None)

    def _ask(self, kind: str, mark: str, text: str, typed: object) -> None:
        from clonebox_tui.tui.widgets.prompt_line import PromptLine

        if self._line() is None:
            self.asked_from = self._cockpit.panes.pane
            words = tuple(commands()) if kind == "command" else ()
            self._cockpit.mount(PromptLine(kind, mark, text, words, typed if callable(typed) else None))
