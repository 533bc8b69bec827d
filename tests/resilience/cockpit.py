"""A cockpit in a real pty, with the bytes it wrote and the terminal's own modes kept for judgement."""

import contextlib
import os
import re
import signal
import sys
import termios
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from clonebox_tui.model.places import places
from tests.e2e.terminal import Terminal

CHECKOUT = Path(__file__).resolve().parents[2]
PROGRAM = (sys.executable, "-m", "clonebox_tui")
_MODES = re.compile(rb"\x1b\[\?(\d+)([hl])")
ALT_SCREEN, CURSOR, MOUSE, PASTE, WRAP = b"1049", b"25", b"1003", b"2004", b"7"


class Watched(Terminal):
    """A terminal that remembers everything written to it."""

    def __init__(
        self, argv: Sequence[str], environment: Mapping[str, str], size: tuple[int, int], cwd: Path
    ) -> None:
        self.written = b""
        super().__init__(argv, {**environment, "PYTHONPATH": str(CHECKOUT)}, *size, cwd)
        feed = self._stream.feed

        def remembered(data: bytes) -> None:
            self.written += data
            feed(data)

        self._stream.feed = remembered  # type: ignore[method-assign]

    def signal(self, number: int) -> None:
        """Send the program a signal."""
        os.kill(self.process.pid, number)

    def hang_up(self) -> None:
        """Close the terminal's other end, as a dropped SSH line does."""
        os.close(self._master)
        self._master = os.open(os.devnull, os.O_RDWR)  # something for the end to close

    def mode(self, number: bytes) -> bool:
        """Whether a private mode was last set or reset by the program."""
        found = [way for mode, way in _MODES.findall(self.written) if mode == number]
        return bool(found) and found[-1] == b"h"

    def assert_restored(self) -> None:
        """Main screen, cursor shown, no mouse, wrap on, and the line discipline as it was: echo on."""
        said = {name: self.mode(name) for name in (ALT_SCREEN, MOUSE, PASTE)}
        assert said == dict.fromkeys(said, False)
        assert self.mode(CURSOR)
        assert self.mode(WRAP)
        self.assert_echoes()

    def assert_echoes(self) -> None:
        """The line discipline is as it was."""
        now = termios.tcgetattr(self._master)
        assert now[:4] == self.modes_before[:4]
        assert now[3] & termios.ECHO
        assert now[3] & termios.ICANON

    @property
    def stopped(self) -> bool:
        """Whether the program is stopped by a signal."""
        return process_state(self.process.pid) == "T"


def process_state(pid: int) -> str:
    """The one letter of /proc/PID/stat."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def worker_pid(demo: bool = True) -> int:
    """The worker of this test's world; 0 when there is none."""
    lock = places(os.environ, os.getuid(), demo).lock
    text = lock.read_text().strip() if lock.exists() else ""
    return int(text) if text.isdigit() and Path(f"/proc/{text}").exists() else 0


@contextlib.contextmanager
def cockpit(world: Path, *words: str, size: tuple[int, int] = (120, 40)) -> Iterator[Watched]:
    """The cockpit with these options; its worker is killed in the end."""
    program = words if words[:1] == (sys.executable,) else (*PROGRAM, *(words or ("--demo",)))
    try:
        with Watched(program, os.environ, size, world) as terminal:
            assert isinstance(terminal, Watched)
            yield terminal
    finally:
        for demo in (True, False):
            if pid := worker_pid(demo):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
