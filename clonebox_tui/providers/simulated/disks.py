"""Disks of simulated machines: there are none, but what would lie on them can be looked at and handed on."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from clonebox_tui.model.machine import Disk
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.providers.simulated import moments
from clonebox_tui.providers.simulated.details import details_of
from clonebox_tui.providers.simulated.machine import SimulatedMachine


class SimulatedDisks(ABC):
    """The part of the simulated provider that is about disks."""

    @abstractmethod
    async def _enter(self, operation: str, uuid: str) -> SimulatedMachine:
        """The machine, once the call has come through."""

    @abstractmethod
    def _time(self) -> float:
        """UNIX seconds."""

    async def disks_at(self, uuid: str, snapshot: str) -> Sequence[Disk]:
        """The same as now: a simulated disk never changes its name."""
        machine = await self._enter("disks_at", uuid)
        moments.find(machine, self._time(), snapshot)
        return details_of(machine).disks

    async def begin_copy(self, uuid: str, target: str) -> None:
        """There is no file that could be copied into `target`."""
        machine = await self._enter("begin_copy", uuid)
        raise problem(
            Code.NOT_SUPPORTED,
            f"{machine.name} has no disk that {target} could hold.",
            why="It is simulated.",
            next="Choose another machine.",
        )

    async def copied(self, uuid: str) -> tuple[int, int] | None:
        """No copy runs."""
        await self._enter("copied", uuid)
        return None

    async def abort_copy(self, uuid: str) -> None:
        """No copy runs."""
        await self._enter("abort_copy", uuid)

    async def files_at(self, uuid: str, snapshot: str) -> Mapping[str, bytes]:
        """Files by absolute path (folders end with a slash) in a snapshot; in the present without a name."""
        machine = await self._enter("files_at", uuid)
        return dict(moments.find(machine, self._time(), snapshot).files if snapshot else machine.files)

    async def give_files(self, uuid: str, files: Mapping[str, bytes]) -> None:
        """Replace everything on a machine's disk."""
        (await self._enter("give_files", uuid)).kept_files = dict(files)
