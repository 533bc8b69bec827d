"""How fast the line to the terminal is, as it tells itself: it answers when it has read what came before.

A pseudo-terminal, ssh and the network take in far more than they have passed on, so neither a write nor a
queue's length tells anything. A question behind what is drawn does (ECMA-48: DSR, DECRQM): the answer comes
when all of it has been read. What may be asked next waits for it, so that no key waits behind old pictures.
"""

import math
import time
from collections.abc import Callable

STATUS, MODE = "\x1b[5n", "\x1b[?2026$p"
"""Two questions. Every terminal answers the first; some programs that stand for one only the second."""

SLOW_BYTES, GOOD_BYTES = 3_000, 6_000
"""Bytes a second below which a line is slow, and above which it is good again."""

_BUSY_SECONDS = 0.3
_SURE_SECONDS = 0.5
"""A shorter transfer says nothing: the terminal, or this process, may have been held up."""
_SURE_BYTES = 1_500
_LOST_SECONDS = 15.0
_ASKED_AGAIN_SECONDS = 5.0
_GOOD_IN_A_ROW = 3
_AT_ONCE_SECONDS, _LEAST_AT_ONCE_BYTES = 0.5, 200


class Line:
    """Say what is `sent`, put `question()` behind it, and pass on `answered`; then look.

    `forced` is `slow`, `fast` or empty (found out). Times are seconds of `clock`.
    """

    def __init__(self, forced: str = "", clock: Callable[[], float] = time.monotonic) -> None:
        self.forced = forced
        self.slow = forced == "slow"
        self.rate = math.inf
        """Bytes a second, as last measured."""
        self.latency = math.inf
        """The quickest answer so far, in seconds."""
        self._clock = clock
        self._kind = ""
        """The question that was answered; empty: nothing ever was, so nothing is waited for."""
        self._sent = self._read = 0
        self._waiting_for: int | None = None
        self._since = self._asked_at = 0.0
        self._hints = 0

    # -- writing -----------------------------------------------------------------------------------

    def sent(self, count: int) -> None:
        """So many bytes are written now."""
        if self._sent == self._read:
            self._since = self._clock()
        self._sent += count

    def question(self) -> str:
        """What to write behind it; empty while another question is on its way.

        Who never answered is asked now and then: another terminal may have taken its place.
        """
        now = self._clock()
        if self.waiting or (not self._kind and now - self._asked_at < _ASKED_AGAIN_SECONDS):
            return ""
        self._asked_at = now
        self._waiting_for = self._sent
        return self._kind or STATUS

    def begun(self, count: int) -> None:
        """The first bytes were written, and both questions behind them."""
        self.sent(count)
        self._asked_at = self._clock()
        self._waiting_for = self._sent

    @property
    def waiting(self) -> bool:
        """Whether an answer is on its way, as far as one can know."""
        return self._waiting_for is not None and bool(self._kind)

    @property
    def busy(self) -> bool:
        """Whether what was written is still under way, so that more would only queue up behind it."""
        if not self.waiting:
            return False
        passed = self._clock() - self._since
        if passed > _LOST_SECONDS:
            # It never came: the terminal was exchanged (screen, tmux), and this one may know no answer.
            self._waiting_for, self._kind, self._read = None, "", self._sent
            return False
        return passed - self.latency > _BUSY_SECONDS or (self._sent - self._read) / self.rate > _BUSY_SECONDS

    @property
    def most_at_once(self) -> float:
        """Bytes after which a picture is cut on a slow line, so that no key waits for the whole of it."""
        return max(_LEAST_AT_ONCE_BYTES, self.rate * _AT_ONCE_SECONDS) if self.slow else math.inf

    # -- hearing -----------------------------------------------------------------------------------

    def answered(self, kind: str, at: float) -> None:
        """An answer was read at this time."""
        if kind != self._kind and self._kind != STATUS:
            self._kind = kind
        elif kind != self._kind:
            return
        if self._waiting_for is None:
            return
        read, self._read, self._waiting_for = self._waiting_for - self._read, self._waiting_for, None
        took, self._since = max(0.0, at - self._since), at
        self.latency = min(self.latency, took)
        self._measured(read, took - self.latency)

    def _measured(self, count: int, seconds: float) -> None:
        self.rate = max(1.0, count / max(seconds, 0.001))
        if self.forced:
            return
        bad = seconds > _SURE_SECONDS and self.rate < SLOW_BYTES
        if not self.slow:
            self._hints = self._hints + 1 if bad else 0
            if bad and (self._hints > 1 or count >= _SURE_BYTES):
                self.slow, self._hints = True, 0
        else:
            self._hints = self._hints + 1 if self.rate > GOOD_BYTES else 0
            if self._hints >= _GOOD_IN_A_ROW:
                self.slow, self._hints = False, 0
