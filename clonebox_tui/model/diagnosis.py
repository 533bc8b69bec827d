"""Why a machine is not ready: the phase it is in, likely causes with their evidence, and what to do."""

import msgspec


class Evidence(msgspec.Struct, frozen=True):
    """Something seen. `source`: serial, qemu, agent, cloud-init, libvirt, job, host, disks."""

    source: str
    text: str


class Cause(msgspec.Struct, frozen=True):
    """One explanation. `id` is stable; `certainty` is 0–100, and causes are ordered by it."""

    id: str
    title: str
    fix: str
    certainty: int
    evidence: tuple[Evidence, ...] = ()

    @property
    def word(self) -> str:
        """The certainty as a word."""
        return "certain" if self.certainty >= 90 else "likely" if self.certainty >= 60 else "possible"


class Diagnosis(msgspec.Struct, frozen=True):
    """What `why M` tells. `phase`: off, paused, crashed, starting, booting, running."""

    machine: str
    name: str
    phase: str
    summary: str
    causes: tuple[Cause, ...] = ()
    observed: tuple[Evidence, ...] = ()
    """What was looked at and is as it should be, or could not be had."""
