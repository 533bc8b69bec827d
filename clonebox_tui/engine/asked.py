"""What a job was asked to do, so that it can be asked again: as long as this worker lives word for word,
afterwards as the store keeps it, which holds no secrets."""

from collections import OrderedDict
from pathlib import Path

import msgspec

from clonebox_tui.engine.job_list import JOBS_KEPT
from clonebox_tui.model.acts import Act, CloneMachine
from clonebox_tui.model.job import Job
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.model.secrets import NOT_KEPT
from clonebox_tui.store.jobs import JobStore


class Asked:
    """The acts of the newest jobs, in memory; the store for older ones."""

    def __init__(self, store: JobStore) -> None:
        self._store = store
        self._acts: OrderedDict[str, Act] = OrderedDict()

    def remember(self, job: Job, act: Act) -> None:
        """A job was begun."""
        self._acts[job.id] = act
        if len(self._acts) > JOBS_KEPT:
            self._acts.popitem(last=False)

    async def again(self, job: Job) -> Act:
        """The act of a job that has ended, to plan and run it anew. WRONG_STATE, NOT_SUPPORTED."""
        if not job.state.ended:
            raise problem(
                Code.WRONG_STATE,
                f"“{job.title}” has not ended.",
                next="Wait for it, or cancel it, and do it again then.",
            )
        act = self._acts.get(job.id) or await self._store.act(job.id)
        if act is None:
            raise _lost(job, "what it was asked to do was written by another version of this program")
        return _as_of_now(job, act) if isinstance(act, CloneMachine) else act


def _as_of_now(job: Job, act: CloneMachine) -> CloneMachine:
    """A clone wrote its project file the first time: where that lies, it is not written again."""
    if NOT_KEPT in act.wish.post_commands:
        raise _lost(job, "its commands are not kept longer than the worker lives")
    if act.config_text and (Path(act.directory) / ".clonebox.yaml").exists():
        return msgspec.structs.replace(act, config_text="")
    if act.config_text == NOT_KEPT:
        raise _lost(job, "the project file it wrote is not kept, and it is not in its folder any more")
    return act


def _lost(job: Job, why: str) -> ProblemError:
    clone = job.act == "machine.clone"
    return problem(
        Code.NOT_SUPPORTED,
        f"“{job.title}” cannot be done again as it was.",
        why=why,
        next="Clone the folder anew: `clonebox-tui clone FOLDER`." if clone else "Do it by its own command.",
    )
