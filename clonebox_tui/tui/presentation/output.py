"""What a guest's command printed, as lines: both streams in the order they came, made harmless."""

import codecs
from collections.abc import Sequence

from clonebox_tui.model.grouped import Outcome
from clonebox_tui.model.plain import clean_text
from clonebox_tui.model.rpc import Chunk
from clonebox_tui.tui.presentation.problem_text import problem_lines
from clonebox_tui.tui.presentation.runs import Runs

_MARKS = {"text": "", "bad": "! "}
"""Before each line of a stream: never is a stream told by its colour alone."""


class OutputLines:
    """Cuts two byte streams into whole lines; what has no line end yet waits."""

    def __init__(self) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")
        self._decoders = {"text": decoder("replace"), "bad": decoder("replace")}
        self._rests = {"text": "", "bad": ""}

    def take(self, stdout: bytes, stderr: bytes) -> list[Runs]:
        """The lines that are complete now; those of stderr marked, and in the ink of errors."""
        lines: list[Runs] = []
        for ink, data in (("text", stdout), ("bad", stderr)):
            text = self._rests[ink] + self._decoders[ink].decode(data)
            *whole, self._rests[ink] = text.split("\n")
            lines += [_line(line, ink) for line in whole]
        return lines

    def rest(self) -> list[Runs]:
        """What came without a line end."""
        lines = [_line(text, ink) for ink, text in self._rests.items() if text]
        self._rests = {"text": "", "bad": ""}
        return lines


def _beginning(data: bytes, most_lines: int) -> bytes:
    return b"\n".join(data.split(b"\n", most_lines)[:most_lines])


def _line(text: str, ink: str) -> Runs:
    return ((_MARKS[ink] + clean_text(text), ink),)


def ending_runs(chunk: Chunk, seconds: float) -> Runs:
    """How it ended: the guest's own exit code, or that time was up."""
    took = (f" · {seconds:.1f} s", "dim")
    cut = (" · output was cut", "warn") if chunk.truncated else ("", "dim")
    if chunk.timed_out:
        return (("timed out", "bad"), took, cut)
    if chunk.exit_code is None:
        return (("ended", "warn"), took, cut)
    return ((f"exit {chunk.exit_code}", "ok" if chunk.exit_code == 0 else "bad"), took, cut)


def group_lines(group: Sequence[Outcome], most_lines: int) -> list[Runs]:
    """Machines that said the same: their names, how it ended, and what they said, once, up to so many lines
    of a stream."""
    first, lines = group[0], OutputLines()
    names = clean_text(", ".join(each.machine for each in group))
    count = f" ({len(group)})" if len(group) > 1 else ""
    head: Runs = ((f"{names}{count} ", "strong"), (first.badge, "ok" if first.succeeded else "bad"))
    shown = [_beginning(each, most_lines) for each in (first.stdout, first.stderr)]
    said = [*lines.take(*shown), *lines.rest()]
    whole = shown == [first.stdout, first.stderr] and not first.truncated
    cut: list[Runs] = [] if whole else [(("output was cut", "warn"),)]
    why = problem_lines(first.problem) if first.problem else []
    return [(), head, *said, *cut, *why]
