"""The steps of a fork: folders, disks, keys, definitions, and a boot that makes each somebody else."""

import shlex
from pathlib import Path

import msgspec

from clonebox_tui.engine.act import Step, StepRun
from clonebox_tui.engine.clone import disk, folder, keys, waiting
from clonebox_tui.engine.clone.machine_steps import unless_gone
from clonebox_tui.engine.fork import copying, identity
from clonebox_tui.engine.fork.drawing import drawn
from clonebox_tui.engine.fork.job import KEPT, LACKS, ORIGIN, SOURCE, SPECS, Fork
from clonebox_tui.engine.fork.origin import How, Origin
from clonebox_tui.engine.in_thread import in_thread
from clonebox_tui.guest import execution
from clonebox_tui.model.machine import Machine, State
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.spec import MachineSpec

STOP_SECONDS = 120.0
"""How long a fork may take to power off by itself; then all is written, and the plug is pulled."""
_OFF = (State.OFF, State.CRASHED)


def fork_steps(fork: Fork, origin: Origin, source: MachineSpec) -> list[Step]:
    """All of them in order."""
    return [_folders(fork, origin, source), _disks(fork, origin), _keys(fork), _define(fork), _boot(fork)]


def _folders(fork: Fork, origin: Origin, source: MachineSpec) -> Step:
    names = fork.act.names

    async def do(run: StepRun) -> None:
        disk.refuse_full(fork.folder(names[0]), origin.bytes_needed * len(names))
        specs = drawn(source, names, fork.around.places, fork.connection)
        facts = {ORIGIN: origin, SOURCE: source, SPECS: specs}
        await run.remember(**{key: msgspec.to_builtins(fact) for key, fact in facts.items()})

        def make() -> None:
            for name in names:
                folder.make_folder(fork.folder(name), run.job_id, open_to_qemu=fork.open_to_qemu)

        await in_thread(make)

    async def undo(run: StepRun) -> None:
        kept = KEPT in run.memory

        def remove() -> None:
            for name in names if SPECS in run.memory else ():
                folder.remove_folder(fork.folder(name), run.job_id, kept=kept)

        await in_thread(remove)

    folders = " ".join(str(fork.folder(name)) for name in names)
    return Step("folders", "Make the machines' folders", do, undo, f"mkdir {folders}")


def _disks(fork: Fork, origin: Origin) -> Step:
    async def do(run: StepRun) -> None:
        specs, taken = fork.specs(run.memory), fork.origin(run.memory)
        for number, spec in enumerate(specs):
            phase = f"disk of {spec.name}"
            if taken.how is not How.LIVE:
                await copying.copy_file(taken, Path(spec.disk_path), copying.percents(run, taken, phase))
            elif number == 0:
                await _copy_live(fork, spec, run)
            else:
                first = msgspec.structs.replace(taken, how=How.COPY, path=specs[0].disk_path, format="qcow2")
                await copying.copy_file(first, Path(spec.disk_path), copying.percents(run, taken, phase))

    async def undo(run: StepRun) -> None:
        if run.memory.get("copying"):
            await fork.provider.abort_copy(fork.origin_uuid)
            await copying.thaw(fork.around.agent(fork.act.machine))

    target = fork.folder(fork.act.names[0]) / "disk.qcow2"
    if origin.how is How.LIVE:
        call = fork.explained("begin_copy", fork.act.machine)
        return Step("disks", "Copy the disk while it runs", do, undo, call.call, call.equivalent)
    title = "Lay a disk over the snapshot's file" if origin.how is How.LAYER else "Copy the disk as it was"
    line = shlex.join(copying.copy_command(origin, target))
    return Step("disks", title, do, undo, line, line)


async def _copy_live(fork: Fork, spec: MachineSpec, run: StepRun) -> None:
    machine = fork.around.fleet.machine(fork.act.machine)
    agent = fork.around.agent(machine.id) if machine.state is State.RUNNING else None
    await run.remember(copying=True)

    def tell(done: float, total: float) -> None:
        run.progress(f"disk of {spec.name}", done, total or None, "bytes")

    quiet = await copying.copy_live(fork.provider, fork.origin_uuid, Path(spec.disk_path), agent, tell)
    run.log("The guest's file systems were at rest." if quiet else "Copied as after a power cut.")


def _keys(fork: Fork) -> Step:
    async def do(run: StepRun) -> None:
        def write() -> None:
            for spec in fork.specs(run.memory):
                if spec.key_path:
                    pair = keys.fresh_pair(f"{spec.user}@{spec.name}")
                    keys.write_login_key(fork.folder(spec.name), pair)

        await in_thread(write)

    # The folders' undo removes them.
    return Step(
        "keys", "Make fresh keys", do, call="Ed25519PrivateKey.generate()", equivalent="ssh-keygen -t ed25519"
    )


def _define(fork: Fork) -> Step:
    async def do(run: StepRun) -> None:
        for spec in fork.specs(run.memory):
            await fork.provider.define(spec)

    async def undo(run: StepRun) -> None:
        for spec in fork.specs(run.memory):
            await unless_gone(fork.provider.undefine(spec.uuid))

    call = fork.explained("define", fork.act.names[0])
    return Step("define", "Define the machines", do, undo, call.call, call.equivalent)


def _boot(fork: Fork) -> Step:
    async def do(run: StepRun) -> None:
        for spec in fork.specs(run.memory):
            await _first_boot(fork, spec, run)
        await run.remember(**{KEPT: True})

        def keep() -> None:
            for spec in fork.specs(run.memory):
                folder.keep_folder(fork.folder(spec.name))

        await in_thread(keep)

    async def undo(run: StepRun) -> None:
        for spec in fork.specs(run.memory):
            await unless_gone(_kill_running(fork, spec))

    title = "Boot, and take on an identity of its own" + ("" if fork.act.start else "; power off")
    call = fork.explained("start", fork.act.names[0])
    return Step("boot", title, do, undo, call.call, call.equivalent)


async def _first_boot(fork: Fork, spec: MachineSpec, run: StepRun) -> None:
    agent = fork.agent(spec)
    await fork.provider.start(spec.uuid)
    await waiting.wait_for_agent(fork.around.fleet, fork.machine(spec), agent, run)
    run.progress(f"{spec.name} boots")
    await identity.booted(agent)
    run.progress(f"identity of {spec.name}")
    former = identity.public_key_of(msgspec.convert(run.memory[SOURCE], MachineSpec).key_path)
    lacks = await identity.become(agent, spec, former, run)
    known = msgspec.convert(run.memory.get(LACKS, ()), tuple[str, ...])
    await run.remember(**{LACKS: [*known, *lacks]})
    line = await identity.pin(agent, spec) if spec.key_path else ""
    if line:
        pinned = fork.folder(spec.name) / keys.KNOWN_HOSTS
        await in_thread(lambda: keys.write_public(pinned, line))
    if not fork.act.start:
        await _power_off(fork, spec, run)


async def _power_off(fork: Fork, spec: MachineSpec, run: StepRun) -> None:
    run.progress(f"{spec.name} powers off")
    await execution.run(fork.agent(spec), ["sync"])
    try:
        await fork.provider.ask_to_stop(spec.uuid, "agent")
        if await fork.around.fleet.wait_until(fork.machine(spec), _is_off, STOP_SECONDS):
            return
        why = "does not power off"
    except ProblemError as error:
        why = f"was not asked to power off ({error.problem.what})"
    run.log(f"{spec.name} {why}; everything is written, so its plug is pulled.")
    await _kill_running(fork, spec)


def _is_off(machine: Machine | None) -> bool:
    return machine is None or machine.state in _OFF


async def _kill_running(fork: Fork, spec: MachineSpec) -> None:
    machine = (await fork.provider.details(spec.uuid)).machine
    if machine.state not in _OFF:
        await fork.provider.kill(spec.uuid)
