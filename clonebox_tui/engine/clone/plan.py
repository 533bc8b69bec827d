"""What a person confirms before a clone: every step, what it costs, and what may be a surprise."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from clonebox_tui.engine.act import Step
from clonebox_tui.engine.clone import disk
from clonebox_tui.engine.clone.base import Base
from clonebox_tui.engine.clone.job import Clone
from clonebox_tui.model.environment import GIBIBYTE
from clonebox_tui.model.plan import Plan

IMAGE_BYTES = 4 * GIBIBYTE
"""What building an image takes at its peak: packages, tree, file system, disk."""
_BOOT_SECONDS = {"kvm": 20, "tcg": 90}
_PACKAGE_SECONDS = {"kvm": 2, "tcg": 12}
_IMAGE_SECONDS = 240


def plan_of(clone: Clone, steps: Sequence[Step], base: Base | None, accelerator: str) -> Plan:
    """The plan; `base` is None when the image has to be built."""
    act = clone.act
    return Plan(
        act="machine.clone",
        title=f"Clone {act.directory or act.wish.name} into {act.wish.name}",
        steps=tuple(step.planned() for step in steps),
        fingerprint=_fingerprint(clone, base),
        name=act.wish.name,
        bytes_needed=disk.LEAST_FREE_BYTES + (IMAGE_BYTES if base is None else 0),
        undo="Delete the machine; a failed or cancelled clone leaves nothing.",
        warnings=_warnings(clone),
        notes=_notes(clone, base, accelerator),
    )


def _fingerprint(clone: Clone, base: Base | None) -> str:
    digest = hashlib.sha256(msgspec.json.encode((clone.act, base.name if base else "")))
    return digest.hexdigest()[:32]


def _notes(clone: Clone, base: Base | None, accelerator: str) -> tuple[str, ...]:
    wish = clone.act.wish
    seconds = _BOOT_SECONDS[accelerator] + len(wish.packages) * _PACKAGE_SECONDS[accelerator]
    if base is None:
        seconds += _IMAGE_SECONDS
    how = "KVM" if accelerator == "kvm" else "emulation (TCG), since KVM cannot be used here"
    notes = [
        f"Runs on {how}; about {_minutes(seconds)} until it is ready.",
        f"The disk can grow to {wish.disk_bytes / GIBIBYTE:.0f} GiB and begins with less than 1 MiB.",
        f"{wish.username} (uid {wish.uid}) logs in by a fresh key; passwords are off.",
    ]
    if clone.act.config_text:
        target = Path(clone.act.directory) / ".clonebox.yaml"
        notes.append(f"{target} will be:\n{clone.act.config_text.rstrip()}")
    return tuple(notes)


def _warnings(clone: Clone) -> tuple[str, ...]:
    wish = clone.act.wish
    warnings = []
    for share in wish.shares:
        try:
            owner = Path(share.host).stat().st_uid
        except OSError:
            continue
        if owner != wish.uid and not share.readonly:
            warnings.append(
                f"{share.host} belongs to uid {owner}: {wish.username} (uid {wish.uid}) may be able to "
                "read it only"
            )
    if any(port.bind not in ("127.0.0.1", "::1") and port.host for port in wish.ports):
        warnings.append("Some forwarded ports can be reached from other computers.")
    return tuple(warnings)


def _minutes(seconds: int) -> str:
    return f"{seconds} s" if seconds < 100 else f"{round(seconds / 60)} minutes"
