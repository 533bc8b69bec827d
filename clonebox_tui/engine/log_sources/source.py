"""What every log that can be read and followed does."""

from typing import Protocol

from clonebox_tui.model.log import LogLine

MOST_LINES = 10_000


class Source(Protocol):
    """A place in one log; `tail` comes first, once."""

    behind: bool
    """There is more to read right now."""
    ended: bool
    """Nothing will come any more."""
    changed_at: float | None
    """When it was written last, as of `tail`; None where that cannot be known, or the lines tell it."""

    async def tail(self, lines: int, partial: bool) -> list[LogLine]:
        """The last `lines` lines; `partial`: an unfinished last line counts too. LOG_NOT_FOUND."""

    async def more(self) -> list[LogLine]:
        """What was written since."""

    async def close(self) -> None:
        """Let go of whatever it holds."""
