"""The last word on a clone: everything that was chosen is there and answers, or it is named."""

from collections.abc import Sequence

from clonebox_tui.engine.act import StepRun
from clonebox_tui.engine.clone import mounts, packages, services
from clonebox_tui.guest import execution
from clonebox_tui.guest.agent import Agent
from clonebox_tui.guest.files import write_file
from clonebox_tui.model.spec import MachineSpec

_SWITCHED_OFF = "/etc/cloud/cloud-init.disabled"


async def lacks_of(agent: Agent, spec: MachineSpec, known: Sequence[str], run: StepRun) -> tuple[str, ...]:
    """`known` lacks with a sentence for each other that is found now.

    What was just started gets time: services until they are active, ports until somebody listens.
    """
    run.progress("waiting for shares, services and ports")
    lacks = list(known)

    def add(kind: str, names: Sequence[object], why: str) -> None:
        known_of = tuple(lack.partition(": ")[0] for lack in lacks)
        lacks.extend(f"{kind} {name}: {why}" for name in names if f"{kind} {name}" not in known_of)

    add("share", await mounts.not_mounted(agent, spec.shares), "it is not mounted")
    add("package", await packages.not_installed(agent, spec.packages), "it is not installed")
    named = {lack.partition(": ")[0] for lack in known}
    hopeful = tuple(name for name in spec.services if f"service {name}" not in named)
    await services.settled(lambda: services.not_active(agent, hopeful))
    add("service", await services.not_active(agent, hopeful), "it is not active")
    await services.settled(lambda: services.not_listening(agent, spec.ports))
    add("port", await services.not_listening(agent, spec.ports), "nobody listens there")
    return tuple(lacks)


async def close_first_boot(agent: Agent) -> None:
    """Switch cloud-init off, so that keys and machine id stay as they are, and write all to the disk."""
    await write_file(agent, _SWITCHED_OFF, b"The first boot is over.\n")
    await execution.run(agent, ["sync"])
