"""What the cockpit's command line understands: words, how they are completed, and what was typed before."""

import shlex
from typing import TYPE_CHECKING

from clonebox_tui.tui.action import Action
from clonebox_tui.tui.actions import ACTIONS

if TYPE_CHECKING:
    from clonebox_tui.tui.screens.cockpit import Cockpit

_QUIT_WORDS = frozenset({"q", "q!", "quit", "exit"})


def commands() -> dict[str, Action]:
    """Every action by the word that the command line takes."""
    return {action.id: action for action in ACTIONS}


def find_command(word: str) -> Action | str:
    """The action a word means: exact, or the only one it begins; else a sentence."""
    known = commands()
    word = "quit" if word in _QUIT_WORDS else word
    if word in known:
        return known[word]
    begun = [name for name in known if name.startswith(word)]
    if len(begun) == 1:
        return known[begun[0]]
    if begun:
        return f"“{word}” could be {', '.join(begun)}."
    return f"There is no command “{word}”. ? lists them all."


def words_of(text: str) -> list[str]:
    """As a shell would split it; an apostrophe that nothing closes is taken as it stands."""
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


class CommandLine:
    """One for the cockpit's life: it remembers what was run, also by those before it."""

    def __init__(self, cockpit: "Cockpit") -> None:
        self._cockpit = cockpit
        self._lines: list[str] | None = None

    @property
    def lines(self) -> list[str]:
        """What was run, oldest first."""
        from clonebox_tui.tui.kept_lines import read_lines  # the first picture does without it

        if self._lines is None:
            kept = self._cockpit.session.where.commands
            self._lines = read_lines(kept) if kept else []
        return self._lines

    def _remember(self, text: str, found: Action | str) -> None:
        """For this cockpit whatever was typed; for the next ones what was understood and is no secret."""
        from clonebox_tui.tui.kept_lines import keep_line, may_be_kept, newest

        self._lines = newest(self.lines, text)
        kept = self._cockpit.session.where.commands
        if kept and isinstance(found, Action) and may_be_kept(text, found):
            keep_line(kept, text)

    def run(self, text: str) -> None:
        """Run what was typed after `:`. ProblemError where a machine is not found."""
        words = words_of(text)
        if not words:
            return
        found = find_command(words[0])
        self._remember(text, found)
        if isinstance(found, str):
            self._cockpit.face.tell(found)
        elif len(words) == 1:
            self._cockpit.run(found)
        elif found.argument is None:
            self._cockpit.face.tell(f"“{found.id}” takes nothing more.", f"Leave out “{words[1]}”.")
        elif found.argument.alone and len(words) > 2:
            self._cockpit.face.tell(f"“{found.id}” takes one word.", f"Leave out “{words[2]}”.")
        else:
            found.argument.run(self._cockpit, found, words[1:])

    def complete(self, text: str) -> list[str]:
        """Whole lines that go on from what is typed, the likeliest first."""
        head, space, last = text.rpartition(" ")
        if not space:
            return [name for name in commands() if name.startswith(text) and name != text]
        found = find_command(head.split(" ")[0])
        if isinstance(found, str) or found.argument is None:
            return []
        typed = set(words_of(head)[1:])
        if typed and found.argument.alone:
            return []
        fitting = (word for word in found.argument.words(self._cockpit) if word not in typed)
        begun = (word for word in fitting if word.lower().startswith(last.lower()) and word != last)
        return [f"{head} {shlex.quote(word)}" for word in begun]

    def hint(self, text: str) -> str:
        """What may follow what is typed."""
        found = find_command(text.split(" ")[0]) if text.strip() else ""
        if isinstance(found, str):
            return ""
        if found.argument is None:
            return found.title
        return f"{found.id} {found.argument.shown} · {found.title}"
