"""Risky acts on a running guest of which a snapshot is taken first, each with the world it begins in."""

import json
import subprocess
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import libvirt

from clonebox_tui.engine.snapshots.policies import Policies
from clonebox_tui.model.acts import Act, CopyToGuest, RebootMachine
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.machine import machine_id
from clonebox_tui.model.rpc import Undo
from clonebox_tui.model.snapshot_policy import BEFORE_MARK, BEFORE_PREFIX, SnapshotPolicy
from tests.faults.hands import in_guest
from tests.faults.site import Site
from tests.faults.sweep import Subject
from tests.guests import domain as domains
from tests.guests.fixtures import MicroMachine

_POLICY = SnapshotPolicy(before_risky=True, keep_before=1)
_START = "start"
"""The machine as each try begins with it."""

_BOOT = "cat /proc/sys/kernel/random/boot_id"
_TARGET = "/tmp/there/target"
# A reboot that the agent was asked for has its program running before the agent takes another question.
_LOOK = rf"""while ps | grep -q '[s]hutdown -h\|[r]eboot -f'; do usleep 50000; done
{_BOOT}; [ -d /tmp/there ] && cd /tmp/there && find . ! -name '.*.part' | sort && cat target
:"""
_PREPARE = f"mkdir -p /tmp/there; echo old >{_TARGET}; sync"
_SETTLING_SECONDS = 120.0


class Keeping:
    """A running machine whose snapshots with a prefix are taken by a policy, and the last of them kept."""

    def __init__(self, machine: MicroMachine, prefix: str) -> None:
        self.domain, self._disk = machine.domain, machine.disk
        self.machine = machine_id(machine.uri, machine.uuid)
        self._prefix = prefix
        self.older = f"{prefix}20200101-000000"
        """With it each try begins: one to be pruned."""
        in_guest(self.domain, _PREPARE)
        self._boot = in_guest(self.domain, _BOOT).strip()
        self.take(_START, "")
        self._begin = self._guest()

    def inventory(self) -> list[str]:
        """What is in the guest, of which kinds there are snapshots, and those that are no whole ones."""
        known = set(self.domain.snapshotListNames())
        on_disk = self._on_disk()
        whole = {name for name, memory in on_disk.items() if memory}
        kinds = {self._prefix if name.startswith(self._prefix) else name for name in known}
        half = [f"half a snapshot {name}" for name in known.union(on_disk) - known.intersection(whole)]
        return [*self._guest(), *(f"snapshot {kind}" for kind in kinds), *half]

    def kept(self) -> list[str]:
        """The snapshots of the policy, the newest last."""
        return sorted(name for name in self.domain.snapshotListNames() if name.startswith(self._prefix))

    def check(self) -> list[str]:
        """Those that were taken: one at most; none is pruned without it; the newest can be gone back to."""
        kept = self.kept()
        taken = [name for name in kept if name != self.older]
        assert kept, "the older one is pruned, and none was taken"
        assert len(taken) <= 1, kept
        self._go_back(kept[-1])
        assert self._guest() == self._begin, f"{kept[-1]} is not what was before"
        return taken

    def begin(self, description: str) -> None:
        """The guest as it was, and the older snapshot."""
        self._go_back(_START)
        for name in self.kept():
            self.domain.snapshotLookupByName(name).delete()
        self.take(self.older, description)

    def take(self, name: str, description: str) -> None:
        """Past the worker."""
        xml = f"<domainsnapshot><name>{name}</name><description>{description}</description></domainsnapshot>"
        self.domain.snapshotCreateXML(xml, 0)

    def _go_back(self, name: str) -> None:
        self.domain.revertToSnapshot(self.domain.snapshotLookupByName(name))
        domains.wait_for_agent(self.domain)

    def _guest(self) -> list[str]:
        """Which boot it is, and the files; asked until a guest that goes down is up again."""
        deadline = time.monotonic() + _SETTLING_SECONDS
        while True:
            try:
                boot, *files = in_guest(self.domain, _LOOK).splitlines()
            except (libvirt.libvirtError, KeyError):
                assert time.monotonic() < deadline, "the guest does not answer any more"
                time.sleep(0.2)
            else:
                return [f"boot {'as before' if boot == self._boot else 'another'}", *files]

    def _on_disk(self) -> dict[str, int]:
        """The snapshots that the disk holds, each with the bytes of its memory."""
        argv = ["qemu-img", "info", "-U", "--output=json", str(self._disk)]
        found = json.loads(subprocess.run(argv, capture_output=True, check=True).stdout)
        return {each["name"]: each["vm-state-size"] for each in found.get("snapshots", ())}


class Guarded(Keeping):
    """One where a snapshot is taken before each risky act."""

    def __init__(self, machine: MicroMachine, here: Path) -> None:
        super().__init__(machine, BEFORE_PREFIX)
        self._source = here / "source"
        self._source.write_text("new\n")

    def copy(self, site: Site) -> Subject:
        act = CopyToGuest(self.machine, str(self._source), _TARGET)
        return Subject("copy after a snapshot", act, self._preparing(site))

    def reboot(self, site: Site) -> Subject:
        """Nothing takes it back: killed on its way, the guest has rebooted or it has not."""
        act = RebootMachine(self.machine)
        return Subject("reboot after a snapshot", act, self._preparing(site), either=True)

    def _preparing(self, site: Site) -> Callable[[], Awaitable[None]]:
        async def prepare() -> None:
            Policies(site.where.config).write(self.machine, _POLICY)
            self.begin(f"before an earlier act\n{BEFORE_MARK}")

        return prepare


@dataclass
class GuardedSite(Site):
    """A site where the snapshots that are left are gone back to, once all is over."""

    guarded: Guarded | None = None
    job: Job | None = None

    async def attempt(self, act: Act | Undo, failpoint: str = "") -> Job | None:
        """Do it, and remember how it ended."""
        self.job = await super().attempt(act, failpoint)
        return self.job

    async def look_again(self) -> list[str]:
        """The inventory as ever, and then the snapshots one by one."""
        found = await super().look_again()
        assert self.guarded is not None
        taken = self.guarded.check()
        if self.job is not None and self.job.state is JobState.SUCCEEDED:
            assert [(self.job.result or {})["before"]] == taken
        return found
