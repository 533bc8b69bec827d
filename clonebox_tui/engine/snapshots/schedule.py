"""Takes the snapshots that are due, as jobs like any other, and removes those that are kept no more."""

import asyncio
import logging
import time
from collections.abc import Callable

from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.jobs import JobRunner
from clonebox_tui.engine.snapshots.policies import Policies
from clonebox_tui.model.acts import Act, CreateSnapshot, DeleteSnapshot
from clonebox_tui.model.job import JobState
from clonebox_tui.model.machine import AgentState, Machine, State
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.snapshot_policy import (
    AUTOMATIC_MARK,
    SnapshotPolicy,
    automatic_name,
    is_due,
    outlived,
)

LOOK_SECONDS = 30.0
AFTER_FAILURE_SECONDS = 900.0
"""A machine whose snapshot failed is left alone for so long: the job says why, once."""

_log = logging.getLogger(__name__)


class Schedule:
    """One a worker; `clock` gives UNIX seconds."""

    def __init__(
        self, fleet: Fleet, jobs: JobRunner, policies: Policies, clock: Callable[[], float] = time.time
    ) -> None:
        self._fleet = fleet
        self._jobs = jobs
        self._policies = policies
        self._clock = clock
        self._not_before: dict[str, float] = {}

    @property
    def active(self) -> bool:
        """Whether any machine has one: then the worker stays."""
        try:
            return any(policy.active for policy in self._policies.all().values())
        except ProblemError:
            return False

    async def watch(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except Exception:  # noqa: BLE001 the root of the schedule: the next look comes
                _log.exception("the schedule of snapshots broke")

    async def look(self) -> None:
        """Take what is due now, one machine after the other, and prune."""
        try:
            policies = await asyncio.to_thread(self._policies.all)
        except ProblemError as error:
            _log.warning("%s %s", error.problem.what, error.problem.why)
            return
        for machine_id, policy in policies.items():
            machine = self._fleet.machines.get(machine_id)
            waits = self._clock() < self._not_before.get(machine_id, 0.0)
            if policy.active and machine is not None and machine.state is State.RUNNING and not waits:
                await self._look_at(machine, policy)

    async def _look_at(self, machine: Machine, policy: SnapshotPolicy) -> None:
        try:
            provider, uuid = self._fleet.provider_of(machine.id)
            snapshots = await provider.snapshots(uuid)
            now = self._clock()
            if not is_due(policy, snapshots, now):
                return
            name = automatic_name(now, [each.name for each in snapshots])
            settle = machine.agent is AgentState.CONNECTED
            await self._do(CreateSnapshot(machine.id, name, AUTOMATIC_MARK, settle=settle))
            for old in outlived(policy, await provider.snapshots(uuid)):
                await self._do(DeleteSnapshot(machine.id, old.name))
        except ProblemError as error:
            self._not_before[machine.id] = self._clock() + AFTER_FAILURE_SECONDS
            _log.warning("no snapshot of %s by its schedule: %s", machine.name, error.problem.what)

    async def _do(self, act: Act) -> None:
        job = await self._jobs.wait((await self._jobs.run(act)).id)
        if job.state is not JobState.SUCCEEDED and job.problem is not None:
            raise ProblemError(job.problem)
