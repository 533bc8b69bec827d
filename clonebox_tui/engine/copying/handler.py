"""What copying in either direction shares as an act: its plan, its one step, what it returns."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

from clonebox_tui.engine.act import Step, StepRun
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.guest.agent import Agent
from clonebox_tui.guest.streaming import end_marked
from clonebox_tui.model.acts import CopyFromGuest, CopyToGuest, tag
from clonebox_tui.model.machine import Machine
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.model.rpc import Context
from clonebox_tui.model.rules import possible, why_not

A = TypeVar("A", CopyFromGuest, CopyToGuest)


@dataclass(frozen=True)
class Way:
    """From where to where, as both ends are now. `size_bytes` is 0 where nobody knows, as of a folder."""

    source: str
    target: str
    is_folder: bool
    size_bytes: int
    replaces: bool
    fingerprint: str


class CopyHandler(Generic[A]):
    """One direction; subclasses look at both ends and carry the bytes."""

    title: str
    call: str
    folder_call: str
    place_call: str

    def __init__(self, fleet: Fleet, agent: Callable[[str], Agent]) -> None:
        self._fleet = fleet
        self.agent = agent

    async def look(self, act: A) -> Way:
        """Both ends; FILE_NOT_FOUND, NAME_TAKEN, NOT_SUPPORTED."""
        raise NotImplementedError

    async def carry(self, act: A, way: Way, run: StepRun) -> None:
        """Copy beside the goal and compare; remembers the half copy's path as `part`, a file's `mode`."""
        raise NotImplementedError

    async def place(self, act: A, run: StepRun) -> None:
        """Put the copy in its place; nothing is left to do where a worker that died did so."""
        raise NotImplementedError

    async def clear(self, act: A, run: StepRun) -> None:
        """Remove what a folder's half copy left; a file's stays, for the next try to go on with."""
        raise NotImplementedError

    def lane(self, act: A) -> str:
        """Beside everything else that is done with the machine, one copy after the other."""
        return f"{act.machine} files"

    async def plan(self, act: A, context: Context | None) -> Plan:
        """What would be copied, and what it replaces; WRONG_STATE and what `look` raises."""
        del context
        machine = self._fleet.machine(act.machine)
        self._require_running(act, machine)
        way = await self.look(act)
        note = (
            "Links are copied as links; no half copy stays."
            if way.is_folder
            else "A half copy is kept when it breaks off; the same copy goes on there."
        )
        return Plan(
            act=tag(act),
            title=self.title.format(name=machine.name, source=way.source),
            steps=tuple(step.planned() for step in self._steps(act, way.is_folder)),
            fingerprint=f"{machine.uuid} {way.target} {way.fingerprint}",
            machine=machine.id,
            name=machine.name,
            bytes_needed=way.size_bytes,
            destructive=way.replaces,
            reversible=not way.replaces,
            undo="It cannot be undone: the file it replaces is gone." if way.replaces else "Remove the copy.",
            warnings=(f"Replaces {way.target}.",) if way.replaces else (),
            notes=(f"To {way.target}", note),
        )

    async def steps(self, act: A, memory: Mapping[str, object]) -> Sequence[Step]:
        """To copy, and one rename: half of that is nothing that could be taken back."""
        is_folder = False
        if not memory:  # else a job that a dead worker began, and has told what it runs
            with suppress(ProblemError):  # the step itself fails for the same reason, and says so
                is_folder = (await self.look(act)).is_folder
        return self._steps(act, is_folder)

    def _steps(self, act: A, is_folder: bool) -> list[Step]:
        async def copy(run: StepRun) -> None:
            way = await self.look(act)
            await run.remember(target=way.target)
            await self.carry(act, way, run)

        async def place(run: StepRun) -> None:
            await self.place(act, run)
            run.log(f"Copied to {run.memory['target']}.")

        async def clear(run: StepRun) -> None:
            await end_marked(self.agent(act.machine), run.job_id)
            await self.clear(act, run)

        call = self.folder_call if is_folder else self.call
        return [
            Step("copy", "Copy beside its place, and compare", copy, clear, call),
            Step("place", "Put the copy in its place", place, call=self.place_call, final=True),
        ]

    async def result(self, act: A, memory: Mapping[str, object]) -> dict[str, object]:
        """Where the copy is, and what of a folder is not in it."""
        return {
            "machine": act.machine,
            "target": memory.get("target", act.target),
            "left_out": memory.get("left_out", []),
        }

    @staticmethod
    def _require_running(act: A, machine: Machine) -> None:
        reason = why_not(tag(act), machine)
        if reason:
            what = f"Nothing can be copied from or to {machine.name} now."
            raise problem(Code.WRONG_STATE, what, why=reason, next=possible(machine))


def require_absolute(*paths: str) -> None:
    """USAGE for a path that would be looked for in a folder of the worker's, or the agent's."""
    for path in paths:
        if not path.startswith("/") or "\0" in path:
            raise problem(
                Code.USAGE,
                f"{path} is no absolute path.",
                why="neither the worker nor the guest's agent has a folder to start from",
                next="Give the whole path, from / on.",
            )
