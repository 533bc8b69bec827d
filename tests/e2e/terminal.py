"""A real terminal for tests: a program in a pty, its screen read back as text through pyte."""

import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from fcntl import ioctl
from pathlib import Path

import pyte

KEYS = {
    "enter": "\r",
    "esc": "\x1b",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "space": " ",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "backspace": "\x7f",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "ctrl+p": "\x10",
    "ctrl+l": "\x0c",
    "ctrl+d": "\x04",
    "ctrl+u": "\x15",
    "ctrl+a": "\x01",
    "ctrl+k": "\x0b",
    "ctrl+s": "\x13",
    "ctrl+r": "\x12",
    "ctrl+c": "\x03",
    "ctrl+n": "\x0e",
    "ctrl+z": "\x1a",
    "delete": "\x1b[3~",
    "f7": "\x1b[18~",
}


class ScreenTimeoutError(AssertionError):
    """What was waited for never came; the message holds the whole screen."""


_USUAL = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "COLORTERM": "truecolor"}


class Terminal:
    """A program in a pseudo-terminal of `columns` × `rows`; a context manager that ends it."""

    def __init__(
        self,
        argv: Sequence[str],
        environment: Mapping[str, str],
        columns: int = 120,
        rows: int = 40,
        cwd: Path | None = None,
        kind: Mapping[str, str] = _USUAL,
    ) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._master, slave = pty.openpty()
        self.resize(columns, rows)
        self.modes_before = termios.tcgetattr(slave)
        """The line discipline as the program finds it."""
        self.bytes_read = 0
        self._at_end = False
        self.process = subprocess.Popen(
            argv,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**environment, **kind},
            start_new_session=True,
            cwd=cwd,
        )
        os.close(slave)

    def resize(self, columns: int, rows: int) -> None:
        """Change the window's size, as a person dragging it would."""
        ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.resize(rows, columns)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        os.close(self._master)

    def pump(self, seconds: float = 0.05) -> None:
        """Take what the program writes for `seconds`."""
        if self._at_end:
            time.sleep(min(seconds, 0.05))
            return
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not select.select([self._master], [], [], left)[0]:
                return
            try:
                data = os.read(self._master, 65536)
            except OSError:  # the program has ended
                data = b""
            if not data:
                self._at_end = True
                return
            self.bytes_read += len(data)
            # pyte knows no private CSI with intermediate bytes (mode queries, keyboard protocol): drop them.
            self._stream.feed(re.sub(rb"\x1b\[[?>=<][0-9;]*(?:\$p|u|[cnmq])", b"", data))

    def press(self, *keys: str) -> None:
        """Type keys by name (`enter`, `ctrl+p`) or as single characters, a moment apart."""
        for key in keys:
            os.write(self._master, KEYS.get(key, key).encode())
            self.pump(0.08)

    def type(self, text: str) -> None:
        """Type text."""
        for character in text:
            os.write(self._master, character.encode())
            self.pump(0.02)

    def ended(self, seconds: float = 60.0) -> int:
        """Wait for the program's end while reading what it says, to the last of it; its exit code."""
        end = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < end, f"still runs after {seconds} s\n{self.text}"
            self.pump(0.1)
        while self._readable():
            self.pump(0.1)
        return self.process.returncode

    @property
    def text(self) -> str:
        """The screen as lines of text."""
        # Not pyte's own `display`: it fails where half of a wide character was overwritten.
        cells, width = self.screen.buffer, self.screen.columns
        lines = ("".join(cells[y][x].data for x in range(width)) for y in range(self.screen.lines))
        return "\n".join(line.rstrip() for line in lines)

    def wait_for(self, pattern: str, seconds: float = 60, absent: bool = False) -> str:
        """Wait until the regular expression is on the screen (or, `absent`, is gone); return the screen."""
        expression = re.compile(pattern, re.MULTILINE)
        end = time.monotonic() + seconds
        while True:
            over = self.process.poll() is not None  # looked at first: its last words are read after it
            self.pump(0.1)
            if bool(expression.search(self.text)) is not absent:
                return self.text
            if over and not self._readable():
                raise ScreenTimeoutError(
                    f"the program ended ({self.process.returncode}) before {pattern!r}\n{self.text}"
                )
            if time.monotonic() > end:
                word = "still" if absent else "never"
                raise ScreenTimeoutError(f"{pattern!r} {word} on the screen after {seconds} s\n{self.text}")

    def settle(self, quiet_seconds: float = 0.3, seconds: float = 10.0) -> None:
        """Read until nothing came for a moment: a picture that is written in several pieces is whole."""
        end = time.monotonic() + seconds
        while self._readable(quiet_seconds) and time.monotonic() < end:
            self.pump(0.05)

    def _readable(self, seconds: float = 0.0) -> bool:
        return bool(select.select([self._master], [], [], seconds)[0]) and not self._at_end

    def find(self, pattern: str) -> str:
        """The first group of the first match on the screen; fails with the screen when there is none."""
        found = re.search(pattern, self.text, re.MULTILINE)
        if found is None:
            raise AssertionError(f"{pattern!r} is not on the screen\n{self.text}")
        return found.group(1)

    def save(self, file: Path) -> None:
        """Keep the screen's text, for a person who looks at a failure."""
        file.write_text(self.text + "\n")
