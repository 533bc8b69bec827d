"""Lets a test kill or break a worker at its n-th point of a kind; without its variable nothing is installed.

CLONEBOX_FAILPOINT is `ACTION KIND NUMBER`: at the NUMBERth point of that KIND the worker is killed (`kill`),
or the point fails once (`fail`), or it and all later ones fail (`fail-on`), or the worker stands still there
until it gets SIGCONT (`stop`), so that the world can be changed under it. Kinds:

    journal  before and after each line of a job's journal
    call     before and after each call of a provider that changes something
    during   a moment into such a call
    agent    before each question to a guest's agent
    file     before a job makes or renames a file (Python's own audit events tell)
    tidy     before it removes one, or changes its mode; for kills, since a full disk stops none of that
    spawn    before a job starts another program

CLONEBOX_FAILPOINT_TRACE names a file that gets one line for each point that was reached.
"""

import asyncio
import errno
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, cast

from clonebox_tui.engine.current_job import current_job
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.providers.protocol import Provider

VARIABLE = "CLONEBOX_FAILPOINT"
TRACE_VARIABLE = "CLONEBOX_FAILPOINT_TRACE"

_DURING_SECONDS = 0.01
_CHANGING = frozenset(
    {
        "start", "ask_to_stop", "ask_to_reboot", "kill", "pause", "resume", "define", "undefine",
        "eject_seed", "create_snapshot", "restore_snapshot", "delete_snapshot", "detach_share",
        "begin_copy", "abort_copy", "attach_share", "write_labels", "set_aside", "put_back",
    }
)  # fmt: skip
_FILE_EVENTS = frozenset({"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.chmod"})
_MAKING = frozenset({"open", "os.mkdir", "os.rename", "os.link"})
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Failpoint:
    """Counts the points of its kind and strikes at one of them."""

    def __init__(self, action: str, kind: str, number: int, trace: Path | None = None) -> None:
        self._action = action
        self._kind = kind
        self._number = number
        self._trace = trace
        self._count = 0
        self._writing = False

    def reached(self, kind: str, name: str) -> None:
        """A point was reached; may not return."""
        if self._trace is not None and not self._writing:
            self._writing = True
            with self._trace.open("a") as file:
                file.write(f"{kind} {name}\n")
            self._writing = False
        if kind != self._kind:
            return
        # What is written is written: only a kill can come between a write and its end.
        if kind == "journal" and self._action != "kill" and name.startswith("after"):
            return
        self._count += 1
        if self._count == self._number or (self._action == "fail-on" and self._count > self._number):
            self._strike(kind, name)

    def audit(self, event: str, arguments: tuple[object, ...]) -> None:
        """An audit hook: tells which of Python's events are points of a job's."""
        if not current_job.get() or self._writing:
            return
        if event == "subprocess.Popen":
            self.reached("spawn", str(arguments[0]))
            return
        changes = event in _FILE_EVENTS or (event == "open" and _writes(arguments))
        if changes:
            self.reached("file" if event in _MAKING else "tidy", f"{event} {arguments[0]}")

    def _strike(self, kind: str, name: str) -> None:
        if self._action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self._action == "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
            return
        if kind == "file":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), name)
        if kind == "spawn":
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN), name)
        raise _failure(kind, name)


class BreakingProvider:
    """A provider whose calls are points."""

    def __init__(self, provider: Provider, failpoint: Failpoint) -> None:
        self._provider = provider
        self._failpoint = failpoint

    def __getattr__(self, name: str) -> object:
        """The provider's own; its changing calls and its agent's are counted."""
        found = getattr(self._provider, name)
        if name in _CHANGING:
            return self._changing(name, found)
        return self._asking(found) if name == "agent" else found

    def _changing(self, name: str, call: Callable[..., Awaitable[object]]) -> object:
        async def counted(*arguments: object, **named: object) -> object:
            self._failpoint.reached("call", f"before {name}")
            loop = asyncio.get_running_loop()
            timer = loop.call_later(_DURING_SECONDS, self._failpoint.reached, "during", name)
            answer = await call(*arguments, **named)
            timer.cancel()
            self._failpoint.reached("call", f"after {name}")
            return answer

        return counted

    def _asking(self, call: Callable[..., Awaitable[object]]) -> object:
        async def counted(*arguments: object, **named: object) -> object:
            if current_job.get():
                self._failpoint.reached("agent", "ask")
            return await call(*arguments, **named)

        return counted


_armed: Failpoint | None = None


def reached(name: str) -> None:
    """A point of a job's journal."""
    if _armed is not None:
        _armed.reached("journal", name)


def arm(environment: Mapping[str, str], factory: Callable[[str], Provider]) -> Callable[[str], Provider]:
    """What `factory` makes, with the failpoint that the environment asks for; usually `factory` itself."""
    global _armed  # one process, one failpoint, set before anything runs
    wish, trace = environment.get(VARIABLE, ""), environment.get(TRACE_VARIABLE, "")
    if not wish and not trace:
        return factory
    action, kind, number = (wish or "fail none 0").split()
    failpoint = _armed = Failpoint(action, kind, int(number), Path(trace) if trace else None)
    sys.addaudithook(failpoint.audit)
    return lambda uri: cast("Provider", BreakingProvider(factory(uri), failpoint))


def _writes(arguments: tuple[Any, ...]) -> bool:
    return len(arguments) > 2 and isinstance(arguments[2], int) and bool(arguments[2] & _WRITES)


def _failure(kind: str, name: str) -> ProblemError:
    why = f"A failpoint asked for it: {name}."
    if kind == "journal":
        return problem(
            Code.DISK_FULL, "The store could not be written.", why, next="Leave CLONEBOX_FAILPOINT unset."
        )
    if kind == "agent":
        return problem(
            Code.AGENT_UNAVAILABLE, "The agent does not answer.", why, next="Leave CLONEBOX_FAILPOINT unset."
        )
    return problem(Code.LIBVIRT_ERROR, "The call failed.", why, next="Leave CLONEBOX_FAILPOINT unset.")
