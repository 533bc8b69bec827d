"""Acts for the job runner's tests: steps that write what they do into a file, fail or wait as told."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from clonebox_tui.engine.act import Step, StepRun
from clonebox_tui.model.acts import StartMachine
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.rpc import Context


def made_in(folder: Path) -> list[str]:
    """What lies in the folder now."""
    return sorted(path.name for path in folder.iterdir())


def _remove(path: str) -> None:
    Path(path).unlink(missing_ok=True)


class Building:
    """Makes `one`, `two`, `three` in a folder, one a step; each step's undo removes its own."""

    names = ("one", "two", "three")

    def __init__(self, folder: Path, fail_at: str = "", wait_at: str = "", undo_fails_at: str = "") -> None:
        self.folder = folder
        self.fail_at = fail_at
        self.wait_at = wait_at
        self.undo_fails_at = undo_fails_at
        self.fingerprint = "world 1"
        self.begun: list[str] = []
        self.waiting = asyncio.Event()
        self.go_on = asyncio.Event()

    def lane(self, act: StartMachine) -> str:
        return act.machine

    async def plan(self, act: StartMachine, context: Context | None) -> Plan:
        steps = tuple(step.planned() for step in await self.steps(act, {}))
        return Plan("machine.start", f"Build {act.machine}", steps, self.fingerprint, machine=act.machine)

    async def steps(self, act: StartMachine, memory: Mapping[str, object]) -> Sequence[Step]:
        return [self._step(name, act) for name in self.names]

    async def result(self, act: StartMachine, memory: Mapping[str, object]) -> dict[str, object]:
        return {"machine": act.machine, "paths": sorted(str(value) for value in memory.values())}

    def _step(self, name: str, act: StartMachine) -> Step:
        async def do(run: StepRun) -> None:
            self.begun.append(f"{act.machine} {name}")
            path = self.folder / f"{act.machine}-{name}"
            await run.remember(**{name: str(path)})
            run.log(f"making {name}")
            path.touch()
            if name == self.wait_at:
                run.progress("waiting", 1, 2, "steps")
                self.waiting.set()
                await self.go_on.wait()
            if name == self.fail_at:
                raise problem(Code.DISK_FULL, "The disk is full.", why="it says so")

        async def undo(run: StepRun) -> None:
            if name == self.undo_fails_at:
                raise problem(Code.PERMISSION_DENIED, f"{name} may not be removed.")
            remembered = run.memory.get(name)
            if isinstance(remembered, str):
                _remove(remembered)

        return Step(name, f"Make {name}", do, undo, f"Path.touch({name!r})", f"touch {name}")


class Plain(Building):
    """The same, with nothing to undo."""

    names = ("one",)

    async def steps(self, act: StartMachine, memory: Mapping[str, object]) -> Sequence[Step]:
        return [Step(step.name, step.title, step.do) for step in await super().steps(act, memory)]


class OneLane(Building):
    """The same, one machine after the other."""

    def lane(self, act: StartMachine) -> str:
        return "the only one"
