"""The steps of a fork on the simulated fleet: no file of the host is touched, files of guests are copied."""

from collections.abc import Mapping, Sequence
from typing import Protocol, cast

import msgspec

from clonebox_tui.engine.act import Step, StepRun
from clonebox_tui.engine.clone import blueprint, waiting
from clonebox_tui.engine.clone.machine_steps import unless_gone
from clonebox_tui.engine.fork.drawing import drawn, fresh_machine_id
from clonebox_tui.engine.fork.job import SPECS, Fork
from clonebox_tui.guest import execution
from clonebox_tui.model.environment import GIBIBYTE
from clonebox_tui.model.machine import AgentState, Forward, Machine
from clonebox_tui.model.spec import MachineSpec


class Simulation(Protocol):
    """What the simulated provider can do beyond the protocol of all."""

    async def files_at(self, uuid: str, snapshot: str) -> Mapping[str, bytes]:
        """Files by path in a snapshot, or in the present."""

    async def give_files(self, uuid: str, files: Mapping[str, bytes]) -> None:
        """Replace everything on a machine's disk."""


def simulated_steps(fork: Fork, origin: Machine | None) -> list[Step]:
    """Draw, define, hand the files on; start if that is wished."""
    return [_draw(fork, origin), _define(fork), *([_start(fork)] if fork.act.start else [])]


def _draw(fork: Fork, origin: Machine | None) -> Step:
    async def do(run: StepRun) -> None:
        spec = await fork.provider.spec(fork.origin_uuid) or _made_up(origin)
        specs = drawn(spec, fork.act.names, fork.around.places, fork.connection)
        await run.remember(**{SPECS: msgspec.to_builtins(specs)})

    return Step("folders", "Choose addresses and ports", do, call="simulated: nothing is written")


def _define(fork: Fork) -> Step:
    async def do(run: StepRun) -> None:
        simulation = cast("Simulation", fork.provider)
        files = await simulation.files_at(fork.origin_uuid, fork.act.snapshot)
        for spec in fork.specs(run.memory):
            await fork.provider.define(spec)
            own = {"/etc/hostname": spec.name, "/etc/machine-id": fresh_machine_id()}
            await simulation.give_files(
                spec.uuid, {**files, **{path: f"{text}\n".encode() for path, text in own.items()}}
            )

    async def undo(run: StepRun) -> None:
        for spec in fork.specs(run.memory):
            await unless_gone(fork.provider.undefine(spec.uuid))

    call = fork.explained("define", fork.act.names[0])
    return Step("define", "Define the machines", do, undo, call.call, call.equivalent)


def _start(fork: Fork) -> Step:
    async def do(run: StepRun) -> None:
        for spec in fork.specs(run.memory):
            await fork.provider.start(spec.uuid)
            await waiting.wait_for_agent(fork.around.fleet, fork.machine(spec), fork.agent(spec), run)

    async def undo(run: StepRun) -> None:
        for spec in fork.specs(run.memory):
            await unless_gone(fork.provider.kill(spec.uuid))

    call = fork.explained("start", fork.act.names[0])
    return Step("boot", "Start the machines", do, undo, call.call, call.equivalent)


def _made_up(origin: Machine | None) -> MachineSpec:
    """A simulated machine of before the demo has no spec: its row says enough."""
    vcpus = origin.vcpus if origin else 1
    memory_bytes = origin.memory_bytes if origin else GIBIBYTE
    return MachineSpec(
        "", "", vcpus, memory_bytes, "tcg", "", blueprint.fresh_mac(), forwards=(Forward(0, 22),),
        key_path="demo", user="dev", image="debian-demo",
    )  # fmt: skip


async def simulated_answer(fork: Fork, check: Sequence[str]) -> bool:
    """Whether a check succeeds in a fork that lives only for it."""
    simulation = cast("Simulation", fork.provider)
    files = await simulation.files_at(fork.origin_uuid, fork.act.snapshot)
    source = await fork.provider.spec(fork.origin_uuid) or _made_up(
        fork.around.fleet.machine(fork.act.machine)
    )
    (spec,) = drawn(source, fork.act.names, fork.around.places, fork.connection)
    await fork.provider.define(spec)
    try:
        await simulation.give_files(spec.uuid, files)
        await fork.provider.start(spec.uuid)

        def answers(machine: Machine | None) -> bool:
            return machine is not None and machine.agent is AgentState.CONNECTED

        await fork.around.fleet.wait_until(fork.machine(spec), answers, 60.0)
        return (await execution.run(fork.agent(spec), list(check))).exit_code == 0
    finally:
        await unless_gone(fork.provider.kill(spec.uuid))
        await unless_gone(fork.provider.undefine(spec.uuid))
