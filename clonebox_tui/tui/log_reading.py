"""What the log pane does beside scrolling: another log, a filter, a file to keep its lines in."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from clonebox_tui.model.problem import Code, Problem

if TYPE_CHECKING:
    from clonebox_tui.tui.screens.cockpit import Cockpit


class LogReading:
    """Asks at the bottom of the cockpit; `ended` does what was typed there."""

    def __init__(self, cockpit: "Cockpit") -> None:
        self._cockpit = cockpit

    def choose(self) -> None:
        """Which log: what the machine has is completed, files of the guest and jobs are typed."""
        from clonebox_tui.tui.widgets.prompt_line import Asked

        self._cockpit.prompts.ask(Asked("log-source", "log ", "", None, self._completed))

    def _completed(self, typed: str) -> list[str]:
        session = self._cockpit.session
        details = session.details.get(session.selected)
        before, _, word = typed.rpartition(" ")
        known = (*(details.log_sources if details else ()), "file:/")
        return [f"{before} {each}".lstrip() for each in known if each.startswith(word)]

    def filter(self) -> None:
        """Only the lines that match."""
        from clonebox_tui.tui.widgets.prompt_line import Asked

        log = self._cockpit.log_tail
        self._cockpit.prompts.ask(Asked("log-filter", "&", log.filter_text, log.set_filter))

    def save(self) -> None:
        """Where to."""
        from clonebox_tui.tui.widgets.prompt_line import Asked

        machine = self._cockpit.session.machine
        name = machine.name.replace("/", "_") if machine else "machine"
        self._cockpit.prompts.ask(Asked("log-save", "save to ", f"~/{name}.log"))

    def ended(self, kind: str, text: str) -> None:
        """A line was typed to its end."""
        if kind == "log-source" and text.split():
            self._cockpit.following.sources[self._cockpit.session.selected] = tuple(text.split())
            self._cockpit.follow_anew()
        elif kind == "log-save":
            self._write(Path(text.strip()).expanduser())

    def back(self) -> bool:
        """Esc: out of the search, then the filter; tells whether there was either."""
        log = self._cockpit.log_tail
        if log.search_text:
            log.set_search("")
        elif log.filter_text:
            log.set_filter("")
        else:
            return False
        return True

    def _write(self, path: Path) -> None:
        lines, face = self._cockpit.log_tail.filtered_lines(), self._cockpit.face
        try:
            # A log may hold anything: for the user's eyes alone, and over nothing that is there.
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in lines)
        except OSError as error:
            exists = isinstance(error, FileExistsError)
            advice = "Nothing is overwritten: choose another name." if exists else "Choose another place."
            face.tell_problem(
                Problem(Code.USAGE, f"The log was not saved to {path}.", str(error.strerror), advice)
            )
            return
        face.tell(f"{len(lines)} lines saved to {path}")
