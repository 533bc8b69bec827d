"""Start, stop, kill, pause, resume, reboot: what a person does to a machine many times a day.

A request to stop never kills: where the guest does not obey, the job fails and says what is left to do.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle
from pathlib import Path

from clonebox_tui.engine.act import Handlers, Step, StepRun
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.machine_act import MachineAct, free_memory_bytes, require_memory
from clonebox_tui.model.acts import (
    KillMachine,
    PauseMachine,
    RebootMachine,
    ResumeMachine,
    StartMachine,
    StopMachine,
)
from clonebox_tui.model.environment import MEBIBYTE
from clonebox_tui.model.machine import AgentState, Machine, State, Trouble
from clonebox_tui.model.problem import Code, ProblemError, problem

ASK_AGAIN_SECONDS = 20.0
"""How long a guest that was asked to stop is waited for before the next way, or the same again, is tried:
one that still boots drops the request (its logind does not watch the button yet)."""

RESUME_FREE_BYTES = 16 * MEBIBYTE
"""What a machine that ran out of room finds before it goes on: less, and it would stop again at once."""

GOING_DOWN_SECONDS = 60.0
COMING_UP_SECONDS = 300.0
"""How long a reboot may take to silence the agent, and to bring it back."""

_WAITING = "waiting for the guest to power off, at most {:g} s"
_NOT_HEARD = (Code.AGENT_UNAVAILABLE, Code.TIMED_OUT, Code.GUEST_ERROR)


def lifecycle(fleet: Fleet, memory: Callable[[], int] = free_memory_bytes) -> Handlers:
    """The handlers of all lifecycle acts; `memory` gives the host's free bytes."""
    return {
        StartMachine: Start(fleet, memory),
        StopMachine: Stop(fleet),
        KillMachine: Kill(fleet),
        PauseMachine: Pause(fleet),
        ResumeMachine: Resume(fleet),
        RebootMachine: Reboot(fleet),
    }


def _now() -> float:
    return asyncio.get_running_loop().time()


def _is_off(machine: Machine | None) -> bool:
    return machine is None or machine.state in (State.OFF, State.CRASHED)


def _mode(fleet: Fleet, machine: str) -> str:
    """How a guest is asked first."""
    known = fleet.machines.get(machine)
    return "agent" if known is not None and known.agent is AgentState.CONNECTED else "acpi"


class Start(MachineAct[StartMachine]):
    """Boots, once there is memory for it."""

    verb, operation = "Start", "start"
    undo = "Stop the machine."

    def __init__(self, fleet: Fleet, memory: Callable[[], int]) -> None:
        super().__init__(fleet)
        self._memory = memory

    def check(self, machine: Machine) -> None:
        """MEMORY_SHORT where this host has not enough for it."""
        require_memory(machine, self._memory)

    async def act(self, act: StartMachine, run: StepRun) -> None:
        """Start, knowing whether a saved state is used up by it."""
        machine = self.fleet.machine(act.machine)
        await run.remember(had_saved_state=machine.saved)
        provider, uuid = self.fleet.provider_of(act.machine)
        if machine.connection.startswith("qemu:///"):
            from clonebox_tui.engine.intact import require_machine_intact

            await require_machine_intact(provider, await provider.details(uuid))
        await provider.start(uuid)

    async def take_back(self, act: StartMachine, run: StepRun) -> None:
        """Power off what was only just booted; never what woke up with its memory."""
        provider, uuid = self.fleet.provider_of(act.machine)
        machine = (await provider.details(uuid)).machine
        if machine.state is not State.RUNNING or run.memory.get("had_saved_state") is not False:
            return
        await provider.kill(uuid)


class Kill(MachineAct[KillMachine]):
    """Pulls the plug."""

    verb, operation = "Kill", "kill"
    destructive = True
    reversible = False
    undo = "It cannot be undone: what the guest had not written to its disk is lost."
    warnings = ("The guest is not asked: unsaved work is lost.",)

    async def act(self, act: KillMachine, run: StepRun) -> None:
        """Kill; one that went off by itself meanwhile is as wanted."""
        provider, uuid = self.fleet.provider_of(act.machine)
        if not _is_off(self.fleet.machine(act.machine)):
            await provider.kill(uuid)
            run.log("Pulled the plug.")


class Pause(MachineAct[PauseMachine]):
    """Freezes the vCPUs."""

    verb, operation = "Pause", "pause"
    undo = "Resume the machine."

    async def act(self, act: PauseMachine, run: StepRun) -> None:
        """Freeze."""
        provider, uuid = self.fleet.provider_of(act.machine)
        await provider.pause(uuid)
        run.log("Froze the vCPUs.")

    async def take_back(self, act: PauseMachine, run: StepRun) -> None:
        """Thaw, if it came to freezing."""
        provider, uuid = self.fleet.provider_of(act.machine)
        if (await provider.details(uuid)).machine.state is State.PAUSED:
            await provider.resume(uuid)
            run.log("Thawed the vCPUs.")


class Resume(MachineAct[ResumeMachine]):
    """Thaws the vCPUs."""

    verb, operation = "Resume", "resume"
    undo = "Pause the machine."

    async def act(self, act: ResumeMachine, run: StepRun) -> None:
        """Thaw; DISK_FULL where the write that it was paused for would fail again at once."""
        provider, uuid = self.fleet.provider_of(act.machine)
        details = await provider.details(uuid)
        if details.machine.trouble is Trouble.DISK_FULL and act.machine.startswith("qemu:///"):
            from clonebox_tui.engine.clone.disk import refuse_full

            for each in details.disks:
                if each.path.startswith("/") and not each.readonly:
                    refuse_full(Path(each.path).parent, RESUME_FREE_BYTES)
        await provider.resume(uuid)
        run.log("Thawed the vCPUs.")


class Stop(MachineAct[StopMachine]):
    """Asks by agent, then by ACPI, and waits for the machine to be off."""

    verb, operation = "Stop", "ask_to_stop"
    destructive = True
    undo = "Start the machine."

    def argument(self, act: StopMachine) -> str:
        """The first way it is asked."""
        return _mode(self.fleet, act.machine)

    def notes(self, act: StopMachine, machine: Machine) -> tuple[str, ...]:
        """How it is asked, and what happens if it does not listen."""
        first = "its agent, then ACPI" if machine.agent is AgentState.CONNECTED else "ACPI"
        return (
            f"The guest is asked through {first}, and has {act.timeout_seconds:g} s; it is never killed.",
        )

    async def act(self, act: StopMachine, run: StepRun) -> None:
        """Ask and wait; TIMED_OUT when it still runs at the end."""
        ends = _now() + act.timeout_seconds
        modes = self._modes(act)
        if not modes:
            return
        for mode in cycle(modes):
            if not await self._asked(act, mode, run):
                continue
            if await self._went_off(act, run, min(ends, _now() + ASK_AGAIN_SECONDS), ends):
                return
            if _now() >= ends:
                break
        name = self.fleet.machine(act.machine).name
        raise problem(
            Code.TIMED_OUT,
            f"{name} still runs {act.timeout_seconds:g} s after it was asked to stop.",
            why="The guest did not power off; it may be busy, or it has nobody who listens to ACPI.",
            next=f"Look at its log, wait and stop it again, or pull the plug: `clonebox-tui kill {name}`.",
        )

    def _modes(self, act: StopMachine) -> Sequence[str]:
        if _is_off(self.fleet.machines.get(act.machine)):
            return ()
        return ("agent", "acpi") if _mode(self.fleet, act.machine) == "agent" else ("acpi",)

    async def _asked(self, act: StopMachine, mode: str, run: StepRun) -> bool:
        provider, uuid = self.fleet.provider_of(act.machine)
        try:
            await provider.ask_to_stop(uuid, mode)
        except ProblemError as error:
            machine = self.fleet.machines.get(act.machine)
            if machine is None or machine.state not in (State.RUNNING, State.UNKNOWN):
                return True  # it is off, or on its way there
            if mode == "agent" and error.problem.code in _NOT_HEARD:
                run.log(f"The agent could not be asked: {error.problem.what}")
                return False
            raise
        run.log(f"Asked the guest to power off ({mode}).")
        return True

    async def _went_off(self, act: StopMachine, run: StepRun, until: float, ends: float) -> bool:
        while True:
            now = _now()
            # No total: waiting is no progress, and an estimate of its end would be invented.
            waited = act.timeout_seconds - (ends - now)
            run.progress(_WAITING.format(act.timeout_seconds), waited, None, "seconds")
            if await self.fleet.wait_until(act.machine, _is_off, max(0.0, min(1.0, until - now))):
                return True
            if _now() >= until:
                return False


class Reboot(MachineAct[RebootMachine]):
    """Asks the guest to reboot; where it has an agent, waits until that is back."""

    verb, operation = "Reboot", "ask_to_reboot"
    destructive = True
    reversible = False
    undo = "It cannot be undone: running programs are ended by the guest."
    downtime_seconds = 30.0

    def argument(self, act: RebootMachine) -> str:
        """The first way it is asked."""
        return _mode(self.fleet, act.machine)

    async def act(self, act: RebootMachine, run: StepRun) -> None:
        """Ask by agent, else by ACPI."""
        provider, uuid = self.fleet.provider_of(act.machine)
        listens = _mode(self.fleet, act.machine) == "agent"
        await run.remember(agent=listens)
        if listens:
            try:
                await provider.ask_to_reboot(uuid, "agent")
            except ProblemError as error:
                if error.problem.code not in _NOT_HEARD:
                    raise
                run.log(f"The agent could not be asked: {error.problem.what}")
            else:
                return
        await provider.ask_to_reboot(uuid, "acpi")

    async def steps(self, act: RebootMachine, memory: Mapping[str, object]) -> Sequence[Step]:
        """The request, and the wait for the agent."""

        async def wait(run: StepRun) -> None:
            if run.memory.get("agent"):
                await self._come_back(act, run)

        return [*await super().steps(act, memory), Step("back", "Wait until the guest answers again", wait)]

    async def _come_back(self, act: RebootMachine, run: StepRun) -> None:
        run.progress("waiting for the guest to go down")
        if not await self._agent_is(act, False, GOING_DOWN_SECONDS):
            self._fail(act, "did not go down", GOING_DOWN_SECONDS)
        run.progress("waiting for the guest agent")
        if not await self._agent_is(act, True, COMING_UP_SECONDS):
            self._fail(act, "went down but does not answer again", COMING_UP_SECONDS)

    async def _agent_is(self, act: RebootMachine, connected: bool, timeout_seconds: float) -> bool:
        def holds(machine: Machine | None) -> bool:
            return machine is not None and (machine.agent is AgentState.CONNECTED) is connected

        return await self.fleet.wait_until(act.machine, holds, timeout_seconds)

    def _fail(self, act: RebootMachine, how: str, seconds: float) -> None:
        name = self.fleet.machine(act.machine).name
        raise problem(
            Code.TIMED_OUT,
            f"{name} {how} within {seconds:g} s after it was asked to reboot.",
            next=f"Look at its log: `clonebox-tui logs {name}`.",
        )
