"""Leaves when the terminal goes or somebody asks by a signal: modes restored, never a process left spinning.

Textual knows neither: a hang-up would kill it in the middle of its modes, and without a controlling terminal
(setsid, some multiplexers) it would read an endless end of file, or block on a queue that nobody empties.
"""

import os
import select
import signal
import termios
import threading
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clonebox_tui.tui.face import Face

GRACE_SECONDS = 3.0
"""How long leaving in order may take, until the modes are restored without asking anybody."""

_SIGNALS = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)
# Paste, wrap, mouse, keyboard protocol, main screen, cursor, focus reports: what Textual sets, undone.
_RESTORE = b"\x1b[?2004l\x1b[?7h\x1b[?1000l\x1b[?1003l\x1b[?1006l\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l"


Modes = list[int | list[bytes | int]]


def modes_now(descriptor: int = 0) -> Modes | None:
    """A terminal's line discipline as it is before we change it; None for what is no terminal."""
    try:
        return termios.tcgetattr(descriptor)
    except termios.error:
        return None


def to_the_shell(face: "Face") -> None:
    """Stop, as any program does on ctrl+z, until the shell's `fg`.

    All of our process group stops: the shell waits for `make run`, not for us. Where we are in the group that
    leads the session (`ssh -t host clonebox-tui`) there is no shell that could ever continue us.
    """
    if os.getpgrp() == os.getsid(0):
        face.tell("There is no shell behind this cockpit.", "q quits; jobs keep running.")
        return
    # The terminal is given back first: once one of the group has stopped, the shell looks at its modes.
    with face.suspend():
        before = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.killpg(0, signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, before)


class TerminalEnd:
    """`leave` gets the exit code and begins to leave in order; it is called on the main thread.

    `modes` are what the terminal had at first (`modes_now`).
    """

    def __init__(self, descriptor: int, modes: Modes | None, leave: Callable[[int], None]) -> None:
        self._descriptor = descriptor
        self._modes = modes
        self._leave = leave

    def begin(self) -> None:
        """Hear of signals, and of the terminal's end."""
        for number in _SIGNALS:
            # Not the event loop's way: it may be what is stuck. What nohup had ignored stays ignored.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._told)
        threading.Thread(target=self._watch, name="terminal's end", daemon=True).start()

    def _told(self, number: int, _frame: FrameType | None) -> None:
        code = 128 + number
        deadline = threading.Timer(GRACE_SECONDS, self._leave_at_once, (code,))
        deadline.daemon = True
        deadline.start()
        self._leave(code)

    def _watch(self) -> None:
        """Wait, without waking up, until the other end of the terminal is closed."""
        poll = select.poll()
        poll.register(self._descriptor, 0)
        poll.poll()
        # Nothing can be written any more, so there is nothing to do in order. Work goes on in the worker.
        os._exit(128 + signal.SIGHUP)

    def _leave_at_once(self, code: int) -> None:
        try:
            if self._modes is not None:
                termios.tcsetattr(self._descriptor, termios.TCSANOW, self._modes)
            # The terminal may take nothing (that may be why this is needed): never wait for it.
            os.set_blocking(self._descriptor, False)
            os.write(self._descriptor, _RESTORE)
            os.set_blocking(self._descriptor, True)
        except (OSError, termios.error):
            pass
        os._exit(code)
