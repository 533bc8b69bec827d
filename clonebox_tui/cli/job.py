"""`job list|show|log|wait|cancel|rerun`: what the worker does and did."""

import click

from clonebox_tui.cli.acting import act_now, followed, planned, show_plan
from clonebox_tui.cli.completing import JOB as JOB_ID
from clonebox_tui.cli.output import complain, emit, json_option, pairs, say, table, when
from clonebox_tui.cli.progress import progress_text
from clonebox_tui.cli.session import Session, command
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.problem import Exit
from clonebox_tui.model.rpc import CANCEL, JOB, JOB_ACT, JOB_LOG, JOBS, Nothing, OnJob

_id = click.argument("job_id", metavar="ID", type=JOB_ID)


@click.group(short_help="What the worker does and did.")
def job() -> None:
    """What the worker does and did. An ID may be shortened."""


@job.command("list")
@json_option
@command
async def list_jobs(session: Session, as_json: bool) -> None:
    """List jobs, newest first."""
    async with session.client() as client:
        jobs = (await client.call(JOBS, Nothing())).jobs
    if as_json:
        emit("jobs", jobs)
    elif not jobs:
        click.echo("No jobs yet.")
    else:
        table(
            ("ID", "STATE", "CREATED", "TITLE"),
            ((each.id, each.state.value, when(each.created_at), each.title) for each in jobs),
        )


@job.command()
@_id
@json_option
@command
async def show(session: Session, job_id: str, as_json: bool) -> None:
    """Show job ID: steps, progress, outcome."""
    async with session.client() as client:
        found = await client.call(JOB, OnJob(job_id))
    if as_json:
        emit("jobs", [found])
    else:
        _print(found)


def _print(found: Job) -> None:
    pairs(
        [
            ("id", found.id),
            ("title", found.title),
            ("act", found.act),
            ("state", found.state.value),
            ("created", when(found.created_at)),
            ("ended", when(found.ended_at) if found.ended_at else ""),
            ("progress", progress_text(found.progress) if found.progress and not found.state.ended else ""),
            ("note", found.note),
            *(("step", f"{each.state.value:8} {each.title}") for each in found.steps),
        ]
    )
    if found.problem is not None:
        complain(found.problem, as_json=False)


@job.command()
@_id
@json_option
@command
async def log(session: Session, job_id: str, as_json: bool) -> None:
    """Print what job ID logged."""
    async with session.client() as client:
        lines = (await client.call(JOB_LOG, OnJob(job_id))).lines
    if as_json:
        emit("lines", lines)
    else:
        for line in lines:
            say(f"{when(line.time)}  {line.text}" if line.time is not None else line.text)


@job.command()
@_id
@json_option
@command
async def wait(session: Session, job_id: str, as_json: bool) -> int:
    """Follow job ID to its end; the exit code tells how it ended."""
    async with session.client() as client:
        return await followed(client, await client.call(JOB, OnJob(job_id)), as_json)


@job.command()
@_id
@json_option
@command
async def cancel(session: Session, job_id: str, as_json: bool) -> int:
    """Ask job ID to stop and undo what it did; waits until it has.

    1 when it ended otherwise: it was done already, or could not be undone.
    """
    async with session.client() as client:
        found = await client.call(CANCEL, OnJob(job_id))
        found = await client.wait(found.id)
    if as_json:
        emit("jobs", [found])
    else:
        say(f"{found.title}: {found.state.value}.")
    return Exit.DONE if found.state in (JobState.CANCELLED, JobState.ROLLED_BACK) else Exit.FAILED


@job.command()
@_id
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.option("--plan", "only_plan", is_flag=True, help="Only show what would be done.")
@click.option("--wait/--no-wait", default=True, help="Wait until it is done (the default).")
@json_option
@command
async def rerun(session: Session, job_id: str, yes: bool, only_plan: bool, wait: bool, as_json: bool) -> int:
    """Do again what job ID did, as another job: the same act, planned for the world as it is now."""
    async with session.client() as client:
        act = (await client.call(JOB_ACT, OnJob(job_id))).act
        if not only_plan:
            return await act_now(client, act, yes=yes, wait=wait, as_json=as_json)
        plan = await planned(client, act)
    if as_json:
        emit("plans", [plan])
    else:
        show_plan(plan)
    return Exit.DONE
