"""Wait for a guest to come up: for its agent, then for its first boot to be over; and say what is missing.

Times are generous: an emulated guest on a busy host takes ten times what was measured on an idle one.
"""

import time
from typing import TypeVar

import msgspec

from clonebox_tui.engine.act import StepRun
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.guest import execution
from clonebox_tui.guest.agent import Agent
from clonebox_tui.guest.execution import pauses
from clonebox_tui.guest.files import read_file
from clonebox_tui.model.machine import AgentState, Machine, State, Trouble
from clonebox_tui.model.plain import clean_line
from clonebox_tui.model.problem import Code, Problem, ProblemError, problem

AGENT_SECONDS = 600.0
FIRST_BOOT_SECONDS = 1200.0
_RESULT = "/run/cloud-init/result.json"
_STATUS = "/run/cloud-init/status.json"
_LOG = "/var/log/cloud-init.log"
_STAGES = {"init-local": "settings", "init": "users and keys", "modules-config": "configuration",
           "modules-final": "last touches"}  # fmt: skip
_EVIDENCE_BYTES = 4096
_EVIDENCE_LINES = 12
_POLL_SECONDS = 1.0
T = TypeVar("T")
_SILENT = (Code.AGENT_UNAVAILABLE, Code.TIMED_OUT)


class _Outcome(msgspec.Struct, frozen=True):
    errors: tuple[str, ...] = ()


class _Result(msgspec.Struct, frozen=True):
    v1: _Outcome


class _Stage(msgspec.Struct, frozen=True):
    stage: str | None = None


class _Status(msgspec.Struct, frozen=True):
    v1: _Stage


async def wait_for_agent(
    fleet: Fleet, machine: str, agent: Agent, run: StepRun, timeout_seconds: float = AGENT_SECONDS
) -> None:
    """Return when the agent answers; NOT_READY, with the console's last lines, when it does not come."""
    began = time.monotonic()

    def settled(seen: Machine | None) -> bool:
        return seen is None or seen.agent is AgentState.CONNECTED or _is_down(seen) or bool(seen.trouble)

    while (elapsed := time.monotonic() - began) < timeout_seconds:
        run.progress("waiting for the guest agent", round(elapsed), None, "seconds")
        if not await fleet.wait_until(machine, settled, _POLL_SECONDS):
            continue
        await _refuse_down(fleet, machine)
        try:
            return await agent.ping()
        except ProblemError as error:
            if error.problem.code not in _SILENT:
                raise
    raise await not_ready(
        fleet, machine, f"The guest agent did not answer within {timeout_seconds:.0f} s", ""
    )


async def wait_for_first_boot(
    fleet: Fleet, machine: str, agent: Agent, run: StepRun, timeout_seconds: float = FIRST_BOOT_SECONDS
) -> tuple[str, ...]:
    """Return when cloud-init is done, with its warnings. NOT_READY with its errors, or at the timeout."""
    began, stage = time.monotonic(), ""
    async for _ in pauses(_POLL_SECONDS):
        elapsed = time.monotonic() - began
        await _refuse_down(fleet, machine)
        outcome = await _read(agent, _RESULT, _Result)
        if outcome is not None:
            if outcome.v1.errors:
                why = "; ".join(outcome.v1.errors)
                raise await not_ready(fleet, machine, "cloud-init ended with errors", why)
            return await _warnings(agent)
        if elapsed > timeout_seconds:
            what = f"cloud-init was not done within {timeout_seconds:.0f} s"
            raise await not_ready(fleet, machine, what, "")
        status = await _read(agent, _STATUS, _Status)
        # Between two stages there is none: the last one is shown on.
        stage = _STAGES.get(status.v1.stage or "", stage) if status else stage
        run.progress(f"first boot{stage and f': {stage}'}", round(elapsed), None, "seconds")
    raise AssertionError("pauses never end")


async def not_ready(
    fleet: Fleet, machine: str, what: str, why: str, lacks: tuple[str, ...] = ()
) -> ProblemError:
    """The problem, with the console's last lines as evidence."""
    return ProblemError(
        Problem(
            Code.NOT_READY,
            what,
            why,
            "Look at the details; cloning again is safe.",
            (*lacks, *await _console(fleet, machine)),
        )
    )


async def _console(fleet: Fleet, machine: str) -> tuple[str, ...]:
    try:
        provider, uuid = fleet.provider_of(machine)
        chunk = await provider.read_log(uuid, "serial", -_EVIDENCE_BYTES, _EVIDENCE_BYTES)
    except ProblemError as error:
        return (f"no console log: {error.problem.what}",)
    return console_evidence(chunk.data)


def console_evidence(printed: bytes) -> tuple[str, ...]:
    """The last readable lines of a serial console, each as `console: …`; one line that says so when
    there are none."""
    lines = [line for line in map(str.strip, map(clean_line, printed.splitlines())) if line]
    if not lines:
        return ("no console output: the guest had printed nothing readable yet",)
    return tuple(f"console: {line}" for line in lines[-_EVIDENCE_LINES:])


async def _read(agent: Agent, path: str, kind: type[T]) -> T | None:
    """A JSON file of the guest; None while it is absent, half written, or the agent is busy."""
    try:
        return msgspec.json.decode(await read_file(agent, path), type=kind)
    except msgspec.MsgspecError:
        return None
    except ProblemError as error:
        if error.problem.code not in (Code.FILE_NOT_FOUND, *_SILENT):
            raise
        return None


async def _warnings(agent: Agent) -> tuple[str, ...]:
    """What cloud-init warned of, without time stamps."""
    found = await execution.run(agent, ["grep", "-F", "[WARNING]", _LOG])
    return tuple(dict.fromkeys(line.partition(" - ")[2] or line for line in found.text.splitlines()))


async def _refuse_down(fleet: Fleet, machine: str) -> None:
    seen = fleet.machines.get(machine)
    if seen is None or _is_down(seen):
        raise await not_ready(fleet, machine, "The machine went off while it booted", "")
    if seen.trouble is Trouble.DISK_FULL:
        raise problem(
            Code.DISK_FULL,
            f"The host has no room left for the disk of {seen.name}.",
            why="QEMU paused the machine in the middle of a write.",
            next="Make room, then clone again: nothing was kept.",
        )


def _is_down(machine: Machine) -> bool:
    return machine.state in (State.OFF, State.CRASHED, State.STOPPING)
