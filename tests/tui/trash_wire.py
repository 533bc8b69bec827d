"""A wire with a machine and a snapshot in the trash, and one deed to undo and to redo."""

from clonebox_tui.model.acts import tag
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.plan import Plan, PlanStep
from clonebox_tui.model.rpc import Nothing, OnDeed, PlannedUndo, Trash, Undo
from clonebox_tui.model.trash import TrashedMachine, TrashedSnapshot
from clonebox_tui.model.undo import Deed
from tests.tui.fake_fleet import FLEET, GIB, NOW, URI
from tests.tui.fake_wire import FakeWire

DAY = 86_400.0
GONE = TrashedMachine(
    f"{URI}/00000000-0000-4000-8000-0000000000ff", "old-shop", NOW - DAY, NOW + 6 * DAY, URI,
    "/home/dev/machines/old-shop", moved=True, snapshots=2, size_bytes=3 * GIB,
)  # fmt: skip
HIDDEN = TrashedSnapshot(FLEET[0].id, "experiment", NOW - 2 * DAY, NOW + 5 * DAY)
DEED = Deed(
    "d1", f"Restore {FLEET[0].name} to base", "snapshot.restore", NOW - 60, FLEET[0].id, FLEET[0].name
)
_BACK = Plan(
    "trash.restore", "Bring old-shop back from the trash",
    (
        PlanStep("move", "Move its folder back", "mv …/trash/UUID/files /home/dev/machines/old-shop"),
        PlanStep("define", "Define it again, its snapshots with it", "virDomainDefineXML()"),
    ),
    "f1", GONE.machine, "old-shop",
)  # fmt: skip
_UNDO = Plan(
    "snapshot.restore", f"Undo “{DEED.title}”",
    (
        PlanStep("safety", "Keep the present state", "virDomainSnapshotCreateXML(flags=0)"),
        PlanStep("restore", "Go back", "virDomainRevertToSnapshot(flags=0)"),
    ),
    "f2", DEED.machine, DEED.name, downtime_seconds=10, destructive=True,
    undo="Take that back: `clonebox-tui redo`.",
    notes=("What is done for it: Restore web-dev to safety-20260921-163320.",),
)  # fmt: skip


class TrashWire(FakeWire):
    """What is asked of the trash is remembered as acts, an undo as `undone`."""

    def __init__(self) -> None:
        super().__init__()
        self.kept = Trash((GONE,), (HIDDEN,))
        self.undone: list[Undo] = []

    def _trash_list(self, params: Nothing) -> Trash:
        return self.kept

    def _undo_plan(self, params: OnDeed) -> PlannedUndo:
        return PlannedUndo(DEED, _UNDO)

    def _undo_run(self, params: Undo) -> Job:
        self.undone.append(params)
        return self._begun("snapshot.restore", _UNDO)

    def _act_plan(self, params: object) -> Plan:
        known = params.act.machine in self.machines  # type: ignore[attr-defined]
        return super()._act_plan(params) if known else _BACK

    def _act_run(self, params: object) -> Job:
        act = params.act  # type: ignore[attr-defined]
        return super()._act_run(params) if act.machine in self.machines else self._begun(tag(act), _BACK)

    def _begun(self, act: str, plan: Plan) -> Job:
        job = Job(
            f"job-{len(self.jobs) + 1}", act, plan.title, JobState.RUNNING, NOW, plan.machine, plan.name
        )
        self.jobs.insert(0, job)
        return job
