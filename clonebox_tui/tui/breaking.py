"""What happens when the cockpit itself breaks: written down, said readably, and opened anew where one was.

After an exception in a widget Textual cannot go on: the widget hears nothing any more, or draws nothing. So
the cockpit is closed in order and a new one takes over the same session: selection, marks, draft.
"""

import os
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from clonebox_tui import __version__
from clonebox_tui.model.problem import Code, Problem
from clonebox_tui.private_files import make_private_folder, open_private

LOG_BYTES = 1024 * 1024
"""A log that is larger is set aside (one older one is kept)."""

ANEW = "The cockpit broke, which is a fault of ours; it was opened anew."
IN_PART = "Something in the cockpit broke, which is a fault of ours; the rest goes on."

MOST_BREAKS = 3
WITHIN_SECONDS = 60.0
"""So many within this time, and opening it once more would not help."""


class Breakable(Protocol):
    """A cockpit: runs until it is left, or until it breaks."""

    def run(self) -> object:
        """Run it."""

    @property
    def broken(self) -> BaseException | None:
        """What it broke by."""

    @property
    def return_code(self) -> int | None:
        """How it was left."""


def keep_open(make: Callable[[Problem | None], Breakable], log: Path) -> tuple[int, Problem | None]:
    """Run cockpits that `make` gives (it is told what to show) until one is left in order.

    The exit code, and the problem when it breaks again and again.
    """
    breaks: list[float] = []
    shown: Problem | None = None
    while True:
        face = make(shown)
        face.run()
        if face.broken is None:
            return face.return_code or 0, None
        write_down(face.broken, log)
        breaks = [*(at for at in breaks if time.monotonic() - at < WITHIN_SECONDS), time.monotonic()]
        shown = problem_of(face.broken, log)
        if len(breaks) >= MOST_BREAKS:
            return int(shown.exit_code), shown


def problem_of(error: BaseException, log: Path, what: str = ANEW) -> Problem:
    """A break as a person can read it; the traceback is in the log."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno} in {frames[-1].name}" if frames else ""
    return Problem(
        Code.INTERNAL,
        what,
        why=f"{type(error).__name__}: {error}"[:500],
        next=f"Go on: machines and jobs are not touched. Please report it with {log}",
        details=(f"at {place}",) if place else (),
    )


def write_down(error: BaseException, log: Path) -> None:
    """Append the traceback to the log, which only the user may read; a full disk does not matter here."""
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    text = "".join(traceback.format_exception(error))
    try:
        make_private_folder(log.parent)
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(log.with_name(f"{log.name}.1"))
        descriptor = open_private(log, os.O_WRONLY | os.O_APPEND)
        with os.fdopen(descriptor, "a", errors="backslashreplace") as file:
            file.write(f"{moment} clonebox-tui {__version__}\n{text}\n")
    except OSError:
        return
