"""The steps of a clone on the simulated fleet: nothing of this host is touched, the machine is real there."""

import asyncio

import msgspec

from clonebox_tui.engine.act import Step, StepRun
from clonebox_tui.engine.clone import blueprint, waiting
from clonebox_tui.engine.clone.base import Base
from clonebox_tui.engine.clone.job import SPEC, Clone
from clonebox_tui.engine.clone.machine_steps import define_step, start_step

_BASE = "debian-demo"
_PACKAGE_SECONDS = 0.15
"""How long one package takes to look installed: long enough to be seen, short enough for a demo."""


def simulated_steps(clone: Clone) -> list[Step]:
    """Draw a spec, define, start, wait for the agent, and pretend the packages."""
    return [_draw(clone), define_step(clone), start_step(clone), _boot(clone), _packages(clone)]


def _draw(clone: Clone) -> Step:
    async def do(run: StepRun) -> None:
        connection = clone.provider.connection
        base = Base(_BASE, str(clone.folder / blueprint.DISK))
        wish = clone.act.wish
        spec = blueprint.draw(wish, base, clone.folder, "tcg", connection.capabilities, clone.act.directory)
        await run.remember(**{SPEC: msgspec.to_builtins(spec)})

    return Step("folder", "Choose addresses and ports", do, call="simulated: nothing is written")


def _boot(clone: Clone) -> Step:
    async def do(run: StepRun) -> None:
        machine, agent = clone.machine(run.memory), clone.agent(run.memory)
        await waiting.wait_for_agent(clone.around.fleet, machine, agent, run)

    return Step("boot", "Wait for the first boot", do, call="guest-ping")


def _packages(clone: Clone) -> Step:
    async def do(run: StepRun) -> None:
        wanted = clone.act.wish.packages
        for number, name in enumerate(wanted):
            run.progress("installing packages", number, len(wanted), "packages")
            await asyncio.sleep(_PACKAGE_SECONDS)
            run.log(f"  installed {name}")
        await clone.provider.eject_seed(clone.spec(run.memory).uuid)

    call = clone.explained("eject_seed")
    return Step("ready", "See that all is there", do, call=call.call, equivalent=call.equivalent)
