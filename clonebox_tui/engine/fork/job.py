"""What the steps of one fork share: its surroundings, the act, and what was drawn for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from clonebox_tui.engine.clone.folder import machine_folder
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.fork.origin import Origin
from clonebox_tui.guest.agent import Agent
from clonebox_tui.model.acts import ForkMachine
from clonebox_tui.model.machine import machine_id, split_id
from clonebox_tui.model.places import Places
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.spec import MachineSpec
from clonebox_tui.providers.protocol import Call, Provider

SPECS, ORIGIN, SOURCE, LACKS = "specs", "origin", "source", "lacks"
"""Keys in a job's memory."""
KEPT = "kept"
"""Key in a job's memory: the folders lose their marks, being the machines' from now on."""


@dataclass(frozen=True)
class Surroundings:
    """What forking works with."""

    fleet: Fleet
    places: Places
    agent: Callable[[str], Agent]
    """The agent of a machine, by its id."""
    free_memory: Callable[[], int]
    """Bytes of this host that are free."""


@dataclass(frozen=True)
class Fork:
    """One act in its surroundings."""

    around: Surroundings
    act: ForkMachine

    @property
    def connection(self) -> str:
        """The origin's, which is the forks' too."""
        return split_id(self.act.machine)[0]

    @property
    def provider(self) -> Provider:
        """Its provider; CONNECTION_FAILED when the link is down."""
        return self.around.fleet.provider(self.connection)

    @property
    def origin_uuid(self) -> str:
        """The machine that is forked."""
        return split_id(self.act.machine)[1]

    @property
    def open_to_qemu(self) -> bool:
        """Whether QEMU runs as a user of its own there."""
        return self.around.places.images(self.connection) != self.around.places.data

    def folder(self, name: str) -> Path:
        """Where the files of the fork `name` lie."""
        return machine_folder(self.around.places, self.connection, name)

    def specs(self, memory: Mapping[str, object]) -> tuple[MachineSpec, ...]:
        """What was drawn; nothing before that."""
        return msgspec.convert(memory.get(SPECS, ()), tuple[MachineSpec, ...])

    def origin(self, memory: Mapping[str, object]) -> Origin:
        """Where the disk comes from."""
        return msgspec.convert(memory[ORIGIN], Origin)

    def machine(self, spec: MachineSpec) -> str:
        """The id of a fork."""
        return machine_id(self.connection, spec.uuid)

    def agent(self, spec: MachineSpec) -> Agent:
        """The agent of a fork."""
        return self.around.agent(self.machine(spec))

    def explained(self, operation: str, name: str) -> Call:
        """How the provider does it; nothing while its connection is down."""
        try:
            return self.provider.explain(operation, name)
        except ProblemError:
            return Call("")
