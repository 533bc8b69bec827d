"""What the steps of one clone share: its surroundings, the act, and the spec once it is drawn."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from clonebox_tui.engine.clone.base import Bases
from clonebox_tui.engine.clone.folder import machine_folder
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.guest.agent import Agent
from clonebox_tui.model.acts import CloneMachine
from clonebox_tui.model.environment import Accel, HostLimits
from clonebox_tui.model.machine import machine_id
from clonebox_tui.model.places import Places
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.spec import MachineSpec
from clonebox_tui.providers.protocol import Call, Provider

BASE = "base"
"""Key in a job's memory: the base image in use, as JSON values."""
SPEC = "spec"
"""Key in a job's memory: the spec, as JSON values."""
LACKS = "lacks"
"""Key in a job's memory: sentences about what could not be had."""
WARNINGS = "warnings"
KEEPING = "keeping"
"""Key in a job's memory: the folder loses its mark, being the machine's from now on."""


@dataclass(frozen=True)
class Surroundings:
    """What cloning works with; everything can be replaced in a test."""

    fleet: Fleet
    places: Places
    bases: Bases
    agent: Callable[[str], Agent]
    """The agent of a machine, by its id."""
    accelerator: Callable[[Accel], Awaitable[str]]
    """`kvm` or `tcg`."""
    limits: Callable[[Path], HostLimits]
    """This host's limits; the path is where disks will lie."""


@dataclass(frozen=True)
class Clone:
    """One act in its surroundings."""

    around: Surroundings
    act: CloneMachine

    @property
    def connection(self) -> str:
        """The act's, else the file's, else the first there is."""
        first = next(iter(self.around.fleet.connections), "")
        return self.act.connection or self.act.wish.connection or first

    @property
    def provider(self) -> Provider:
        """Its provider; CONNECTION_FAILED when the link is down."""
        return self.around.fleet.provider(self.connection)

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return machine_folder(self.around.places, self.connection, self.act.wish.name)

    @property
    def open_to_qemu(self) -> bool:
        """Whether QEMU runs as a user of its own there."""
        return self.around.places.images(self.connection) != self.around.places.data

    def explained(self, operation: str) -> Call:
        """How the provider does it; nothing while its connection is down: an undo needs the steps all
        the same."""
        try:
            return self.provider.explain(operation, self.act.wish.name)
        except ProblemError:
            return Call("")

    def spec(self, memory: Mapping[str, object]) -> MachineSpec:
        """The spec that was drawn for this job."""
        return msgspec.convert(memory[SPEC], MachineSpec)

    def machine(self, memory: Mapping[str, object]) -> str:
        """The id of the machine that is being made."""
        return machine_id(self.connection, self.spec(memory).uuid)

    def agent(self, memory: Mapping[str, object]) -> Agent:
        """Its agent."""
        return self.around.agent(self.machine(memory))
