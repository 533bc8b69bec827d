"""One look of a bisection: a fork that boots, is asked one question, and is gone again."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec

from clonebox_tui.engine.act import StepRun
from clonebox_tui.engine.clone import folder, waiting
from clonebox_tui.engine.clone.machine_steps import unless_gone
from clonebox_tui.engine.fork import copying, identity
from clonebox_tui.engine.fork.drawing import drawn
from clonebox_tui.engine.fork.job import SPECS, Fork
from clonebox_tui.engine.fork.origin import How, Origin
from clonebox_tui.engine.in_thread import in_thread
from clonebox_tui.guest import execution
from clonebox_tui.model.machine import State
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.spec import MachineSpec

CANNOT_TELL = 125


async def ask(
    fork: Fork,
    source: MachineSpec,
    origin: Origin,
    check: Sequence[str],
    timeout_seconds: float,
    run: StepRun,
) -> bool:
    """Whether the check succeeds in this state. GUEST_ERROR when it cannot tell, TIMED_OUT."""
    (spec,) = drawn(source, fork.act.names, fork.around.places, fork.connection)
    await run.remember(**{SPECS: [msgspec.to_builtins(spec)]})
    try:
        await in_thread(
            lambda: folder.make_folder(fork.folder(spec.name), run.job_id, open_to_qemu=fork.open_to_qemu)
        )
        state = fork.act.snapshot or "the present"
        disk = Path(spec.disk_path)
        if origin.how is How.LIVE:
            await run.remember(copying=True)
            await copying.copy_live(fork.provider, fork.origin_uuid, disk, None, lambda _done, _total: None)
        else:
            await copying.copy_file(origin, disk, copying.percents(run, origin, f"disk of {state}"))
        await fork.provider.define(spec)
        await fork.provider.start(spec.uuid)
        agent = fork.agent(spec)
        await waiting.wait_for_agent(fork.around.fleet, fork.machine(spec), agent, run)
        run.progress(f"checking {state}")
        await identity.booted(agent)  # a check asked earlier would blame the boot
        done = await execution.run(agent, list(check), timeout_seconds=timeout_seconds)
        return _judged(done, state, timeout_seconds)
    finally:
        await discard(fork, run)


async def discard(fork: Fork, run: StepRun) -> None:
    """Remove the fork, however far it came."""
    if run.memory.get("copying"):
        await fork.provider.abort_copy(fork.origin_uuid)
        await run.remember(copying=False)
    for spec in fork.specs(run.memory):
        await unless_gone(_kill_running(fork, spec))
        await unless_gone(fork.provider.undefine(spec.uuid))
        await in_thread(partial(folder.remove_folder, fork.folder(spec.name), run.job_id))
    await run.remember(**{SPECS: []})


def _judged(done: execution.ExecResult, state: str, timeout_seconds: float) -> bool:
    if done.timed_out:
        raise problem(
            Code.TIMED_OUT,
            f"The check was not done within {timeout_seconds:g} s in {state}.",
            why="It hangs, or the guest is slow.",
            next="Give it more time: --timeout.",
        )
    if done.exit_code == CANNOT_TELL:
        raise problem(
            Code.GUEST_ERROR,
            f"The check cannot tell whether {state} is good.",
            why=done.complaint,
            next="Let it end with 0 for good and with 1 for bad.",
        )
    return done.exit_code == 0


async def _kill_running(fork: Fork, spec: MachineSpec) -> None:
    machine = (await fork.provider.details(spec.uuid)).machine
    if machine.state not in (State.OFF, State.CRASHED):
        await fork.provider.kill(spec.uuid)
