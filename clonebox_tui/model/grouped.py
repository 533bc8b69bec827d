"""What one command did on several machines, put together where they said the same."""

from collections.abc import Iterable

import msgspec

from clonebox_tui.model.problem import Problem
from clonebox_tui.model.rpc import Chunk

MOST_BYTES = 4 * 1024 * 1024
"""Kept of each stream of one machine; the rest is left out, and said to be."""


class Outcome(msgspec.Struct):
    """How it went on one machine (its name). `exit_code` is None when killed, or never run (`problem`)."""

    machine: str
    stdout: bytes = b""
    stderr: bytes = b""
    exit_code: int | None = None
    timed_out: bool = False
    truncated: bool = False
    problem: Problem | None = None

    def take(self, chunk: Chunk) -> None:
        """Add a piece of the command's stream."""
        room = MOST_BYTES - len(self.stdout), MOST_BYTES - len(self.stderr)
        self.truncated |= chunk.truncated or len(chunk.stdout) > room[0] or len(chunk.stderr) > room[1]
        self.stdout += chunk.stdout[: room[0]]
        self.stderr += chunk.stderr[: room[1]]
        self.timed_out |= chunk.timed_out
        self.exit_code = self.exit_code if chunk.exit_code is None else chunk.exit_code

    @property
    def badge(self) -> str:
        """How it ended, in two words."""
        if self.problem is not None:
            return "not run"
        if self.timed_out:
            return "timed out"
        return "ended" if self.exit_code is None else f"exit {self.exit_code}"

    @property
    def succeeded(self) -> bool:
        """Whether the command said so."""
        return self.exit_code == 0 and self.problem is None and not self.timed_out


def grouped(outcomes: Iterable[Outcome]) -> list[list[Outcome]]:
    """Those that said and did the same together, the largest group first, each in the order given."""
    groups: dict[tuple[object, ...], list[Outcome]] = {}
    for each in outcomes:
        why = (each.problem.code, each.problem.why) if each.problem else None
        key = (each.stdout, each.stderr, each.exit_code, each.timed_out, each.truncated, why)
        groups.setdefault(key, []).append(each)
    return sorted(groups.values(), key=len, reverse=True)
