"""A machine defined during a demo: what its spec says, with a character of its own."""

from random import Random

from clonebox_tui.model.machine import State
from clonebox_tui.model.spec import MachineSpec
from clonebox_tui.providers.simulated.address import Address
from clonebox_tui.providers.simulated.machine import SimulatedMachine
from clonebox_tui.providers.simulated.meter import meter


def newcomer(address: Address, spec: MachineSpec) -> SimulatedMachine:
    """The machine of a spec, off."""
    chance = Random(f"{address.seed}/{spec.uuid}")  # noqa: S311 a demo's scenery, not a secret
    persona = "web" if {"nginx", "apache2"} & set(spec.services) else "server"
    return SimulatedMachine(
        connection=address.uri,
        uuid=spec.uuid,
        name=spec.name,
        vcpus=spec.vcpus,
        memory_bytes=spec.memory_bytes,
        state=State.OFF,
        meter=meter(chance, spec.vcpus),
        seed=address.seed,
        persona=persona,
        spec=spec,
        seed_inserted=bool(spec.seed_path),
    )
