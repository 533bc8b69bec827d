"""Processes that the agent of a simulated machine was asked to run, and when they end."""

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from clonebox_tui.model.problem import Code, problem
from clonebox_tui.providers.simulated.machine import SimulatedMachine
from clonebox_tui.providers.simulated.shell import Shell


@dataclass(slots=True)
class _Process:
    ends_at: float
    stdout: bytes
    stderr: bytes
    code: int
    captured: bool
    killed: bool = False


class Processes:
    """guest-exec and guest-exec-status. What a command prints is known at once, its end comes in time."""

    def __init__(self, machine: SimulatedMachine, now: Callable[[], float]) -> None:
        self._machine = machine
        self._now = now
        self._running: dict[int, _Process] = {}
        self._next_pid = 900

    def forget(self) -> None:
        """The machine was started anew."""
        self._running.clear()

    def begin(self, arguments: dict[str, Any]) -> object:
        """guest-exec: `path`, `arg`, `env`, `input-data` (base64), `capture-output`."""
        argv = [str(arguments["path"]), *map(str, arguments.get("arg") or [])]
        stdin = base64.b64decode(arguments.get("input-data") or "")
        environment = dict(str(each).partition("=")[::2] for each in arguments.get("env") or [])
        shell = Shell(self._machine, self._now, environment, self._kill)
        stdout, stderr, code = shell.run(argv, stdin)
        if code == 127 and not stdout and "/" in argv[0]:
            raise problem(
                Code.GUEST_ERROR,
                "The guest agent refused.",
                why=f"Guest agent command failed, error was 'Failed to execute child process “{argv[0]}” "
                "(No such file or directory)'",
            )
        self._next_pid += 1
        captured = bool(arguments.get("capture-output"))
        self._running[self._next_pid] = _Process(
            time.monotonic() + shell.seconds, stdout, stderr, code, captured
        )
        return {"pid": self._next_pid}

    def status(self, arguments: dict[str, Any]) -> object:
        """guest-exec-status; the process is forgotten once its end was told."""
        pid = int(arguments["pid"])
        process = self._running.get(pid)
        if process is None:
            raise problem(
                Code.GUEST_ERROR, "The guest agent refused.", why="Invalid parameter 'pid': no such process"
            )
        if not process.killed and time.monotonic() < process.ends_at:
            return {"exited": False}
        del self._running[pid]
        answer: dict[str, object] = {"exited": True}
        if process.killed:
            answer["signal"] = 9
        else:
            answer["exitcode"] = process.code
        if process.captured and process.stdout:
            answer["out-data"] = base64.b64encode(process.stdout).decode()
        if process.captured and process.stderr:
            answer["err-data"] = base64.b64encode(process.stderr).decode()
        return answer

    def _kill(self, pid: int) -> bool:
        process = self._running.get(pid)
        if process is None:
            return False
        process.killed = True
        return True
