"""From bytes of a log as they come to whole, harmless lines."""

from clonebox_tui.model.log import LogLine
from clonebox_tui.model.plain import LONGEST_LINE, clean_line

_LONGEST_BYTES = LONGEST_LINE * 16
"""A line without an end is cut here: nobody reads on, and memory stays bounded."""

PATIENCE_SECONDS = 1.0
"""A partial line (a prompt, say) is shown after so long; what follows it then starts a line."""


class LogLines:
    """Feed it bytes, take lines."""

    def __init__(self, source: str = "") -> None:
        self._source = source
        self._rest = b""
        self._since = 0.0

    def feed(self, data: bytes, now: float, time: float | None) -> list[LogLine]:
        """The lines that `data` completes; `time` is what they are marked with."""
        if not self._rest:
            self._since = now
        *whole, rest = (self._rest + data).split(b"\n")
        if whole:
            self._since = now
        self._rest = rest
        lines = [LogLine(time, clean_line(line), self._source) for line in whole]
        while len(self._rest) > _LONGEST_BYTES:
            lines.append(LogLine(time, clean_line(self._rest[:_LONGEST_BYTES]), self._source))
            self._rest = self._rest[_LONGEST_BYTES:]
        return lines

    def overdue(self, now: float, time: float | None) -> list[LogLine]:
        """The partial line, once it has waited long enough and can be seen."""
        if not self._rest or now - self._since < PATIENCE_SECONDS:
            return []
        return self.end(time)

    def end(self, time: float | None) -> list[LogLine]:
        """The partial line, now."""
        rest, self._rest = self._rest, b""
        text = clean_line(rest)
        return [LogLine(time, text, self._source)] if text.strip() else []
