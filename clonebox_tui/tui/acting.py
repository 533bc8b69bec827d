"""From a key to a job: plan, ask where it matters, run, and tell when it went wrong.

Nothing here waits on the screen: every method starts a task of the app's and returns.
"""

from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING

import msgspec

from clonebox_tui.model.acts import Act, CreateSnapshot, KillMachine, RestoreSnapshot, TrashSnapshot, tag
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.machine import Machine
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.problem import Code, Problem, ProblemError
from clonebox_tui.model.rpc import JOB_ACT, PLAN, PLAN_UNDO, RUN, UNDO, OnDeed, OnJob, PlanAct, RunAct, Undo
from clonebox_tui.model.snapshot import Snapshot
from clonebox_tui.tui.batch import Batch

if TYPE_CHECKING:
    from clonebox_tui.tui.screens.cockpit import Cockpit


class Acting:
    """What the actions of the cockpit do."""

    def __init__(self, cockpit: "Cockpit") -> None:
        self._cockpit = cockpit
        self._mine: set[str] = set()
        self.batches: list[Batch] = []
        """Acts on several machines that are under way."""
        self._explained: set[str] = set()

    # -- acts on machines --------------------------------------------------------------------------

    def on_targets(self, kind: str) -> None:
        """Do one act to every target: to one as its plan says, to several after a question.

        `kind` is the tag of an act that needs to know no more than its machine.
        """
        targets = self._cockpit.session.targets
        self.on_each({each: msgspec.convert({"type": kind, "machine": each.id}, Act) for each in targets})

    def on_each(self, acts: Mapping[Machine, Act]) -> None:
        """Do to each machine its own act, all of one kind."""
        if len(acts) == 1:
            self._start(self._perform(next(iter(acts.values()))))
        elif acts:
            verb = tag(next(iter(acts.values()))).rpartition(".")[2].capitalize()
            self._start(Batch.perform(self._cockpit, acts, verb))

    def clone(self) -> None:
        """Open the wizard."""
        from clonebox_tui.tui.screens.wizard import WizardScreen

        self._cockpit.app.push_screen(WizardScreen(self._cockpit.session))

    def execute(self) -> None:
        """Open the panel that runs commands in the guest."""
        from clonebox_tui.tui.screens.execute import ExecuteScreen

        self._cockpit.app.push_screen(ExecuteScreen(self._cockpit.session, self._cockpit.session.targets))

    # -- acts on snapshots -------------------------------------------------------------------------

    def take_snapshot(self) -> None:
        """Ask for a name and take one."""
        machine = self._cockpit.session.machine
        if machine is not None:
            self._start(self._take(machine))

    def restore_snapshot(self) -> None:
        """Go back to the snapshot under the cursor."""
        self._on_snapshot(lambda machine, snapshot: RestoreSnapshot(machine.id, snapshot.name))

    def delete_snapshot(self) -> None:
        """Delete the snapshot under the cursor."""
        self._on_snapshot(lambda machine, snapshot: TrashSnapshot(machine.id, snapshot.name))

    def delete_branch(self) -> None:
        """Delete the snapshot under the cursor and everything below it."""
        self._on_snapshot(lambda machine, snapshot: TrashSnapshot(machine.id, snapshot.name, children=True))

    def fork(self, *, from_tree: bool) -> None:
        """Make machines from the snapshot under the cursor, or from the machine as it is."""
        from clonebox_tui.tui import moments

        self._start(moments.fork(self._cockpit, self._perform, from_tree=from_tree))

    def compare(self) -> None:
        """What differs between the snapshot under the cursor and the marked one, or the present."""
        from clonebox_tui.tui import moments

        moments.compare(self._cockpit)

    def bring_back(self, snapshot: str = "", path: str = "") -> None:
        """Bring a file back out of a snapshot, that under the cursor when none is named."""
        from clonebox_tui.tui import moments

        machine, here = self._cockpit.session.machine, self._cockpit.snapshot_tree.snapshot
        name = snapshot or (here.name if here else "")
        if machine is None or not name:
            self._cockpit.face.tell("The cursor is on no snapshot.", "Move to one with j and k.")
            return
        self._start(moments.bring_back(self._cockpit, self._perform, machine, name, path))

    def bisect(self) -> None:
        """Find the first snapshot in which a check fails."""
        from clonebox_tui.tui import moments

        self._start(moments.bisect(self._cockpit, self._perform))

    def schedule_snapshots(self) -> None:
        """Say how often snapshots are taken by themselves."""
        from clonebox_tui.tui import moments

        self._start(moments.schedule(self._cockpit, self._perform))

    def mark_snapshot(self) -> None:
        """Mark a snapshot to compare another with it."""
        from clonebox_tui.tui import moments

        moments.mark(self._cockpit)

    def show_snapshot(self) -> None:
        """Everything known of the snapshot under the cursor."""
        snapshot = self._cockpit.snapshot_tree.snapshot
        if snapshot is None:
            self._cockpit.face.tell("This is the machine as it is now.", "A snapshot keeps it: t")
            return
        from clonebox_tui.tui.presentation.snapshot_row import snapshot_facts
        from clonebox_tui.tui.screens.facts import FactsScreen

        facts = snapshot_facts(snapshot, self._cockpit.session.clock())
        self._cockpit.app.push_screen(FactsScreen(f"Snapshot {snapshot.name}", facts))

    def do(self, act: Act) -> None:
        """Plan an act, ask where it matters, run it."""
        self._start(self._perform(act))

    def show_trash(self) -> None:
        """What was deleted and can be brought back."""
        from clonebox_tui.tui.screens.trash import TrashScreen

        self._cockpit.app.push_screen(TrashScreen(self._cockpit.session, self._cockpit.glyphs, self))

    # -- looking -----------------------------------------------------------------------------------

    def show_jobs(self) -> None:
        """The jobs screen."""
        from clonebox_tui.tui.screens.jobs import JobsScreen

        self._cockpit.app.push_screen(JobsScreen(self._cockpit.session, self._cockpit.glyphs))

    def show_graphs(self) -> None:
        """The machine's graphs over the whole screen."""
        from clonebox_tui.tui.screens.graphs import GraphsScreen

        self._cockpit.app.push_screen(GraphsScreen(self._cockpit.session, self._cockpit.glyphs))

    def show_why(self) -> None:
        """The explanation of a machine that is not ready."""
        from clonebox_tui.tui.screens.why import WhyScreen

        session = self._cockpit.session
        if session.machine is not None:
            self._cockpit.app.push_screen(WhyScreen(session, session.machine))

    def show_host_graphs(self) -> None:
        """The same of the host that bears the machine."""
        from clonebox_tui.tui.screens.graphs import HostGraphsScreen

        self._cockpit.app.push_screen(HostGraphsScreen(self._cockpit.session, self._cockpit.glyphs))

    def show_performed(self) -> None:
        """The exact calls of what was done, newest first."""
        from clonebox_tui.tui.screens.performed import PerformedScreen

        self._cockpit.app.push_screen(PerformedScreen(self._cockpit.session, self._cockpit.glyphs))

    def copy(self) -> None:
        """Copy what the cursor is on."""
        text = self._cockpit.copyable()
        if text:
            self._cockpit.face.copy_visibly(text)
        else:
            self._cockpit.face.tell("There is nothing here to copy.")

    def again(self, job: Job) -> None:
        """Plan an ended job's act for the world as it is now; run it once the person has seen that."""
        self._start(self._again(job))

    async def _again(self, job: Job) -> None:
        session = self._cockpit.session
        act = (await session.call(JOB_ACT, OnJob(job.id))).act
        plan = await session.call(PLAN, PlanAct(act))
        if await self._agreed(plan):
            await self._run(act, plan)

    # -- jobs that ended ---------------------------------------------------------------------------

    def explains(self, job: Job) -> bool:
        """Whether the end of a job is shown in another way: in full, or once for all of its batch."""
        return job.id in self._explained

    def job_ended(self, job: Job) -> None:
        """Show why a job that was started here failed; others only stand in the job bar."""
        if any(batch.take_end(job) for batch in tuple(self.batches)):
            self._explained.add(job.id)
            return
        if job.id not in self._mine:
            return
        self._mine.discard(job.id)
        if job.state in (JobState.FAILED, JobState.ROLLED_BACK) and job.problem is not None:
            self._explained.add(job.id)
            self._start(self._explain(job, job.problem))

    async def _explain(self, job: Job, problem: Problem) -> None:
        from clonebox_tui.tui.screens.problem import ProblemScreen

        session = self._cockpit.session
        kill = job.act == "machine.stop" and problem.code in (Code.TIMED_OUT, Code.NOT_READY)
        offer = "Kill it (pulls the plug)" if kill and job.machine in session.machines else ""
        if await self._cockpit.app.push_screen_wait(ProblemScreen(job.title, problem, offer)):
            await self._perform(KillMachine(job.machine))

    # -- the way of an act -------------------------------------------------------------------------

    def _start(self, work: Coroutine[object, object, object]) -> None:
        self._cockpit.app.run_worker(self._guarded(work), group="acts")

    async def _guarded(self, work: Coroutine[object, object, object]) -> None:
        try:
            await work
        except ProblemError as error:
            self._cockpit.face.tell_problem(error.problem)

    async def _perform(self, act: Act) -> None:
        plan = await self._cockpit.session.call(PLAN, PlanAct(act))
        if not plan.is_cheap and not await self._agreed(plan):
            return
        await self._run(act, plan)

    def undo(self, *, redo: bool = False) -> None:
        """Take back what was done last, or do it again, once the person has seen what that means."""
        self._start(self._undo(redo))

    async def _undo(self, redo: bool) -> None:
        session = self._cockpit.session
        planned = await session.call(PLAN_UNDO, OnDeed(redo=redo))
        if await self._agreed(planned.plan):
            undo = Undo(planned.deed.id, redo, planned.plan.fingerprint)
            self._follow(await session.call(UNDO, undo))

    async def _run(self, act: Act, plan: Plan) -> None:
        self._follow(await self._cockpit.session.call(RUN, RunAct(act, plan.fingerprint)))

    def _follow(self, job: Job) -> None:
        session = self._cockpit.session
        self._mine.add(job.id)
        known = session.jobs.get(job.id)
        if known is None:
            self._cockpit.changed(session.take_jobs((job,)))
        elif known.state.ended:
            # It was over before its own answer came.
            self.job_ended(known)

    async def _agreed(self, plan: Plan) -> bool:
        from clonebox_tui.tui.screens.plan import PlanScreen

        agreed: bool | None = await self._cockpit.app.push_screen_wait(
            PlanScreen(self._cockpit.session.where.planned(plan))
        )
        return agreed is True

    async def _take(self, machine: Machine) -> None:
        from clonebox_tui.tui.screens.take_snapshot import TakeSnapshotScreen

        session = self._cockpit.session
        taken = {each.name for each in session.snapshots.get(machine.id, ())}
        act: CreateSnapshot | None = await self._cockpit.app.push_screen_wait(
            TakeSnapshotScreen(machine, taken, session.clock())
        )
        if act is not None:
            await self._perform(act)

    def _on_snapshot(self, make: Callable[[Machine, Snapshot], Act]) -> None:
        machine, snapshot = self._cockpit.session.machine, self._cockpit.snapshot_tree.snapshot
        if machine is not None and snapshot is not None:
            self._start(self._perform(make(machine, snapshot)))
        else:
            self._cockpit.face.tell(
                "The cursor is on no snapshot.", "Move to one with j and k, then try again."
            )
