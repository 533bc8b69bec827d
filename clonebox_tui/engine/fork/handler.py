"""The act of forking: what stands in its way, its plan, its steps."""

import re
import shlex
from collections.abc import Mapping, Sequence

import msgspec

from clonebox_tui.config.syntax import NAME
from clonebox_tui.engine.act import Step
from clonebox_tui.engine.clone import disk
from clonebox_tui.engine.fork.inheriting import labels_of, with_labels
from clonebox_tui.engine.fork.job import LACKS, ORIGIN, SOURCE, Fork, Surroundings
from clonebox_tui.engine.fork.origin import LEAST_BYTES, How, Origin, find_origin
from clonebox_tui.engine.fork.simulated_steps import simulated_steps
from clonebox_tui.engine.fork.steps import fork_steps
from clonebox_tui.engine.snapshots.moment import Moment, look
from clonebox_tui.model.acts import ForkMachine
from clonebox_tui.model.environment import GIBIBYTE
from clonebox_tui.model.labels import Labels
from clonebox_tui.model.machine import Machine, State
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.model.rpc import Context
from clonebox_tui.model.spec import MachineSpec
from clonebox_tui.model.ssh import ssh_command

MOST_AT_ONCE = 64


class ForkHandler:
    """Forks. In the lane of the machine that is forked: its snapshots stay while they are copied."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings

    def lane(self, act: ForkMachine) -> str:
        """The origin's."""
        return act.machine

    async def plan(self, act: ForkMachine, context: Context | None) -> Plan:
        """What is copied, and who is made. NAME_TAKEN, NAME_INVALID, SNAPSHOT_NOT_FOUND,
        NOT_SUPPORTED, DISK_FULL, MEMORY_SHORT."""
        del context
        fork = Fork(self._around, act)
        moment = await look(self._around.fleet, act.machine)
        self._refuse_names(fork)
        if _simulated(fork):
            origin = Origin(How.COPY, "/simulated/disk.qcow2", "qcow2", 0, LEAST_BYTES, snapshot=act.snapshot)
            if act.snapshot:
                moment.require(act.snapshot)
            return _plan(fork, moment, origin, await self.steps(act, {}))
        origin = await find_origin(self._around.fleet, moment, act.snapshot)
        source = await self._source(fork, moment.machine)
        disk.refuse_full(fork.folder(act.names[0]), origin.bytes_needed * len(act.names))
        self._refuse_memory(act, moment.machine)
        steps = with_labels(fork, fork_steps(fork, origin, source), moment.machine.labels)
        return _plan(fork, moment, origin, steps)

    async def steps(self, act: ForkMachine, memory: Mapping[str, object]) -> Sequence[Step]:
        """The same ones for the same memory."""
        fork = Fork(self._around, act)
        return with_labels(fork, await self._own_steps(fork, memory), labels_of(fork, memory))

    async def _own_steps(self, fork: Fork, memory: Mapping[str, object]) -> Sequence[Step]:
        act = fork.act
        if _simulated(fork):
            return simulated_steps(fork, self._around.fleet.machines.get(act.machine))
        if ORIGIN in memory:
            return fork_steps(fork, fork.origin(memory), msgspec.convert(memory[SOURCE], MachineSpec))
        moment = await look(self._around.fleet, act.machine)
        origin = await find_origin(self._around.fleet, moment, act.snapshot)
        return fork_steps(fork, origin, await self._source(fork, moment.machine))

    async def result(self, act: ForkMachine, memory: Mapping[str, object]) -> dict[str, object]:
        """The machines' ids, how each is entered, and what they lack."""
        fork = Fork(self._around, act)
        specs = fork.specs(memory)
        return {
            "machines": [fork.machine(spec) for spec in specs],
            "names": [spec.name for spec in specs],
            "ssh": [await _way_in(fork, spec) for spec in specs],
            "lacks": memory.get(LACKS, []),
        }

    # -- what stands in the way ----------------------------------------------------------------------

    async def _source(self, fork: Fork, machine: Machine) -> MachineSpec:
        spec = await fork.provider.spec(fork.origin_uuid)
        if spec is None:
            raise problem(
                Code.NOT_SUPPORTED,
                f"{machine.name} cannot be forked.",
                why="It was not made here: nothing says which of its devices a fork must have anew.",
                next="Clone it with virt-clone, or copy its disk: `qemu-img convert`.",
            )
        return spec

    def _refuse_names(self, fork: Fork) -> None:
        names = fork.act.names
        if not 1 <= len(names) <= MOST_AT_ONCE or len(set(names)) != len(names):
            raise problem(
                Code.NAME_INVALID,
                f"{len(names)} names cannot be used for forks.",
                why=f"One to {MOST_AT_ONCE} are possible, each once.",
                next="Give other names.",
            )
        taken = {each.name for each in self._around.fleet.machines.values()}
        for name in names:
            if not re.fullmatch(NAME, name):
                raise problem(
                    Code.NAME_INVALID,
                    f"A machine cannot be named {name!r}.",
                    why="1 to 64 letters, digits, `.`, `_` or `-` are possible, a letter or digit first.",
                    next="Choose another name.",
                )
            if name in taken or (not _simulated(fork) and fork.folder(name).exists()):
                raise problem(
                    Code.NAME_TAKEN,
                    f"There is a machine {name} already, or a folder of one.",
                    next="Choose another name: `fork … --name NAME`.",
                )

    def _refuse_memory(self, act: ForkMachine, machine: Machine) -> None:
        wanted = machine.memory_bytes * (len(act.names) if act.start else 1)
        free = self._around.free_memory()
        if wanted > free:
            raise problem(
                Code.MEMORY_SHORT,
                f"{wanted / GIBIBYTE:.1f} GiB of memory are needed, and {free / GIBIBYTE:.1f} GiB are free.",
                why="A fork boots once to become somebody else.",
                next="Stop a machine, or make fewer forks at once.",
            )


def _simulated(fork: Fork) -> bool:
    return fork.connection.startswith("simulated")


async def _way_in(fork: Fork, spec: MachineSpec) -> str:
    try:
        return shlex.join(ssh_command(await fork.provider.details(spec.uuid)))
    except ProblemError:
        return ""


def _plan(fork: Fork, moment: Moment, origin: Origin, steps: Sequence[Step]) -> Plan:
    act, name = fork.act, moment.machine.name
    made = act.names[0] if len(act.names) == 1 else f"{', '.join(act.names[:-1])} and {act.names[-1]}"
    return Plan(
        act="machine.fork",
        title=f"Fork {name} {f'at {act.snapshot}' if act.snapshot else 'as it is now'} into {made}",
        steps=tuple(step.planned() for step in steps),
        fingerprint=f"{moment.fingerprint()} {origin.how.value} {' '.join(act.names)}",
        machine=moment.machine.id,
        name=name,
        bytes_needed=origin.bytes_needed * len(act.names),
        undo="Delete the new machines; a failed or cancelled fork leaves nothing.",
        notes=_notes(fork, moment, origin),
    )


def _notes(fork: Fork, moment: Moment, origin: Origin) -> tuple[str, ...]:
    name = moment.machine.name
    found = [f"{name} is only read: neither its disk nor its snapshots are changed."]
    kept = moment.find(fork.act.snapshot) if fork.act.snapshot else None
    if (kept is not None and kept.memory) or moment.machine.state is not State.OFF:
        found.append("Memory is not taken along: the forks boot, as after a power cut.")
    if origin.base:
        found.append(f"They go on sharing {origin.base} with {name}.")
    if origin.how is How.LAYER:
        found.append(f"They stand on {origin.path}, which is kept as long as they do.")
    if origin.how is How.LIVE:
        found.append("QEMU copies the disk while the machine runs; its agent holds writing for a moment.")
    if moment.details.shares:
        folders = ", ".join(share.guest or share.tag for share in moment.details.shares)
        found.append(f"Live shared folders are left out: {folders}.")
    if moment.machine.labels != Labels():
        found.append("Tags, group and note are taken over.")
    found.append("Fresh: host name, machine id, SSH host key, login key, MAC address, forwarded ports.")
    return tuple(found)
