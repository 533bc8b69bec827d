"""What the worker itself writes down about a machine: labels, hidden snapshots, policies; as an inventory."""

import contextlib
import re
import sqlite3

import msgspec

from clonebox_tui.engine.snapshots.policies import Policies
from clonebox_tui.model.acts import (
    Act,
    DeleteSnapshot,
    LabelMachine,
    SetSnapshotPolicy,
    TrashSnapshot,
    UntrashSnapshots,
)
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.labels import Labels
from clonebox_tui.model.machine import machine_id
from clonebox_tui.model.rpc import DEEDS, Nothing, Undo
from clonebox_tui.model.snapshot_policy import SnapshotPolicy, words
from clonebox_tui.store.deeds import KeptDeed
from tests.faults.real import URI, RealWorld
from tests.faults.site import Site, up
from tests.faults.sweep import Subject

POLICIES = "snapshot-policies.json"
_LABELS = re.compile("<[^<]*:labels:1.*?</[^<]*labels>", re.DOTALL)


class NotingSite(Site):
    """A site whose list of deeds is up to date when an undo is over."""

    async def attempt(self, act: Act | Undo, failpoint: str = "") -> Job | None:
        """Do it, and have the worker settle what became of the deed."""
        job = await super().attempt(act, failpoint)
        if isinstance(act, Undo):
            async with await self.connect() as client:
                await up(client)
                await client.call(DEEDS, Nothing())
        return job


class Notes:
    """Acts on what is written down about the machine of `real`, by the workers of `site`."""

    def __init__(self, real: RealWorld, site: Site) -> None:
        self._real = real
        self.site = site
        self._machine = machine_id(URI, real.uuid)
        self.undoing = False
        """Whether deeds count: they are written down when somebody asks for them."""

    def inventory(self) -> list[str]:
        """The machine, and what is written down about it."""
        found = [f"labels {label}" for each in self._domains() for label in _LABELS.findall(each)]
        policies = Policies(self.site.where.config).all()
        # An empty file of policies is as good as none.
        kept = [path for path in self.site.where.config.rglob("*") if path.name != POLICIES]
        return [
            *self._real.machines(),
            *found,
            *(f"hidden {name}" for (name,) in self._rows("SELECT name FROM hidden_snapshots")),
            *(f"deed {_told(deed)}" for (deed,) in self._rows("SELECT deed FROM deeds") if self.undoing),
            *(f"policy {machine} {words(policy)}" for machine, policy in policies.items()),
            *(f"file {path}" for path in kept),
        ]

    # -- acts ----------------------------------------------------------------------------------------

    def label(self) -> Subject:
        labels = Labels(("red",), "some", "a <note> & more")
        return Subject("label", LabelMachine(self._machine, labels, Labels()), self._with_branch)

    def policy(self) -> Subject:
        return Subject(
            "snapshot policy", SetSnapshotPolicy(self._machine, SnapshotPolicy(6)), self._with_branch
        )

    def snapshot_trash(self) -> Subject:
        act = TrashSnapshot(self._machine, "first", children=True)
        return Subject("snapshot trash", act, self._with_branch)

    def snapshot_untrash(self) -> Subject:
        act = UntrashSnapshots(self._machine, ("first", "second"))
        return Subject("snapshot trash restore", act, self._with_hidden)

    def snapshot_purge(self) -> Subject:
        """What the worker does when a hidden snapshot's time is over."""
        return Subject("snapshot purge", DeleteSnapshot(self._machine, "first"), self._with_hidden)

    def branch_delete(self) -> Subject:
        act = DeleteSnapshot(self._machine, "first", children=True)
        return Subject("branch delete", act, self._with_hidden)

    def undo(self) -> Subject:
        self.undoing = True
        return Subject("undo", Undo(""), self._with_deed)

    def redo(self) -> Subject:
        self.undoing = True

        async def prepare() -> None:
            await self._with_deed()
            await self._done(Undo(""))

        return Subject("redo", Undo("", redo=True), prepare)

    # -- the world -----------------------------------------------------------------------------------

    async def _with_branch(self) -> None:
        """A machine with snapshots `first` and, below it, `second`; nothing written down about it."""
        await self._real.with_machine()
        domain = self._real.connection.lookupByUUIDString(self._real.uuid)
        domain.snapshotCreateXML("<domainsnapshot><name>second</name></domainsnapshot>", 0)
        (self.site.where.config / POLICIES).unlink(missing_ok=True)
        for table in ("hidden_snapshots", "deeds", "jobs"):
            self._rows(f"DELETE FROM {table}")  # noqa: S608 our own words

    async def _with_deed(self) -> None:
        await self._with_branch()
        await self._done(LabelMachine(self._machine, Labels(("red",)), Labels()))
        async with await self.site.connect() as client:
            await client.call(DEEDS, Nothing())
        self.site.stop()

    async def _with_hidden(self) -> None:
        await self._with_branch()
        await self._done(TrashSnapshot(self._machine, "first", children=True))

    async def _done(self, act: Act | Undo) -> None:
        job = await self.site.attempt(act)
        assert job is not None
        assert job.state is JobState.SUCCEEDED, job
        self.site.stop()

    def _domains(self) -> list[str]:
        known = self._real.connection.listAllDomains()
        return [each.XMLDesc() for each in known if each.name().startswith(self._real.name)]

    def _rows(self, query: str) -> list[tuple[str]]:
        if not self.site.where.database.exists():
            return []
        with contextlib.closing(sqlite3.connect(self.site.where.database)) as file, file:
            return file.execute(query).fetchall()


def _told(deed: bytes) -> str:
    kept = msgspec.json.decode(deed, type=KeptDeed)
    state = "undone" if kept.deed.undone else "done"
    return f"{kept.deed.act} {state} {'pending' if kept.pending else ''}"
