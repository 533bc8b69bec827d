"""Keeps a machine as it is before a risky act, where its policy asks for that: as steps of that act's job.

Risky is what changes the inside of a guest and cannot take that back itself. What can (stopping, deleting to
the trash, labels) needs none, a restore keeps the present in any case, and nothing stands before a kill: it
is the way out where a guest, or QEMU, does not answer any more.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Generic, NamedTuple, TypeVar

import msgspec

from clonebox_tui.engine.act import Handler, Step, StepRun
from clonebox_tui.engine.snapshots.create import Create
from clonebox_tui.engine.snapshots.moment import look
from clonebox_tui.engine.snapshots.policies import Policies
from clonebox_tui.model.acts import CopyToGuest, CreateSnapshot, RebootMachine, RestorePath
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.rpc import Context
from clonebox_tui.model.snapshot_policy import (
    BEFORE_MARK,
    BEFORE_PREFIX,
    automatic_name,
    is_before,
    outlived_before,
)

A = TypeVar("A", bound=RebootMachine | CopyToGuest | RestorePath)
_SHOWN_NAME = f"{BEFORE_PREFIX}YYYYmmdd-HHMMSS"
_MARKER = " a snapshot first"
"""Added to the fingerprint: a plan without one is stale once the policy asks for one, and the other way."""


class Risk(NamedTuple):
    """The machine that an act changes, empty for this host, and what the act is called in a description."""

    machine: str
    words: str


def risk_of(act: RebootMachine | CopyToGuest | RestorePath) -> Risk:
    """What is at risk."""
    match act:
        case RebootMachine():
            return Risk(act.machine, "before a reboot")
        case CopyToGuest():
            return Risk(act.machine, f"before {act.source} was copied into it")
        case RestorePath():
            return Risk(act.into, f"before {act.path} was brought back")


class Guarded(Generic[A]):
    """A handler whose act may have a snapshot taken first. Where that cannot be, the act is refused with the
    reason: who asked for it would not have gone on without."""

    def __init__(self, inner: Handler[A], create: Create, policies: Policies) -> None:
        self._inner = inner
        self._create = create
        self._policies = policies

    def lane(self, act: A) -> str:
        """With a snapshot in it, it belongs among the other acts on the machine."""
        return risk_of(act).machine if self._asked(act) else self._inner.lane(act)

    async def plan(self, act: A, context: Context | None) -> Plan:
        """The act's plan, with the snapshot in it; what either refuses."""
        plan = await self._inner.plan(act, context)
        if not await asyncio.to_thread(self._asked, act):
            return plan
        first = await self._plan_first(act)
        return msgspec.structs.replace(
            plan,
            steps=tuple(step.planned() for step in await self._steps(act, {}, _SHOWN_NAME)),
            fingerprint=plan.fingerprint + _MARKER,
            bytes_needed=plan.bytes_needed + first.bytes_needed,
            downtime_seconds=(plan.downtime_seconds or 0.0) + (first.downtime_seconds or 0.0),
            reversible=True,
            undo="Go back to the snapshot that is taken first; what happened since is lost then.",
            notes=(*plan.notes, "A snapshot is taken first: the machine's policy asks for it.", *first.notes),
        )

    async def steps(self, act: A, memory: Mapping[str, object]) -> Sequence[Step]:
        """The snapshot's, the act's own, and the pruning; only the act's own where none is asked for."""
        # `parking` is what every snapshot remembers before its effect.
        kept = "parking" in memory if memory else await asyncio.to_thread(self._asked, act)
        if not kept:
            return await self._inner.steps(act, memory)
        return await self._steps(act, memory, str(memory.get("taking") or await self._free_name(act)))

    async def result(self, act: A, memory: Mapping[str, object]) -> dict[str, object]:
        """The act's own, and the snapshot as `before` where one was taken."""
        found = await self._inner.result(act, memory)
        return {**found, "before": memory["before"]} if "before" in memory else found

    # -- within --------------------------------------------------------------------------------------

    async def _steps(self, act: A, memory: Mapping[str, object], name: str) -> Sequence[Step]:
        first = await self._create.steps(self._snapshot(act, name), memory)
        tidy = await self._tidy(act)
        return [*(_first(step, name) for step in first), *await self._inner.steps(act, memory), tidy]

    def _asked(self, act: A) -> bool:
        machine = risk_of(act).machine
        return bool(machine) and self._policies.of(machine).before_risky

    def _snapshot(self, act: A, name: str, *, settle: bool = True) -> CreateSnapshot:
        risk = risk_of(act)
        return CreateSnapshot(risk.machine, name, f"{risk.words}\n{BEFORE_MARK}", settle=settle)

    async def _plan_first(self, act: A) -> Plan:
        try:
            # Settling is a courtesy here: a guest that is not asked keeps the act from nothing.
            return await self._create.plan(self._snapshot(act, _SHOWN_NAME, settle=False), None)
        except ProblemError as error:
            name = self._create.fleet.machine(risk_of(act).machine).name
            off = f"clonebox-tui snapshot policy {name} --no-before-risky"
            known = error.problem
            told = msgspec.structs.replace(
                known,
                what=f"No snapshot can be taken first, as the policy of {name} asks: {known.what}",
                next=f"{known.next} Or switch that off: `{off}`.".strip(),
            )
            raise ProblemError(told) from error

    async def _free_name(self, act: A) -> str:
        moment = await look(self._create.fleet, risk_of(act).machine)
        return automatic_name(self._create.clock(), [each.name for each in moment.snapshots], BEFORE_PREFIX)

    async def _tidy(self, act: A) -> Step:
        machine = risk_of(act).machine
        moment = await self._create.look(machine)
        policy = await asyncio.to_thread(self._policies.of, machine)
        full = sum(map(is_before, moment.snapshots)) >= policy.keep_before
        call = moment.provider.explain("delete_snapshot", moment.machine.name, _SHOWN_NAME)

        async def prune(run: StepRun) -> None:
            policy = await asyncio.to_thread(self._policies.of, machine)
            moment = await self._create.look(machine)
            for old in outlived_before(policy, moment.snapshots):
                try:
                    await self._create.drop(moment, old.name)
                    run.log(f"Deleted the old snapshot {old.name}.")
                except ProblemError as error:
                    run.log(f"The old snapshot {old.name} stays: {error.problem.what}")

        # The act itself is done by then: what is left of it is gone on with, never a reason to go back.
        step = Step("before-tidy", "Keep the last snapshots of this kind", prune, final=True)
        return replace(step, call=call.call, equivalent=call.equivalent) if full else step


def _first(step: Step, name: str) -> Step:
    """A step of the snapshot among those of another act. Once it is taken it stays, whatever becomes of the
    act: one that failed half way is what it is for."""
    if step.name != "take":
        return replace(step, name=f"before-{step.name}", aside=True)

    async def take(run: StepRun) -> None:
        await step.do(run)
        await run.remember(before=name)
        run.log(f"Kept the present state as {name}.")

    async def undo(run: StepRun) -> None:
        if not run.memory.get("before"):
            await step.undo(run)

    return replace(step, name="before-take", title="Keep the present state", do=take, undo=undo, aside=True)
