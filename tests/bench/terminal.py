"""A program in a pty whose chunks are stamped as they leave and interpreted later: no cost of ours counts."""

import codecs
import os
import pty
import re
import struct
import termios
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from fcntl import ioctl
from typing import NamedTuple

import pyte

KEYS = {
    "up": b"\x1b[A", "down": b"\x1b[B", "right": b"\x1b[C", "left": b"\x1b[D",
    "pageup": b"\x1b[5~", "pagedown": b"\x1b[6~", "home": b"\x1b[H", "end": b"\x1b[F",
    "esc": b"\x1b", "enter": b"\r", "tab": b"\t",
}  # fmt: skip

_NOT_DRAWN = re.compile(
    rb"\x1b\[[<>=?][0-9;:]*(?:\$p|[ucnmq])"  # mode queries, keyboard protocol: pyte does not know them
    rb"|\x1b\[[0-9;]*[tx]"  # window operations
)
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-9;:?<>=$]*)?$")
_SEQUENCE = re.compile(rb"\x1b(?:\[[0-9;:?<>=$ ]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|.)")
_MODE_QUERY = re.compile(rb"\x1b\[\?(\d+)\$p")


class Press(NamedTuple):
    """What a key led to: milliseconds to the first changed cell, and bytes until silence."""

    first_ms: float
    bytes: int


def words_in(data: bytes) -> bytes:
    """What is left of output without its escape sequences: to recognise a word as early as possible."""
    return _SEQUENCE.sub(b"", data)


class Terminal:
    """A context manager; the program is killed at its end if it has not left."""

    def __init__(
        self,
        argv: Sequence[str],
        environment: Mapping[str, str],
        columns: int = 120,
        rows: int = 40,
        probe: Callable[[int], float] = lambda _pid: 0.0,
    ) -> None:
        """`probe` is asked with the program's pid as each chunk leaves: what had been spent by then."""
        self.columns, self.rows = columns, rows
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self.screen)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._chunks: deque[tuple[float, bytes, float]] = deque()
        self._carry = b""
        self._news = threading.Condition()
        self._cells: dict[int, tuple[object, ...]] = {}
        self.bytes_written = 0
        self.last_at = 0.0
        self.spent_at_word = 0.0
        """What the probe said of the chunk that brought the word."""
        self._probe = probe
        self.ended_at: float | None = None
        self.started_at = time.perf_counter()
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            self._become(argv, environment)
        ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        threading.Thread(target=self._read, daemon=True).start()

    def _become(self, argv: Sequence[str], environment: Mapping[str, str]) -> None:
        try:
            ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", self.rows, self.columns, 0, 0))
            os.execvpe(argv[0], list(argv), dict(environment))  # noqa: S606 the benchmark's own child
        finally:
            os._exit(127)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        if self.ended_at is None:
            os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)
        os.close(self._master)

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 1 << 16)
            except OSError:
                data = b""
            now, spent = time.perf_counter(), self._probe(self.pid)
            # As modern terminals do: synchronised output (2026) is understood, nothing else.
            for query in _MODE_QUERY.finditer(data):
                os.write(self._master, b"\x1b[?%s;%d$y" % (query[1], 2 if query[1] == b"2026" else 0))
            with self._news:
                if not data:
                    self.ended_at = now
                self._chunks.append((now, data, spent))
                self.bytes_written += len(data)
                self.last_at = now
                self._news.notify_all()
            if not data:
                return

    # -- looking -----------------------------------------------------------------------------------

    def wait_for_word(self, word: bytes, seconds: float = 60.0) -> float:
        """Seconds from the start until `word` had been written (nothing interpreted: this must be quick)."""
        deadline, seen = time.perf_counter() + seconds, b""
        taken = 0
        while True:
            with self._news:
                while len(self._chunks) == taken:
                    if self.ended_at is not None or not self._news.wait(deadline - time.perf_counter()):
                        raise TimeoutError(f"{word!r} never came:\n{words_in(seen).decode(errors='replace')}")
                fresh = list(self._chunks)[taken:]
            for at, data, spent in fresh:
                taken += 1
                seen += data
                if word in words_in(seen):
                    self.spent_at_word = spent
                    return at - self.started_at

    def drain(self) -> list[tuple[float, bool]]:
        """Interpret what has come: the time of each chunk and whether it changed a cell."""
        found: list[tuple[float, bool]] = []
        while self._chunks:
            at, data, _ = self._chunks.popleft()
            found.append((at, self._interpret(data)))
        return found

    def _interpret(self, data: bytes) -> bool:
        data = self._carry + data
        unfinished = _UNFINISHED.search(data)
        cut = unfinished.start() if unfinished else len(data)
        self._carry = data[cut:]
        self._stream.feed(self._decoder.decode(_NOT_DRAWN.sub(b"", data[:cut])))
        changed = False
        for y in self.screen.dirty:
            line = self.screen.buffer[y]
            row = tuple(line[x] for x in range(self.columns))
            changed |= self._cells.get(y) != row
            self._cells[y] = row
        self.screen.dirty.clear()
        return changed

    def wait_quiet(self, quiet: float, longest: float) -> bool:
        """Wait until nothing was written for `quiet` seconds; False if that took too long."""
        deadline = time.perf_counter() + longest
        since = time.perf_counter()
        while (now := time.perf_counter()) < deadline:
            left = max(self.last_at, since) + quiet - now
            if left <= 0:
                return True
            with self._news:
                self._news.wait(min(left, deadline - now))
        return False

    @property
    def text(self) -> str:
        """The screen."""
        self.drain()
        return "\n".join(line.rstrip() for line in self.screen.display)

    # -- pressing ----------------------------------------------------------------------------------

    def send(self, key: str) -> float:
        """Press a key by name or as a character; when it was."""
        at = time.perf_counter()
        os.write(self._master, KEYS.get(key, key.encode()))
        return at

    def press(self, key: str, quiet: float = 0.08, longest: float = 2.0) -> Press | None:
        """Press a key out of silence and wait for silence; None when no cell changed."""
        self.wait_quiet(quiet, longest)
        self.drain()
        before = self.bytes_written
        at = self.send(key)
        deadline = at + longest
        changes: list[float] = []
        while not changes and time.perf_counter() < deadline:
            with self._news:
                self._news.wait_for(lambda: bool(self._chunks), deadline - time.perf_counter())
            self.wait_quiet(quiet, longest)
            changes = [when for when, changed in self.drain() if changed]
        return Press((changes[0] - at) * 1000, self.bytes_written - before) if changes else None

    def leave(self, key: str = "q") -> float:
        """Press the key that quits; seconds until the program has let go of the terminal and ended."""
        at = self.send(key)
        with self._news:
            if not self._news.wait_for(lambda: self.ended_at is not None, 20):
                raise TimeoutError("it did not leave")
        assert self.ended_at is not None
        return self.ended_at - at
