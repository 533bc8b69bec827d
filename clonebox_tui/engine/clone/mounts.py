"""Mount the shares in the guest, now and at every boot to come."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from clonebox_tui.engine.act import StepRun
from clonebox_tui.engine.clone.shares import fstab_line, missing_parents
from clonebox_tui.guest import execution
from clonebox_tui.guest.agent import Agent
from clonebox_tui.guest.files import read_file, write_file
from clonebox_tui.model.machine import Share
from clonebox_tui.model.spec import MachineSpec

_FSTAB = "/etc/fstab"
_MOUNTS = "/proc/self/mounts"
_MARK = "# Shared folders of the host, written when this machine was cloned."
_ESCAPED = re.compile(r"\\([0-7]{3})")
_MOUNT_SECONDS = 120.0


async def mount_shares(agent: Agent, spec: MachineSpec, run: StepRun) -> tuple[str, ...]:
    """Mount all shares; a sentence for each that could not be."""
    if not spec.shares:
        return ()
    await _write_fstab(agent, spec.shares)
    lacks = []
    for number, share in enumerate(spec.shares):
        run.progress("mounting shares", number, len(spec.shares), "shares")
        await _make_mount_point(agent, spec, share)
        mounted = await execution.run(agent, ["mount", share.guest], timeout_seconds=_MOUNT_SECONDS)
        if mounted.exit_code:
            lacks.append(f"share {share.guest}: {mounted.complaint}")
        run.log(f"  {lacks[-1]}" if mounted.exit_code else f"  mounted {share.guest}")
    return tuple(lacks)


async def not_mounted(agent: Agent, shares: Sequence[Share]) -> tuple[str, ...]:
    """The guest paths whose share is not mounted there now."""
    lines = (await read_file(agent, _MOUNTS)).decode(errors="replace").splitlines()
    mounted = {(fields[0], unescaped(fields[1])) for fields in map(str.split, lines) if len(fields) > 1}
    return tuple(share.guest for share in shares if (share.tag, share.guest) not in mounted)


async def _write_fstab(agent: Agent, shares: Sequence[Share]) -> None:
    before = (await read_file(agent, _FSTAB)).decode(errors="replace").partition(_MARK)[0].rstrip("\n")
    text = "\n".join([before, _MARK, *map(fstab_line, shares), ""])
    await write_file(agent, _FSTAB, text.encode())


async def _make_mount_point(agent: Agent, spec: MachineSpec, share: Share) -> None:
    """The mount point and, inside the user's home, its parents, as the user's own."""
    home = f"/home/{spec.user}"
    own = PurePosixPath(home) in PurePosixPath(share.guest).parents
    if not own:
        await execution.run(agent, ["mkdir", "-p", "--", share.guest])
        return
    owner = ["-o", str(spec.uid), "-g", str(spec.uid)]
    for folder in (*missing_parents(share.guest, home), share.guest):
        # Only what is missing: a parent may itself be a share by now.
        made = await execution.run(agent, ["test", "-d", folder])
        if made.exit_code:
            await execution.run(agent, ["install", "-d", *owner, "--", folder])


def unescaped(path: str) -> str:
    """A path of fstab(5) or /proc/mounts as it is."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 8)), path)
