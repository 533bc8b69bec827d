"""How simulated machines come up, go down and use the host, with the short waits that real ones have."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from clonebox_tui.model.labels import Labels
from clonebox_tui.model.machine import AgentState, Machine, State
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.model.sample import Counters, Reading
from clonebox_tui.providers.simulated import moments
from clonebox_tui.providers.simulated.address import Address
from clonebox_tui.providers.simulated.curves import shapes
from clonebox_tui.providers.simulated.host import SimulatedHost
from clonebox_tui.providers.simulated.logs import serial_of
from clonebox_tui.providers.simulated.machine import SimulatedMachine
from clonebox_tui.providers.simulated.meter import integrals
from clonebox_tui.providers.simulated.past import past_of
from clonebox_tui.providers.simulated.population import populate

if TYPE_CHECKING:
    from clonebox_tui.providers.protocol import Listener


class Life:
    """All machines of a connection. The listener hears of every change."""

    def __init__(self, address: Address, now: Callable[[], float]) -> None:
        self.listener: Listener | None = None
        self._address = address
        self._now = now
        self._shapes = shapes(address.seed)
        self._all: dict[str, SimulatedMachine] | None = None
        self._ticks = 0
        self._runs = address.machines
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._aside: dict[str, SimulatedMachine] = {}
        self.host = SimulatedHost(address.uri, self._shapes, lambda: self.every, self._moment)

    # -- finding -------------------------------------------------------------------------------------

    @property
    def every(self) -> dict[str, SimulatedMachine]:
        """Machines by UUID, made up when first asked for."""
        if self._all is None:
            now = self._now()
            self._all = {machine.uuid: machine for machine in populate(self._address, now)}
            for machine in self._all.values():
                if machine.started_at is not None:
                    machine.meter.begin(integrals(self._shapes, machine.started_at))
                    if machine.state is State.PAUSED:
                        machine.meter.pause(integrals(self._shapes, now))
        return self._all

    def find(self, uuid: str) -> SimulatedMachine:
        """The machine; MACHINE_NOT_FOUND."""
        machine = self.every.get(uuid)
        if machine is None:
            raise problem(
                Code.MACHINE_NOT_FOUND,
                f"There is no machine {uuid}.",
                why=f"{self._address.uri} has none of that UUID.",
                next="List the machines and choose one of them.",
            )
        return machine

    def name_of(self, uuid: str) -> str:
        """Its name; empty if there is none."""
        machine = self.every.get(uuid) if uuid else None
        return machine.name if machine else ""

    def public(self) -> list[Machine]:
        """All, as rows of the list."""
        return [machine.public() for machine in self.every.values()]

    def add(self, machine: SimulatedMachine) -> Machine:
        """Take in a new one; NAME_TAKEN."""
        if any(each.name == machine.name or each.uuid == machine.uuid for each in self.every.values()):
            raise problem(
                Code.NAME_TAKEN,
                f"There is already a machine {machine.name}.",
                next="Choose another name, or delete that machine first.",
            )
        self.every[machine.uuid] = machine
        self._changed(machine)
        return machine.public()

    def remove(self, machine: SimulatedMachine) -> None:
        """Forget one that is off; WRONG_STATE."""
        self._require(machine, "deleted", State.OFF, State.CRASHED, State.SUSPENDED)
        del self.every[machine.uuid]
        if self.listener is not None:
            self.listener.machine_removed(machine.id)

    def set_aside(self, machine: SimulatedMachine) -> None:
        """Forget one that is off, until it is put back; WRONG_STATE."""
        self.remove(machine)
        self._aside[machine.uuid] = machine

    def put_back(self, uuid: str, name: str) -> Machine:
        """Take one in again, under `name`; MACHINE_NOT_FOUND, NAME_TAKEN."""
        if uuid in self.every or uuid not in self._aside:
            return self.find(uuid).public()
        machine = self._aside[uuid]
        back, machine.name = machine.name, name
        try:
            public = self.add(machine)
        except ProblemError:
            machine.name = back
            raise
        del self._aside[uuid]
        return public

    # -- changing ------------------------------------------------------------------------------------

    async def start(self, machine: SimulatedMachine) -> None:
        """Boot, or wake from suspension; returns once it runs."""
        self._require(machine, "started", State.OFF, State.CRASHED, State.SUSPENDED)
        await asyncio.sleep(self._address.transition)
        self._require(machine, "started", State.OFF, State.CRASHED, State.SUSPENDED)
        self._run(machine)

    def ask(self, machine: SimulatedMachine, mode: str, again: bool) -> None:
        """Ask the guest to go down (and to come up `again`)."""
        self._require(machine, "asked", State.RUNNING)
        if mode == "agent" and machine.agent is not AgentState.CONNECTED:
            raise agent_missing(machine)
        if self._address.fault("deaf", "ask_to_stop", machine.name):
            return
        machine.state = State.STOPPING
        self._changed(machine)
        self._later(machine, self._address.transition, lambda: self._end(machine, again))

    def kill(self, machine: SimulatedMachine) -> None:
        """Pull the plug."""
        self._require(machine, "killed", State.RUNNING, State.PAUSED, State.STOPPING)
        self._stop(machine, "qemu-system-x86_64: terminating on signal 15")

    def pause(self, machine: SimulatedMachine) -> None:
        """Freeze."""
        self._require(machine, "paused", State.RUNNING)
        machine.meter.pause(self._table())
        machine.state = State.PAUSED
        self._changed(machine)

    def resume(self, machine: SimulatedMachine) -> None:
        """Thaw."""
        self._require(machine, "resumed", State.PAUSED)
        machine.meter.resume(self._table())
        machine.state = State.RUNNING
        self._changed(machine)

    def label(self, machine: SimulatedMachine, labels: Labels) -> None:
        """Write on it."""
        machine.labels = labels
        self._changed(machine)

    def go_back(self, machine: SimulatedMachine, name: str) -> None:
        """Bring a snapshot's files back, and its state."""
        moment = moments.go_back(machine, self._now(), name)
        self._cancel(machine)
        if moment.running:
            self._run(machine, agent_at_once=True)
        elif machine.state is not State.OFF:
            self._stop(machine, "qemu-system-x86_64: state loaded, off")

    def _run(self, machine: SimulatedMachine, agent_at_once: bool = False) -> None:
        now = self._now()
        self._runs += 1
        machine.run, machine.state, machine.started_at = self._runs, State.RUNNING, now
        machine.meter.begin(self._table())
        machine.agent_up = agent_at_once and machine.has_agent
        machine.frozen_files = False
        machine.detached.clear()
        machine.unmounted.clear()
        if not agent_at_once:
            serial_of(machine, now).boot(now)
        self._changed(machine)
        if machine.has_agent and not machine.agent_up:
            self._later(machine, self._address.boot, lambda: self._agent_appears(machine))

    def _agent_appears(self, machine: SimulatedMachine) -> None:
        machine.agent_up = True
        self._changed(machine)

    def _end(self, machine: SimulatedMachine, again: bool) -> None:
        if again:
            self._run(machine)
        else:
            self._stop(machine, "reboot: Power down")

    def _stop(self, machine: SimulatedMachine, last_line: str) -> None:
        self._cancel(machine)
        serial_of(machine, self._now()).halt(self._now(), last_line)
        machine.state, machine.started_at, machine.run = State.OFF, None, -1
        machine.agent_up = False
        self._changed(machine)

    def close(self) -> None:
        """Let all transitions under way be."""
        for timer in self._timers.values():
            timer.cancel()

    def _later(self, machine: SimulatedMachine, seconds: float, act: Callable[[], None]) -> None:
        self._cancel(machine)
        self._timers[machine.uuid] = asyncio.get_running_loop().call_later(seconds, act)

    def _cancel(self, machine: SimulatedMachine) -> None:
        timer = self._timers.pop(machine.uuid, None)
        if timer is not None:
            timer.cancel()

    def _changed(self, machine: SimulatedMachine) -> None:
        if self.listener is not None:
            self.listener.machine_changed(machine.public())

    def _require(self, machine: SimulatedMachine, done: str, *states: State) -> None:
        if machine.state not in states:
            raise problem(
                Code.WRONG_STATE,
                f"{machine.name} cannot be {done}.",
                why=f"It is {machine.state.value}.",
                next=f"It can be when it is {' or '.join(state.value for state in states)}.",
            )

    # -- using the host ------------------------------------------------------------------------------

    def _moment(self) -> float:
        return self._now() + (self._ticks if self._address.frozen is not None else 0)

    def _table(self) -> tuple[float, ...]:
        return integrals(self._shapes, self._moment())

    def counters(self, detailed: frozenset[str]) -> list[Counters]:
        """Counters of all machines; with a frozen clock each call is one second after the last."""
        self._ticks += 1
        at = self._moment()
        frozen = self._address.frozen is not None
        seconds = float(self._ticks) if frozen else asyncio.get_running_loop().time()
        time_ns = int(seconds * 1e9)
        table = integrals(self._shapes, at)
        return [
            machine.detailed_counters(time_ns, table, self._shapes, at)
            if uuid in detailed
            else machine.counters(time_ns, table)
            for uuid, machine in self.every.items()
        ]

    def usage(self, machine: SimulatedMachine) -> tuple[float, ...]:
        """What one machine used since its start (see `meter`)."""
        return machine.meter.read(self._table())

    def past(self, machine: SimulatedMachine, spans: Sequence[tuple[float, float]]) -> list[Reading | None]:
        """What it did before."""
        return past_of(machine, self._shapes, spans)


def agent_missing(machine: SimulatedMachine) -> ProblemError:
    """The error of talking to an agent that is not there."""
    return problem(
        Code.AGENT_UNAVAILABLE,
        f"The guest agent of {machine.name} does not answer.",
        why="It has no agent channel." if not machine.has_agent else "Nobody is connected to its channel.",
        next="Wait until it has booted, or install qemu-guest-agent in it.",
    )
