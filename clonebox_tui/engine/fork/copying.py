"""Make the disk of a fork: a layer, a copy of what is in a file, or a copy that QEMU itself writes."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from clonebox_tui.engine import process
from clonebox_tui.engine.act import StepRun
from clonebox_tui.engine.clone.disk import create_command
from clonebox_tui.engine.fork.origin import How, Origin, still_there
from clonebox_tui.engine.images.progress import percent_reader
from clonebox_tui.guest.agent import Agent
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.providers.protocol import Provider

_POLL_SECONDS = 0.2
_FREEZE_SECONDS = 10.0


def copy_command(origin: Origin, target: Path) -> tuple[str, ...]:
    """The qemu-img line that makes the disk; empty for one that QEMU itself copies."""
    if origin.how is How.LAYER:
        return create_command(Path(origin.path), origin.format, target, origin.virtual_bytes)
    if origin.how is How.LIVE:
        return ()
    return convert_command(origin, target, "qcow2")


def convert_command(origin: Origin, target: Path, target_format: str) -> tuple[str, ...]:
    """The qemu-img line that copies a state out of a file; a qcow2 copy shares what the file stands on."""
    words = ["qemu-img", "convert", "-p", "-O", target_format, "-f", origin.format]
    if origin.snapshot:
        # -U: the machine may run. A snapshot's clusters are never written to while it exists.
        words += ["-U", "-l", f"snapshot.name={_escaped(origin.snapshot)}"]
    elif target_format == "raw":
        words.append("-U")  # a look keeps nobody from starting the machine
    if origin.base and target_format == "qcow2":
        words += ["-B", origin.base, "-F", origin.base_format]
    return (*words, origin.path, str(target))


async def copy_file(origin: Origin, target: Path, tell: Callable[[str], None], *, raw: bool = False) -> None:
    """Copy a state out of a file (or lay a layer over it). DISK_FULL, IMAGE_INVALID, SNAPSHOT_NOT_FOUND."""
    words = convert_command(origin, target, "raw") if raw else copy_command(origin, target)
    output = await process.run(words, on_line=tell)
    if output.code:
        full = "No space left" in output.text
        raise problem(
            Code.DISK_FULL if full else Code.IMAGE_INVALID,
            f"The disk could not be copied to {target}.",
            why=output.lines[-1] if output.lines else f"qemu-img ended with {output.code}",
            next="Make room for it." if full else "See whether the machine's own disk is whole: doctor.",
        )
    if not await still_there(origin):
        raise problem(
            Code.SNAPSHOT_NOT_FOUND,
            f"The snapshot {origin.snapshot} was deleted while it was copied.",
            next="Choose another one.",
        )


def percents(run: StepRun, origin: Origin, phase: str) -> Callable[[str], None]:
    """A line callback that tells a job how far qemu-img is."""
    return percent_reader(phase, float(max(1, origin.bytes_needed)), run.progress)


async def copy_live(
    provider: Provider, uuid: str, target: Path, agent: Agent | None, tell: Callable[[float, float], None]
) -> bool:
    """Copy a running machine's disk; whether its file systems were at rest at that moment (by the agent)."""
    quiet = agent is not None and await _freeze(agent)
    try:
        await provider.begin_copy(uuid, str(target))
    finally:
        if agent is not None and quiet:
            await thaw(agent)
    while (far := await provider.copied(uuid)) is not None:
        tell(float(far[0]), float(far[1]))
        await asyncio.sleep(_POLL_SECONDS)
    return quiet


async def _freeze(agent: Agent) -> bool:
    try:
        await agent.command("guest-fsfreeze-freeze", _FREEZE_SECONDS)
    except ProblemError:
        await thaw(agent)  # one of several file systems may be frozen
        return False
    return True


async def thaw(agent: Agent) -> None:
    """Let the guest write again; a guest that is not frozen does not mind."""
    with suppress(ProblemError):
        await agent.command("guest-fsfreeze-thaw", _FREEZE_SECONDS)


def _escaped(name: str) -> str:
    """QEMU's options are separated by commas; a doubled one is part of the value."""
    return name.replace(",", ",,")
