"""`start`, `stop`, `kill`, `pause`, `resume`, `reboot`: the life of machines, several at once."""

import asyncio
from collections.abc import Callable, Sequence

import click

from clonebox_tui.cli.acting import act_now, confirm, exit_code, planned
from clonebox_tui.cli.completing import MACHINE
from clonebox_tui.cli.output import complain, emit, json_option, say
from clonebox_tui.cli.session import Session, command
from clonebox_tui.client import Client
from clonebox_tui.model.acts import (
    Act,
    KillMachine,
    PauseMachine,
    RebootMachine,
    ResumeMachine,
    StartMachine,
    StopMachine,
)
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.problem import Problem, ProblemError
from clonebox_tui.model.rpc import RUN

_wait_option = click.option("--wait/--no-wait", default=True, help="Wait until it is done (the default).")
_yes_option = click.option("--yes", "-y", is_flag=True, help="Do not ask.")


async def _each(
    session: Session,
    names: tuple[str, ...],
    act_on: Callable[[str], Act],
    *,
    wait: bool,
    as_json: bool,
    yes: bool = True,
) -> int:
    """Do the same act on several machines side by side; the worst outcome is the exit code."""
    async with session.client() as client:
        fleet = await session.fleet(client)
        acts = [act_on(session.find(fleet, name).id) for name in dict.fromkeys(names)]
        if len(acts) == 1 and not as_json:
            return await act_now(client, acts[0], yes=yes, wait=wait)
        client.may(RUN)  # before a question that would be in vain
        if not yes:
            for act in acts:
                plan = await planned(client, act)
                if plan.destructive:
                    confirm(plan)
        return await side_by_side(client, acts, wait, as_json)


async def side_by_side(client: Client, acts: Sequence[Act], wait: bool, as_json: bool) -> int:
    """Do acts at the same time and say how each ended; the worst outcome is the exit code."""
    outcomes = await asyncio.gather(*(_one(client, act, wait) for act in acts))
    jobs = [job for job, _ in outcomes if job is not None]
    if as_json:
        emit("jobs", jobs)
    for job, failure in outcomes:
        if failure is not None:
            complain(failure, as_json)
        elif job is not None and not as_json:
            say(f"{job.title}: {_outcome(job)}.")
    codes = [failure.exit_code if failure else exit_code(job) if job else 0 for job, failure in outcomes]
    return max(codes, default=0)


def _outcome(job: Job) -> str:
    if not job.state.ended:
        return f"started as job {job.id}"
    return "done" if job.state is JobState.SUCCEEDED else job.state.value


async def _one(client: Client, act: Act, wait: bool) -> tuple[Job | None, Problem | None]:
    try:
        job = await client.run(act)
        job = await client.wait(job.id) if wait else job
    except ProblemError as error:
        return None, error.problem
    return job, job.problem


def _simple(name: str, act: Callable[[str], Act], summary: str, detail: str) -> click.Command:
    """A command that only names machines."""

    @click.command(name, short_help=summary, help=detail)
    @click.argument("machines", metavar="M...", nargs=-1, required=True, type=MACHINE)
    @_wait_option
    @json_option
    @command
    async def body(session: Session, machines: tuple[str, ...], wait: bool, as_json: bool) -> int:
        return await _each(session, machines, act, wait=wait, as_json=as_json)

    return body


start = _simple("start", StartMachine, "Boot machines.", "Boot machines, or resume saved ones.")
pause = _simple("pause", PauseMachine, "Freeze machines.", "Freeze the vCPUs of machines.")
resume = _simple("resume", ResumeMachine, "Thaw machines.", "Let paused machines run on.")
reboot = _simple("reboot", RebootMachine, "Ask machines to reboot.", "Ask the guests to reboot.")


@click.command(short_help="Ask machines to power off.")
@click.argument("machines", metavar="M...", nargs=-1, required=True, type=MACHINE)
@click.option("--timeout", default=120.0, show_default=True, metavar="S", help="Seconds to wait for each.")
@_wait_option
@json_option
@command
async def stop(session: Session, machines: tuple[str, ...], timeout: float, wait: bool, as_json: bool) -> int:
    """Ask the guests to power off, by agent, then by ACPI. Never kills: `kill` does."""
    return await _each(
        session, machines, lambda machine: StopMachine(machine, timeout), wait=wait, as_json=as_json
    )


@click.command(short_help="Pull the plug.")
@click.argument("machines", metavar="M...", nargs=-1, required=True, type=MACHINE)
@_yes_option
@_wait_option
@json_option
@command
async def kill(session: Session, machines: tuple[str, ...], yes: bool, wait: bool, as_json: bool) -> int:
    """Pull the plug of machines; what they have not written is lost."""
    return await _each(session, machines, KillMachine, wait=wait, as_json=as_json, yes=yes)
