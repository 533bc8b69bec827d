"""One way for every command that changes something: plan, ask, run, follow to the end."""

import sys
from collections.abc import Iterator

import click

from clonebox_tui.cli.output import emit, say, size
from clonebox_tui.cli.progress import Follower
from clonebox_tui.client import Client, here
from clonebox_tui.model.acts import Act
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.machine import split_id
from clonebox_tui.model.plain import clean_text
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.problem import Code, Exit, ProblemError, problem
from clonebox_tui.model.rpc import PLAN, RUN, PlanAct

_ENDS = {JobState.CANCELLED: Exit.INTERRUPTED, JobState.SUCCEEDED: Exit.DONE}


async def planned(client: Client, act: Act) -> Plan:
    """What `act` would do."""
    return await client.call(PLAN, PlanAct(act, here()))


def show_plan(plan: Plan, to_errors: bool = False) -> None:
    """Print a plan as a person reads it before saying yes; beside a question it goes to standard error."""
    for line in _plan_lines(plan):
        for part in line.splitlines():
            say(part, err=to_errors)


def _plan_lines(plan: Plan) -> Iterator[str]:
    yield plan.title
    for number, step in enumerate(plan.steps, 1):
        yield f"  {number}. {step.title}"
        if step.call:
            yield f"     {step.call}"
        if step.equivalent not in ("", step.call):
            yield f"     like: {step.equivalent}"
    if plan.bytes_needed:
        yield f"Disk: {size(plan.bytes_needed)}"
    if plan.downtime_seconds is not None:
        yield f"Downtime: about {plan.downtime_seconds:.0f} s"
    yield from plan.notes
    yield from (f"Warning: {warning}" for warning in plan.warnings)
    if undo := _undo_line(plan):
        yield undo


def _undo_line(plan: Plan) -> str:
    if plan.undo or not plan.reversible:
        return f"Undo: {plan.undo}" if plan.undo and plan.reversible else plan.undo or "It cannot be undone."
    return ""


async def act_now(
    client: Client,
    act: Act,
    *,
    yes: bool = True,
    wait: bool = True,
    as_json: bool = False,
    only_plan: bool = False,
) -> int:
    """Do an act; ask first where the plan is destructive and `yes` was not given."""
    plan = await planned(client, act)
    if only_plan:
        tell_plan(plan, as_json)
        return Exit.DONE
    client.may(RUN)  # before a question that would be in vain
    if not yes and plan.destructive:
        confirm(plan)
    job = await client.run(act, plan.fingerprint)
    if not wait:
        tell_started(job, as_json)
        return Exit.DONE
    return await followed(client, job, as_json)


def tell_plan(plan: Plan, as_json: bool) -> None:
    """Only say what would be done."""
    if as_json:
        emit("plans", [plan])
    else:
        show_plan(plan)


def confirm(plan: Plan) -> None:
    """Ask on the terminal; NOT_CONFIRMED when the answer is no or nobody can be asked."""
    refused = problem(
        Code.NOT_CONFIRMED,
        f"{plan.title}: not done.",
        why=f"It takes something away, so it wants a yes. {_undo_line(plan)}".strip(),
        next="Answer yes at a terminal, or give --yes.",
    )
    if not sys.stdin.isatty():
        raise refused
    show_plan(plan, to_errors=True)
    if plan.machine:
        # One name may stand on several hosts.
        say(f"On: {split_id(plan.machine)[0]}", err=True)
    if plan.confirm:
        question = f"Type {clean_text(plan.confirm)} to go on"
        if click.prompt(question, default="", show_default=False, err=True) != plan.confirm:
            raise refused
    elif not click.confirm("Go on?", default=False, err=True):
        raise refused


def tell_started(job: Job, as_json: bool) -> None:
    """Say which job goes on without us."""
    if as_json:
        emit("jobs", [job])
    else:
        say(f"Job {job.id} started: {job.title}. Follow it with `clonebox-tui job wait {job.id}`.")


async def followed(client: Client, job: Job, as_json: bool) -> int:
    """Show a job's progress until it ends, then its outcome; the exit code tells the same."""
    with Follower(job, client, quiet=as_json):
        job = await client.wait(job.id)
    if as_json:
        emit("jobs", [job])
        return exit_code(job)
    if job.state is JobState.SUCCEEDED:
        say(f"{job.title}: done.")
        for lack in lacks_of(job):
            say(f"Lacking: {lack}", err=True)
        for name in _told(job, "left_out"):
            say(f"Left out: {name}", err=True)
        return exit_code(job)
    say(f"{job.title}: {job.state.value}." + (f" {job.note}" if job.note else ""), err=True)
    if job.problem is not None and job.state is not JobState.CANCELLED:
        raise ProblemError(job.problem)
    return exit_code(job)


def exit_code(job: Job) -> int:
    """What the end of a job means for the process; one that goes on is no failure."""
    if not job.state.ended:
        return Exit.DONE
    if lacks_of(job):
        return Exit.TIMED_OUT  # the code of `not-ready`
    return _ENDS.get(job.state, job.problem.exit_code if job.problem else Exit.FAILED)


def lacks_of(job: Job) -> tuple[str, ...]:
    """What a finished clone has to do without, one sentence each; empty: it is ready in every respect."""
    return _told(job, "lacks")


def _told(job: Job, key: str) -> tuple[str, ...]:
    told = (job.result or {}).get(key)
    return tuple(map(str, told)) if isinstance(told, list | tuple) else ()
