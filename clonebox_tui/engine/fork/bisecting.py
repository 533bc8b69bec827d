"""The act of bisecting: the first snapshot in which a check fails, found in as few boots as can be."""

import shlex
from collections.abc import Mapping, Sequence

import msgspec

from clonebox_tui.engine.act import Step, StepRun
from clonebox_tui.engine.clone import disk
from clonebox_tui.engine.fork.job import Fork, Surroundings
from clonebox_tui.engine.fork.lineage import between, middle, most_boots
from clonebox_tui.engine.fork.origin import LEAST_BYTES, find_origin
from clonebox_tui.engine.fork.probe import ask, discard
from clonebox_tui.engine.fork.simulated_steps import simulated_answer
from clonebox_tui.engine.snapshots.moment import Moment, look
from clonebox_tui.model.acts import BisectMachine, ForkMachine
from clonebox_tui.model.environment import GIBIBYTE
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.rpc import Context
from clonebox_tui.model.spec import MachineSpec

_NAME_LETTERS = 40


class BisectHandler:
    """Searches. Beside the machine's own lane: it takes minutes, and only reads the machine."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings

    def lane(self, act: BisectMachine) -> str:
        """One search a machine."""
        return f"{act.machine} bisect"

    async def plan(self, act: BisectMachine, context: Context | None) -> Plan:
        """Between which, and in how many boots. USAGE, SNAPSHOT_NOT_FOUND, NOT_SUPPORTED, MEMORY_SHORT."""
        del context
        moment = await look(self._around.fleet, act.machine)
        states, needed = await self._states(act, moment), LEAST_BYTES
        if not self._simulated(act):
            await self._source(moment)
            origins = [await find_origin(self._around.fleet, moment, state) for state in states[:-1]]
            needed = max((origin.bytes_needed for origin in origins), default=LEAST_BYTES)
            self._refuse_memory(moment)
        machine, boots = moment.machine, most_boots(len(states))
        return Plan(
            act="snapshot.bisect",
            title=f"Find the first bad state of {machine.name} after {act.good}",
            steps=tuple(step.planned() for step in await self.steps(act, {})),
            fingerprint=f"{moment.fingerprint()} {' '.join(states)}",
            machine=machine.id,
            name=machine.name,
            bytes_needed=needed,
            undo="Nothing is left to undo: every fork is removed.",
            notes=(
                f"{len(states)} states: {', '.join(state or 'now' for state in states)}.",
                f"At most {boots} {'fork boots' if boots == 1 else 'forks boot'}, one after the other.",
                f"{machine.name} is only read. A check that ends with 0 says good, with 125 that it cannot "
                "tell, else bad.",
            ),
        )

    async def steps(self, act: BisectMachine, memory: Mapping[str, object]) -> Sequence[Step]:
        """The search is one step: how many looks it takes is known only at its end."""
        del memory

        async def search(run: StepRun) -> None:
            await self._search(act, run)

        async def undo(run: StepRun) -> None:
            if not self._simulated(act):
                await discard(self._fork(act, "", run.job_id), run)

        call = self._call(act)
        return [Step("search", "Fork, boot, check, and halve what is left", search, undo, call)]

    async def result(self, act: BisectMachine, memory: Mapping[str, object]) -> dict[str, object]:
        """The first bad state (the present is called `now`), the last good one, and what was tried."""
        return {
            "machine": act.machine,
            "first_bad": str(memory.get("first_bad", "")) or "now",
            "last_good": memory.get("last_good", act.good),
            "boots": len(msgspec.convert(memory.get("tried", ()), tuple[object, ...])),
            "tried": memory.get("tried", []),
        }

    def _call(self, act: BisectMachine) -> str:
        """What each look runs, in order."""
        fork = self._fork(act, "", "JOB")
        name, operations = fork.act.names[0], ("define", "start", "kill", "undefine")
        define, start, kill, undefine = (fork.explained(each, name).call for each in operations)
        disk_call = () if self._simulated(act) else ("qemu-img convert (or create)",)
        words = (*disk_call, define, start, f"in the guest: {shlex.join(act.check)}", kill, undefine)
        return f"each time: {'; '.join(filter(None, words))}"

    # -- the search ----------------------------------------------------------------------------------

    async def _search(self, act: BisectMachine, run: StepRun) -> None:
        moment = await look(self._around.fleet, act.machine)
        states = await self._states(act, moment)
        first, last, tried = 0, len(states) - 1, list[tuple[str, str]]()
        while first < last:
            at = middle(first, last)
            run.progress(f"state {states[at] or 'now'}", len(tried), most_boots(len(states)), "boots")
            good = await self._is_good(act, states[at], run)
            tried.append((states[at] or "now", "good" if good else "bad"))
            run.log(f"{tried[-1][0]} is {tried[-1][1]}.")
            first, last = (at + 1, last) if good else (first, at)
        good_one = states[first - 1] if first else act.good
        await run.remember(first_bad=states[first], last_good=good_one, tried=tried)
        run.log(f"The first bad one is {states[first] or 'now'}; {good_one} is the last good one.")

    async def _is_good(self, act: BisectMachine, state: str, run: StepRun) -> bool:
        fork = self._fork(act, state, run.job_id)
        if self._simulated(act):
            return await simulated_answer(fork, act.check)
        moment = await look(self._around.fleet, act.machine)
        origin = await find_origin(self._around.fleet, moment, state)
        disk.refuse_full(fork.folder(fork.act.names[0]), origin.bytes_needed)
        return await ask(fork, await self._source(moment), origin, act.check, act.timeout_seconds, run)

    def _fork(self, act: BisectMachine, state: str, job: str) -> Fork:
        known = self._around.fleet.machines.get(act.machine)
        name = f"{known.name if known else 'machine'}"[:_NAME_LETTERS] + f"-bisect-{job}"
        return Fork(self._around, ForkMachine(act.machine, (name,), state))

    # -- what stands in the way ----------------------------------------------------------------------

    async def _states(self, act: BisectMachine, moment: Moment) -> tuple[str, ...]:
        if not act.check:
            raise problem(
                Code.USAGE,
                "There is no check.",
                why="A command has to tell good from bad.",
                next="Give it after --, such as: -- systemctl is-active nginx",
            )
        for name in (act.good, act.bad):
            if name:
                moment.require(name)
        return between(moment.snapshots, act.good, act.bad)

    async def _source(self, moment: Moment) -> MachineSpec:
        spec = await moment.provider.spec(moment.machine.uuid)
        if spec is None:
            raise problem(
                Code.NOT_SUPPORTED,
                f"{moment.machine.name} cannot be bisected.",
                why="It was not made here, and so it cannot be forked.",
                next="Restore its snapshots one by one.",
            )
        return spec

    def _refuse_memory(self, moment: Moment) -> None:
        free, wanted = self._around.free_memory(), moment.machine.memory_bytes
        if wanted > free:
            raise problem(
                Code.MEMORY_SHORT,
                f"{wanted / GIBIBYTE:.1f} GiB of memory are needed, and {free / GIBIBYTE:.1f} GiB are free.",
                why="Each look boots a fork.",
                next="Stop a machine first.",
            )

    @staticmethod
    def _simulated(act: BisectMachine) -> bool:
        return act.machine.startswith("simulated")
