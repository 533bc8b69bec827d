"""Tells that jobs have ended, whoever started them: a toast, and where a person chose it the bell or OSC 9.

OSC 9 is how terminals (iTerm2, Windows Terminal, foot, kitty, WezTerm …) are asked for a notification of the
desktop. Neither is on by itself: not everybody wants a bell, and a plain terminal may print what it does not
know.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.plain import clean_text
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.tui.own_files import read_toml, write_setting
from clonebox_tui.tui.presentation.amounts import duration, plural
from clonebox_tui.tui.presentation.glyphs import Glyphs

FILE_NAME = "settings.toml"
_SETTING = "notify"

WAYS = {
    "toast": "a message on the screen",
    "bell": "a message and the terminal's bell",
    "osc9": "a message and the terminal's own notification (OSC 9)",
}
"""By their names in the settings."""

_APART = 3
"""More jobs than this that end at once are told in one message."""

_MOST_CHARACTERS = 200

_SHOWN_LINES, _SHOWN_CHARACTERS = 6, 400
"""Of what was copied: below it there may be a question."""


class Notices:
    """`folder` holds the settings; None: nothing is read or kept."""

    def __init__(self, folder: Path | None = None) -> None:
        self._file = folder / FILE_NAME if folder else None
        self._way = ""

    @property
    def way(self) -> str:
        """One of `WAYS`, read when the first job ends: no start waits for it."""
        if not self._way:
            self._way = self._read()
        return self._way

    def _read(self) -> str:
        try:
            kept = read_toml(self._file).get(_SETTING) if self._file else None
        except ProblemError:
            # The theme is read from the same file: what is wrong with it was said at the start.
            return "toast"
        return kept if isinstance(kept, str) and kept in WAYS else "toast"

    def choose_next(self) -> str:
        """Go on to the next way, for the next run too; ProblemError when it cannot be kept."""
        ways = list(WAYS)
        self._way = ways[(ways.index(self.way) + 1) % len(ways)]
        if self._file is not None:
            try:
                write_setting(self._file, _SETTING, self._way)
            except (OSError, UnicodeDecodeError) as error:
                raise problem(
                    Code.PERMISSION_DENIED,
                    f"The choice is not kept: {self._file} cannot be written.",
                    why=str(error),
                    next="It holds until this cockpit is closed.",
                ) from error
        return self._way

    def sequence(self, text: str) -> str:
        """What the terminal is sent for a notice; empty when a toast is all."""
        if self.way == "toast":
            return ""
        if self.way == "bell" or os.environ.get("TERM") in ("linux", "dumb"):
            return "\a"
        said = clean_text(text)[:_MOST_CHARACTERS].replace(";", ",")
        told = f"\x1b]9;CloneBox: {said}\a"
        # tmux hands on only what is wrapped for it (and only with `allow-passthrough on`).
        return f"\x1bPtmux;{told.replace(chr(27), chr(27) * 2)}\x1b\\" if "TMUX" in os.environ else told


Severity = Literal["information", "warning", "error"]

Notice = tuple[str, str, Severity]
"""Title, text and severity of a message."""


def notice_of(job: Job, glyphs: Glyphs) -> Notice:
    """The message that a job ended."""
    good = job.state is JobState.SUCCEEDED
    severity: Severity = "information" if good else "warning" if job.state is JobState.CANCELLED else "error"
    seconds = (job.ended_at or 0.0) - (job.started_at or job.ended_at or 0.0)
    took = f" after {duration(seconds)}" if seconds >= 1 else ""
    why = f"\n{clean_text(job.problem.what)}" if job.problem is not None and severity == "error" else ""
    mark = glyphs.done if good else glyphs.failed
    return f"{mark} {clean_text(job.title)}", f"{job.state.value}{took}{why}", severity


def notices_of(jobs: Sequence[Job], glyphs: Glyphs) -> list[Notice]:
    """One message a job, or one for all where many ended at once."""
    if len(jobs) <= _APART:
        return [notice_of(job, glyphs) for job in jobs]
    states = [job.state.value for job in jobs]
    parts = [f"{states.count(state)} {state}" for state in dict.fromkeys(states)]
    bad = any(job.state not in (JobState.SUCCEEDED, JobState.CANCELLED) for job in jobs)
    return [(f"{plural(len(jobs), 'job')} ended", ", ".join(parts), "warning" if bad else "information")]


def left_running(jobs: int) -> str | None:
    """What is said in the terminal when the cockpit is left while so many jobs run."""
    if not jobs:
        return None
    keep, them = ("keeps", "it") if jobs == 1 else ("keep", "them")
    return f"{plural(jobs, 'job')} {keep} running: J in the cockpit or clonebox-tui job list shows {them}."


def beginning(text: str) -> str:
    """As much of a long text as may cover the screen for some seconds."""
    shown = "\n".join(text.split("\n")[:_SHOWN_LINES])[:_SHOWN_CHARACTERS]
    return shown if shown == text else f"{shown}…"
