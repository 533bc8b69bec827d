"""A piece of a stream as it travels: what a command writes, what a log says, what is detected."""

import msgspec

from clonebox_tui.model.environment import DetectedItem
from clonebox_tui.model.log import LogLine
from clonebox_tui.model.notifications import STREAM
from clonebox_tui.model.problem import Problem


class Chunk(msgspec.Struct, frozen=True, tag_field="kind", tag=STREAM, omit_defaults=True):
    """A piece of a stream. Which fields are set depends on what was opened:

    exec: `stdout`/`stderr` bytes, at the end `exit_code` (or `timed_out`); log: `lines`;
    detect: `items`. The last one has `end`, with `problem` when it ended badly.
    """

    stream: int
    sequence: int
    stdout: bytes = b""
    stderr: bytes = b""
    lines: tuple[LogLine, ...] = ()
    items: tuple[DetectedItem, ...] = ()
    exit_code: int | None = None
    timed_out: bool = False
    truncated: bool = False
    end: bool = False
    problem: Problem | None = None
