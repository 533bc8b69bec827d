"""Processes that the agent of a simulated machine was asked to run, and when they end."""

import asyncio
import base64
from collections.abc import Callable
from typing import Any

from clonebox_tui.model.problem import Code, problem
from clonebox_tui.providers.simulated.carrier import Carrier
from clonebox_tui.providers.simulated.machine import SimulatedMachine
from clonebox_tui.providers.simulated.shell import Outcome, Shell, unwrapped


class _Process:
    """One command. With a carrier it begins once its input is whole, and its streams go to files."""

    def __init__(
        self, begin: Callable[[bytes], tuple[Outcome, float]], carrier: Carrier | None, captured: bool
    ) -> None:
        self.captured = captured and carrier is None
        self.killed = False
        self.outcome: Outcome | None = None
        self._begin = begin
        self._carrier = carrier
        self._ends_at = 0.0
        self._delivered = False

    def start(self, stdin: bytes) -> None:
        """Run: what it prints is known at once, its end comes in time."""
        self.outcome, seconds = self._begin(stdin)
        self._ends_at = asyncio.get_running_loop().time() + seconds

    def ended(self) -> bool:
        """Whether it has ended by now."""
        if self.killed:
            return True
        if self.outcome is None and self._carrier is not None:
            stdin = self._carrier.whole_input()
            if stdin is None:
                return False
            self.start(stdin)
        if asyncio.get_running_loop().time() < self._ends_at or self.outcome is None:
            return False
        if self._carrier is not None and not self._delivered:
            self._delivered = True
            self._carrier.deliver(self.outcome)
        return True


class Processes:
    """guest-exec and guest-exec-status."""

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
        environment = dict(str(each).partition("=")[::2] for each in arguments.get("env") or [])
        words = [str(arguments["path"]), *map(str, arguments.get("arg") or [])]
        argv = unwrapped(words, environment)
        carrier, argv = Carrier.of(self._machine.files, argv)

        def run(stdin: bytes) -> tuple[Outcome, float]:
            shell = Shell(self._machine, self._now, environment, self._kill)
            return shell.run(argv, stdin), shell.seconds

        process = _Process(run, carrier, bool(arguments.get("capture-output")))
        if carrier is None:
            process.start(base64.b64decode(arguments.get("input-data") or ""))
            self._refuse_unknown(argv[0], process)
        self._next_pid += 1
        self._running[self._next_pid] = process
        return {"pid": self._next_pid}

    def _refuse_unknown(self, path: str, process: _Process) -> None:
        """The agent itself cannot find a program that is named by its path."""
        if process.outcome is not None and process.outcome.code == 127 and path.startswith("/"):
            raise problem(
                Code.GUEST_ERROR,
                "The guest agent refused.",
                why=f"Failed to execute child process “{path}” (No such file or directory)",
                next="Check that the program is there in the guest.",
            )

    def status(self, arguments: dict[str, Any]) -> object:
        """guest-exec-status; the process is forgotten once its end was told."""
        pid = int(arguments["pid"])
        process = self._running.get(pid)
        if process is None:
            raise problem(
                Code.GUEST_ERROR,
                "The guest agent refused.",
                why="Invalid parameter 'pid': no such process",
                next="Start the program again.",
            )
        if not process.ended():
            return {"exited": False}
        del self._running[pid]
        outcome = process.outcome or Outcome(b"", b"", 0)
        if process.killed:
            return {"exited": True, "signal": 9}
        answer: dict[str, object] = {"exited": True, "exitcode": outcome.code}
        for name, data in (("out-data", outcome.stdout), ("err-data", outcome.stderr)):
            if process.captured and data:
                answer[name] = base64.b64encode(data).decode()
        return answer

    def _kill(self, pid: int) -> bool:
        process = self._running.get(pid)
        if process is None:
            return False
        process.killed = True
        return True
