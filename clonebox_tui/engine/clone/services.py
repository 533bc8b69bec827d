"""Bring up the chosen services in the guest, run the file's commands, and see that ports answer."""

import time
from collections.abc import Awaitable, Callable, Sequence

from clonebox_tui.engine.act import StepRun
from clonebox_tui.guest import execution
from clonebox_tui.guest.agent import Agent
from clonebox_tui.guest.execution import pauses
from clonebox_tui.guest.files import write_file
from clonebox_tui.guest.streaming import stream
from clonebox_tui.model.problem import ProblemError

SERVICE_SECONDS = 180.0
COMMAND_SECONDS = 3600.0
_KEPT_BYTES = 64 * 1024
"""The end of a failed command's output that stays in the guest."""
SETTLE_SECONDS = 90.0
"""How long a service may take from being started until it is active and its ports answer."""


async def start_services(agent: Agent, services: Sequence[str], run: StepRun) -> tuple[str, ...]:
    """Enable and start them; a sentence for each that would not."""
    lacks = []
    for number, name in enumerate(services):
        run.progress("starting services", number, len(services), "services")
        started = await execution.run(
            agent, ["systemctl", "enable", "--now", "--", name], timeout_seconds=SERVICE_SECONDS
        )
        if started.exit_code:
            lacks.append(f"service {name}: {await _reason(agent, name, started.complaint)}")
        run.log(f"  {lacks[-1]}" if started.exit_code else f"  started {name}")
    return tuple(lacks)


async def run_commands(agent: Agent, commands: Sequence[str], run: StepRun) -> tuple[str, ...]:
    """Run the file's commands as root, each by itself and letter by letter; what failed."""
    lacks = []
    for number, command in enumerate(commands):
        run.progress("running commands", number, len(commands), "commands")
        tail = bytearray()

        async def keep(_name: str, data: bytes, tail: bytearray = tail) -> None:
            tail.extend(data)
            del tail[:-_KEPT_BYTES]

        result = await stream(agent, ["bash", "-c", command], keep, timeout_seconds=COMMAND_SECONDS)
        run.log(f"  command {number + 1} ended with code {result.exit_code}")
        if result.exit_code:
            kept = await _kept_in_the_guest(agent, number + 1, bytes(tail))
            lacks.append(f"command {number + 1}: exit code {result.exit_code}: {kept}")
    return tuple(lacks)


async def _kept_in_the_guest(agent: Agent, number: int, said: bytes) -> str:
    """Neither the command nor its words are repeated here: what they hold is not for logs and journals."""
    if not said.strip():
        return "it said nothing"
    path = f"/root/clonebox-command-{number}.log"
    try:
        await write_file(agent, path, said)
    except ProblemError:
        return "what it said could not be kept"
    return f"what it said is in the guest, {path}"


async def not_active(agent: Agent, services: Sequence[str]) -> tuple[str, ...]:
    """Those of the services that systemd does not call active."""
    if not services:
        return ()
    answer = await execution.run(agent, ["systemctl", "is-active", "--", *services])
    states = answer.text.split()
    return tuple(name for name, state in zip(services, states, strict=False) if state != "active")


async def not_listening(agent: Agent, ports: Sequence[int]) -> tuple[int, ...]:
    """Those of the TCP ports on which nobody listens in the guest."""
    if not ports:
        return ()
    answer = await execution.run(agent, ["ss", "-Hltn"])
    open_ports = {line.split()[3].rpartition(":")[2] for line in answer.text.splitlines() if line.strip()}
    return tuple(port for port in ports if str(port) not in open_ports)


async def settled(check: Callable[[], Awaitable[Sequence[object]]], seconds: float = SETTLE_SECONDS) -> None:
    """Wait until `check` finds nothing lacking, or the time is over."""
    began = time.monotonic()
    async for _ in pauses(1.0):
        if not await check() or time.monotonic() - began > seconds:
            return


async def _reason(agent: Agent, name: str, complaint: str) -> str:
    journal = await execution.run(
        agent, ["journalctl", "-u", name, "-n", "3", "-o", "cat", "--no-pager", "-q"]
    )
    lines = [line for line in journal.text.splitlines() if line.strip()]
    return lines[-1] if lines else complaint
