"""A site whose disk runs full while its worker stands still, and that has room again when an act is over."""

from dataclasses import dataclass, field

from clonebox_tui.model.acts import Act
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.problem import Code
from clonebox_tui.model.rpc import Undo
from tests.faults.shrinking import SmallDisk
from tests.faults.stopped import StoppingSite


@dataclass
class FullSite(StoppingSite):
    """A site whose disk has room again once an act is over; it remembers how acts ended."""

    disk: SmallDisk | None = None
    ends: list[str] = field(default_factory=list)

    async def attempt(self, act: Act | Undo, failpoint: str = "") -> Job | None:
        """Do it; an act that did not succeed says that the disk is full."""
        job = await super().attempt(act, failpoint)
        if job is not None and job.state is not JobState.SUCCEEDED:
            assert job.problem is not None
            assert (job.problem.code, bool(job.problem.next)) == (Code.DISK_FULL, True), job.problem
        self.ends.append(job.state.value if job else "not begun")
        return job

    async def look_again(self) -> list[str]:
        """With room again, another worker."""
        assert self.disk is not None
        self.disk.grow()
        return await super().look_again()
