"""Which host a machine is on, said only where there are several: one name on two hosts is never confused."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from clonebox_tui.model.job import Job
from clonebox_tui.model.machine import Machine, split_id

if TYPE_CHECKING:
    from clonebox_tui.model.plan import Plan

if TYPE_CHECKING:
    from pathlib import Path


class Whereabouts:
    """Short names of hosts, all different; `far` and `home` tell where the worker itself is, `commands` where
    a person's lines are."""

    def __init__(self) -> None:
        self._labels: dict[str, str] = {}
        self.far = ""
        """The other host whose worker is used (`--host`), as shown; empty: this one."""
        self.other_version = ""
        """The version of the worker over there, where it is not this one's: then nothing is changed."""
        self.home = ""
        """The home folder over there."""
        self.commands: Path | None = None
        """The file, here, that keeps what was run on the command line; None: it is not kept."""

    def follow(self, uris: Iterable[str]) -> None:
        """There are these connections now."""
        known = tuple(uris)
        if len(known) < 2:
            self._labels = {}
        elif self._labels.keys() != set(known):
            from clonebox_tui.model.remote import host_labels  # most people have one

            self._labels = host_labels(known)

    def label(self, uri: str) -> str:
        """The short name of a connection's host; empty where there is no other."""
        return self._labels.get(uri, "")

    @property
    def widest(self) -> int:
        """Characters of the longest name; 0 where there is no need for any."""
        return max(map(len, self._labels.values()), default=0)

    def name_of(self, machine: Machine) -> str:
        """`web-dev`, or `web-dev on web1`."""
        return self._on(machine.name, machine.id)

    def named(self, job: Job) -> Job:
        """The job, with the host in its title."""
        return msgspec.structs.replace(job, title=self._on(job.title, job.machine))

    def planned(self, plan: "Plan") -> "Plan":
        """The plan, with the host in its title."""
        return msgspec.structs.replace(plan, title=self._on(plan.title, plan.machine))

    def _on(self, what: str, machine: str) -> str:
        host = self.label(split_id(machine)[0])
        return f"{what} on {host}" if host else what
