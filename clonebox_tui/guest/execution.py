"""Run short commands in a guest and take their whole output at their end.

Arguments travel as a list and are never pasted into a shell line. The agent keeps at most 16 MB of
output, and libvirt carries at most 4 MB of text in one answer: what may be longer goes through
`streaming`.
"""

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Sequence

import msgspec

from clonebox_tui.guest.agent import Agent
from clonebox_tui.model.problem import Code, ProblemError

FIRST_PAUSE_SECONDS = 0.01
LONGEST_PAUSE_SECONDS = 0.2
INPUT_BYTES = 64 * 1024
"""Longest input given along with the command."""
_KILL = """kill -TERM "-$1" 2>/dev/null
tries=0
while kill -0 "-$1" 2>/dev/null && [ $tries -lt 20 ]; do sleep 0.1; tries=$((tries + 1)); done
kill -KILL "-$1" 2>/dev/null
exit 0"""
"""$1: a process group. Asked first, killed 2 s later. Debian's sh takes no `--` after the signal."""


class ExecResult(msgspec.Struct, frozen=True):
    """How a command ended. A signal `n` gives exit code 128 + n; at a timeout it is 124."""

    exit_code: int
    stdout: bytes = b""
    stderr: bytes = b""
    truncated: bool = False
    timed_out: bool = False

    @property
    def text(self) -> str:
        """The standard output as text, broken bytes replaced."""
        return self.stdout.decode(errors="replace")

    @property
    def complaint(self) -> str:
        """The last line of what was complained about, for people."""
        lines = (self.stderr or self.stdout).decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"exit code {self.exit_code}"


class Status(msgspec.Struct, frozen=True):
    """Answer of guest-exec-status."""

    exited: bool
    exitcode: int | None = None
    signal: int | None = None
    out_data: str = msgspec.field(default="", name="out-data")
    err_data: str = msgspec.field(default="", name="err-data")
    out_truncated: bool = msgspec.field(default=False, name="out-truncated")
    err_truncated: bool = msgspec.field(default=False, name="err-truncated")

    @property
    def code(self) -> int:
        """The exit code as a shell would give it."""
        return 128 + self.signal if self.signal else (self.exitcode or 0)


class _Started(msgspec.Struct, frozen=True):
    pid: int


async def run(
    agent: Agent, argv: Sequence[str], stdin: bytes = b"", timeout_seconds: float = 60.0
) -> ExecResult:
    """Run `argv` as root and wait for its end; 0 s: no limit.

    At the timeout, and when this task is cancelled, the whole process group is killed in the guest.
    `stdin` is at most INPUT_BYTES.
    """
    if len(stdin) > INPUT_BYTES:
        raise ValueError(f"{len(stdin)} bytes of input are too many for one command")
    pid = await start(agent, argv, stdin, capture=True)
    deadline = time.monotonic() + timeout_seconds if timeout_seconds else None
    try:
        async for _ in pauses():
            status = await agent.ask(Status, "guest-exec-status", pid=pid)
            if status.exited:
                return _result(status)
            if deadline and time.monotonic() > deadline:
                await kill(agent, pid)
                return ExecResult(124, timed_out=True)
    except asyncio.CancelledError:
        await asyncio.shield(kill(agent, pid))
        raise
    raise AssertionError("pauses never end")


async def start(agent: Agent, argv: Sequence[str], stdin: bytes = b"", *, capture: bool = False) -> int:
    """Start `argv` as leader of a session of its own; its process id, which is its group's too."""
    arguments: dict[str, object] = {"path": "setsid", "arg": list(argv), "capture_output": capture}
    if stdin:
        arguments["input_data"] = base64.b64encode(stdin).decode()
    return (await agent.ask(_Started, "guest-exec", **arguments)).pid


async def kill(agent: Agent, group: int) -> None:
    """End a process group in the guest; returns when asked, a machine that is gone is no fault."""
    try:
        await start(agent, ["sh", "-c", _KILL, "sh", str(group)])
    except ProblemError as error:
        if error.problem.code not in (Code.AGENT_UNAVAILABLE, Code.TIMED_OUT, Code.MACHINE_NOT_FOUND):
            raise


async def pauses(longest_seconds: float = LONGEST_PAUSE_SECONDS) -> AsyncIterator[float]:
    """Turns of a polling loop, each later than the last; endless."""
    pause = FIRST_PAUSE_SECONDS
    while True:
        await asyncio.sleep(pause)
        yield pause
        pause = min(longest_seconds, pause * 1.6)


def _result(status: Status) -> ExecResult:
    return ExecResult(
        status.code,
        base64.b64decode(status.out_data),
        base64.b64decode(status.err_data),
        status.out_truncated or status.err_truncated,
    )
