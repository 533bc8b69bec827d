"""The steps of a clone from its definition to the moment it is ready, for guests that really boot."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from clonebox_tui.engine.act import Step, StepRun
from clonebox_tui.engine.clone import folder, mounts, packages, ready, services, waiting
from clonebox_tui.engine.clone.job import KEEPING, LACKS, WARNINGS, Clone
from clonebox_tui.engine.in_thread import in_thread
from clonebox_tui.guest.agent import Agent
from clonebox_tui.model.machine import State
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.model.spec import MachineSpec

_Work = Callable[[Agent, MachineSpec, StepRun], Awaitable[tuple[str, ...]]]


def define_step(clone: Clone) -> Step:
    """Define the machine; undone by undefining it."""

    async def do(run: StepRun) -> None:
        await clone.provider.define(clone.spec(run.memory))

    async def undo(run: StepRun) -> None:
        if "spec" in run.memory:
            await unless_gone(clone.provider.undefine(clone.spec(run.memory).uuid))

    call = clone.explained("define")
    return Step("define", "Define the machine", do, undo, call.call, call.equivalent)


def start_step(clone: Clone) -> Step:
    """Start it; undone by pulling the plug, since nothing in it is worth keeping."""

    async def do(run: StepRun) -> None:
        await clone.provider.start(clone.spec(run.memory).uuid)

    async def undo(run: StepRun) -> None:
        if "spec" in run.memory:
            await unless_gone(_kill_running(clone, clone.spec(run.memory).uuid))

    call = clone.explained("start")
    return Step("start", "Start the machine", do, undo, call.call, call.equivalent)


def guest_steps(clone: Clone) -> list[Step]:
    """From the first sign of life to ready."""
    wish = clone.act.wish
    steps = [_boot(clone)]
    if wish.shares:
        steps.append(_inside(clone, "shares", "Mount the shared folders", mounts.mount_shares, "mount"))
    if wish.packages:

        async def install(agent: Agent, spec: MachineSpec, run: StepRun) -> tuple[str, ...]:
            return await packages.install(agent, spec.packages, run)

        line = f"apt-get install --no-install-recommends {' '.join(wish.packages)}"
        steps.append(_inside(clone, "packages", f"Install {_count(wish.packages, 'package')}", install, line))
    if wish.services:

        async def start(agent: Agent, spec: MachineSpec, run: StepRun) -> tuple[str, ...]:
            return await services.start_services(agent, spec.services, run)

        line = f"systemctl enable --now {' '.join(wish.services)}"
        steps.append(_inside(clone, "services", f"Start {_count(wish.services, 'service')}", start, line))
    if wish.post_commands:

        async def obey(agent: Agent, _spec: MachineSpec, run: StepRun) -> tuple[str, ...]:
            return await services.run_commands(agent, wish.post_commands, run)

        title = f"Run {_count(wish.post_commands, 'command')} of the project file"
        steps.append(_inside(clone, "commands", title, obey, "bash -c COMMAND"))
    return [*steps, _finish(clone)]


def _boot(clone: Clone) -> Step:
    async def do(run: StepRun) -> None:
        fleet, machine, agent = clone.around.fleet, clone.machine(run.memory), clone.agent(run.memory)
        await waiting.wait_for_agent(fleet, machine, agent, run)
        warnings = await waiting.wait_for_first_boot(fleet, machine, agent, run)
        for warning in warnings:
            run.log(f"cloud-init warns: {warning}")
        await run.remember(**{WARNINGS: list(warnings)})

    return Step("boot", "Wait for the first boot", do, call="guest-ping, then /run/cloud-init/result.json")


def _inside(clone: Clone, name: str, title: str, work: _Work, call: str) -> Step:
    async def do(run: StepRun) -> None:
        found = await work(clone.agent(run.memory), clone.spec(run.memory), run)
        await _add_lacks(run, found)

    return Step(name, title, do, call=f"in the guest: {call}")


def _finish(clone: Clone) -> Step:
    async def do(run: StepRun) -> None:
        spec, agent = clone.spec(run.memory), clone.agent(run.memory)
        lacks = await ready.lacks_of(agent, spec, known_lacks(run), run)
        hopeless = tuple(lack for lack in lacks if lack.startswith("share "))
        if hopeless:
            raise await waiting.not_ready(
                clone.around.fleet, clone.machine(run.memory), "Shares are not mounted", "", hopeless
            )
        await run.remember(**{LACKS: list(lacks)})
        await ready.close_first_boot(agent)
        await clone.provider.eject_seed(spec.uuid)
        # From here on the folder bears no mark of this job, and its undo must know it all the same.
        await run.remember(**{KEEPING: True})

        def clean() -> None:
            Path(spec.seed_path).unlink(missing_ok=True)
            folder.keep_folder(clone.folder)

        await in_thread(clean)

    call = clone.explained("eject_seed")
    return Step(
        "ready", "See that all is there; take the seed away", do, call=call.call, equivalent=call.equivalent
    )


def known_lacks(run: StepRun) -> tuple[str, ...]:
    """What the steps so far could not provide."""
    known = run.memory.get(LACKS)
    return tuple(map(str, known)) if isinstance(known, list | tuple) else ()


async def _add_lacks(run: StepRun, found: tuple[str, ...]) -> None:
    for lack in found:
        run.log(f"lacking: {lack}")
    if found:
        await run.remember(**{LACKS: [*known_lacks(run), *found]})


async def _kill_running(clone: Clone, uuid: str) -> None:
    machine = (await clone.provider.details(uuid)).machine
    if machine.state not in (State.OFF, State.CRASHED):
        await clone.provider.kill(uuid)


async def unless_gone(undoing: Awaitable[None]) -> None:
    """Undo something of a machine, which may not be there (any more)."""
    try:
        await undoing
    except ProblemError as error:
        if error.problem.code is not Code.MACHINE_NOT_FOUND:
            raise


def _count(things: tuple[str, ...], name: str) -> str:
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"
