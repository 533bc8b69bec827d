"""Lines of logs as they travel to a front end."""

import msgspec


class LogLine(msgspec.Struct, frozen=True, array_like=True):
    """One line: UNIX seconds when this program read it (None: it was there before), and its text,
    with control sequences removed, at most 4 096 characters."""

    time: float | None
    text: str
    source: str = ""
    """Which log it is from, where several are read at once."""
