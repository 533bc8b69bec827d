"""The act of cloning: checks what stands in the way, then gives its plan and its steps."""

import asyncio
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from clonebox_tui.config import check_wish
from clonebox_tui.engine.act import Step
from clonebox_tui.engine.clone import blueprint, disk, project_file
from clonebox_tui.engine.clone.base import Base
from clonebox_tui.engine.clone.file_steps import file_steps
from clonebox_tui.engine.clone.job import BASE, LACKS, WARNINGS, Clone, Surroundings
from clonebox_tui.engine.clone.machine_steps import define_step, guest_steps, start_step
from clonebox_tui.engine.clone.plan import IMAGE_BYTES, plan_of
from clonebox_tui.engine.clone.simulated_steps import simulated_steps
from clonebox_tui.model.acts import CloneMachine
from clonebox_tui.model.environment import GIBIBYTE
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.model.remote import is_remote
from clonebox_tui.model.rpc import Context
from clonebox_tui.model.ssh import ssh_command
from clonebox_tui.providers.protocol import Capability


class CloneHandler:
    """Clones. One lane a name, so that two clones of one name never meet."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings

    def lane(self, act: CloneMachine) -> str:
        """The name on its connection."""
        return f"clone {Clone(self._around, act).connection}/{act.wish.name}"

    async def plan(self, act: CloneMachine, context: Context | None) -> Plan:
        """The plan. CONFIG_INVALID, NAME_TAKEN, DISK_FULL, MEMORY_SHORT, PORT_TAKEN, NOT_SUPPORTED …"""
        del context
        clone = Clone(self._around, act)
        _refuse_provider(clone)
        if _simulated(clone):
            _refuse_name(clone)
            return plan_of(clone, simulated_steps(clone), Base("debian-demo", str(clone.folder)), "tcg")
        base = await self._around.bases.find(clone.connection, act.wish.base_image)
        accelerator = await self._around.accelerator(act.wish.accel)
        await asyncio.to_thread(_refuse, clone, base)
        return plan_of(clone, await self._real_steps(clone, base), base, accelerator)

    async def steps(self, act: CloneMachine, memory: Mapping[str, object]) -> Sequence[Step]:
        """The steps; the same whatever the memory, but for the image's title."""
        clone = Clone(self._around, act)
        if _simulated(clone):
            return simulated_steps(clone)
        if BASE in memory:
            return await self._real_steps(clone, msgspec.convert(memory[BASE], Base))
        found = await self._around.bases.find(clone.connection, act.wish.base_image)
        return await self._real_steps(clone, found)

    async def result(self, act: CloneMachine, memory: Mapping[str, object]) -> dict[str, object]:
        """The machine's id, how to enter it, and what it lacks."""
        clone = Clone(self._around, act)
        details = await clone.provider.details(clone.spec(memory).uuid)
        try:
            ssh = shlex.join(ssh_command(details))
        except ProblemError:
            ssh = ""  # a machine on a network of its own is entered another way
        return {
            "machine": clone.machine(memory),
            "ssh": ssh,
            "lacks": memory.get(LACKS, []),
            "warnings": memory.get(WARNINGS, []),
        }

    async def _real_steps(self, clone: Clone, base: Base | None) -> list[Step]:
        used = base
        if used is None:
            name = await self._around.bases.standard_name(clone.connection)
            store = self._around.places.images(clone.connection) / "images"
            used = Base(name, str(store / name / "disk.qcow2"))
        made = file_steps(clone, used, base is not None)
        return [*made, define_step(clone), start_step(clone), *guest_steps(clone)]


def _simulated(clone: Clone) -> bool:
    """Whether the connection keeps no files and boots nothing."""
    return clone.connection.startswith("simulated")


def _refuse_provider(clone: Clone) -> None:
    if is_remote(clone.connection):
        raise problem(
            Code.NOT_SUPPORTED,
            f"{clone.connection} is another host: nothing of this one can be cloned there.",
            why="a machine's disk is made where its host can open it",
            next="Clone on that host itself: `clonebox-tui --host ssh://USER@SERVER clone DIR`",
        )
    needed = (Capability.DEFINE, Capability.GUEST_AGENT)
    lacking = [one.value for one in needed if one.value not in clone.provider.connection.capabilities]
    if lacking:
        raise problem(
            Code.NOT_SUPPORTED,
            f"{clone.connection} cannot run clones.",
            why=f"It lacks {' and '.join(lacking)}.",
            next="Use qemu:///system or qemu:///session.",
        )


def _refuse_name(clone: Clone) -> None:
    machines = clone.around.fleet.machines.values()
    if any(one.name == clone.act.wish.name and one.connection == clone.connection for one in machines):
        raise problem(
            Code.NAME_TAKEN,
            f"There is a machine {clone.act.wish.name} on {clone.connection} already.",
            next="Choose another name: `clone … --name NAME`.",
        )


def _refuse(clone: Clone, base: Base | None) -> None:
    _refuse_name(clone)
    wish, limits = clone.act.wish, clone.around.limits(clone.folder)
    faults = check_wish(wish, limits)
    if faults.errors:
        raise problem(
            Code.CONFIG_INVALID,
            "The machine cannot be as it is wished.",
            why=next(iter(faults.errors.values())),
            details=tuple(f"{field}: {text}" for field, text in faults.errors.items()),
            next="Change these values, in the project file or by `--set`.",
        )
    if clone.folder.exists():
        raise problem(
            Code.NAME_TAKEN,
            f"{clone.folder} is there already.",
            next="Choose another name, or look what it holds and remove it.",
        )
    if clone.act.config_text:
        project_file.refuse_existing(Path(clone.act.directory))
    blueprint.refuse_taken_ports(wish)
    disk.refuse_full(clone.folder, disk.LEAST_FREE_BYTES + (IMAGE_BYTES if base is None else 0))
    if wish.memory_bytes > limits.memory_available_bytes:
        raise problem(
            Code.MEMORY_SHORT,
            f"{wish.name} would have {wish.memory_bytes / GIBIBYTE:.1f} GiB of memory, and "
            f"{limits.memory_available_bytes / GIBIBYTE:.1f} GiB are free on this host.",
            next="Stop a machine, or choose less memory.",
        )
