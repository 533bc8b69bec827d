"""The act of saying how often a machine takes snapshots by itself, and which are kept."""

import asyncio
from collections.abc import Mapping, Sequence

import msgspec

from clonebox_tui.engine.act import Step, StepRun
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.in_thread import in_thread
from clonebox_tui.engine.snapshots.policies import Policies
from clonebox_tui.model.acts import SetSnapshotPolicy, tag
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.rpc import Context
from clonebox_tui.model.snapshot_policy import SnapshotPolicy, fault, words


class SetPolicyHandler:
    """Writes it down; nothing of the machine changes."""

    def __init__(self, fleet: Fleet, policies: Policies) -> None:
        self._fleet = fleet
        self._policies = policies

    def lane(self, act: SetSnapshotPolicy) -> str:
        """One for all: they share a file."""
        del act
        return "snapshot policies"

    async def plan(self, act: SetSnapshotPolicy, context: Context | None) -> Plan:
        """What will be taken and kept; USAGE, MACHINE_NOT_FOUND, PLAN_STALE."""
        del context
        machine = self._fleet.machine(act.machine)
        wrong = fault(act.policy)
        if wrong:
            raise problem(Code.USAGE, "Snapshots cannot be kept so.", why=wrong, next="Give other numbers.")
        before = await asyncio.to_thread(self._policies.of, act.machine)
        if act.before is not None and act.before != before:
            raise problem(
                Code.PLAN_STALE,
                f"{machine.name} takes its snapshots otherwise by now.",
                why=f"It was: {words(act.before)}. It is: {words(before)}.",
                next="Look at it again, and say what it shall be.",
            )
        return Plan(
            act=tag(act),
            title=f"Snapshots of {machine.name}: {words(act.policy)}",
            steps=tuple(step.planned() for step in await self.steps(act, {})),
            fingerprint=f"{machine.uuid} {msgspec.json.encode(before).decode()}",
            machine=machine.id,
            name=machine.name,
            undo=f"Say again what was: {words(before)}.",
            notes=_notes(act.policy),
        )

    async def steps(self, act: SetSnapshotPolicy, memory: Mapping[str, object]) -> Sequence[Step]:
        """The one step."""
        del memory

        async def write(run: StepRun) -> None:
            before = await asyncio.to_thread(self._policies.of, act.machine)
            await run.remember(before=msgspec.to_builtins(before))
            await in_thread(lambda: self._policies.write(act.machine, act.policy))

        async def undo(run: StepRun) -> None:
            if "before" in run.memory:
                before = msgspec.convert(run.memory["before"], SnapshotPolicy)
                await in_thread(lambda: self._policies.write(act.machine, before))

        return [Step("write", "Write it down", write, undo, "write snapshot-policies.json")]

    async def result(self, act: SetSnapshotPolicy, memory: Mapping[str, object]) -> dict[str, object]:
        """The policy, and the one before it."""
        before = memory.get("before", {})
        return {"machine": act.machine, "policy": msgspec.to_builtins(act.policy), "before": before}


def _notes(policy: SnapshotPolicy) -> tuple[str, ...]:
    found = ["Those you take yourself are never removed."]
    if policy.before_risky:
        found.insert(0, "Before a reboot, and before anything is put into its files, its state is kept.")
    if policy.active:
        found.insert(0, "They are taken while the machine runs and this worker does.")
    return tuple(found)
