"""`worker run|status|stop|restart|describe|dial`: the background process."""

import click

from clonebox_tui.cli.output import emit, json_option, pairs, say, size, when
from clonebox_tui.cli.session import Session, command
from clonebox_tui.model.problem import Code, Exit, ProblemError, problem
from clonebox_tui.model.rpc import DESCRIBE, JOBS, STATUS, STOP, Nothing, StopWorker


@click.group(short_help="The background worker.")
def worker() -> None:
    """The background worker, which does the work. It starts by itself when it is needed."""


@worker.command()
@click.pass_obj
def run(session: Session) -> int:
    """Run the worker in the foreground."""
    import os
    import sys

    if session.host:
        raise problem(
            Code.USAGE,
            "A worker runs on its own host.",
            next="Leave it out: --host starts the one over there when it is needed.",
        )
    arguments = ["--demo"] if session.demo else []
    arguments += session.worker_arguments
    for uri in session.uris:
        arguments += ["--connect", uri]
    os.execv(sys.executable, [sys.executable, "-P", "-m", "clonebox_tui.worker", *arguments])  # noqa: S606 ours


@worker.command(short_help="Be the other end of --host.")
@click.option("--no-start", is_flag=True, help="Only if a worker runs already.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def dial(no_start: bool, arguments: tuple[str, ...]) -> int:
    """Connect standard input and output to the worker: what `--host` runs here over ssh."""
    import os

    from clonebox_tui.cli.output import complain
    from clonebox_tui.client.bridge import carry
    from clonebox_tui.client.spawn import Approach
    from clonebox_tui.model.places import places

    where = places(os.environ, os.getuid(), "--demo" in arguments)
    try:
        connected = Approach(where, arguments, not no_start).finish()
    except ProblemError as error:
        complain(error.problem, as_json=True)
        return error.problem.exit_code
    carry(connected)
    return Exit.DONE


@worker.command()
@json_option
@command
async def status(session: Session, as_json: bool) -> None:
    """Say how the worker is; starts none."""
    try:
        async with session.client(spawn=False) as client:
            found = await client.call(STATUS, Nothing())
    except ProblemError as error:
        if error.problem.code is not Code.WORKER_UNAVAILABLE:
            raise
        if as_json:
            emit("workers", [])
        else:
            click.echo("No worker is running.")
        return
    if as_json:
        emit("workers", [found])
        return
    pairs(
        [
            ("version", found.version),
            ("pid", str(found.pid)),
            ("started", when(found.started_at)),
            ("front ends", str(found.clients)),
            ("running jobs", str(found.jobs_running)),
            ("memory", size(found.rss_bytes)),
            ("socket", found.socket),
            ("state", found.state_dir),
            ("log", found.log_file),
        ]
    )


async def _stop(session: Session, force: bool) -> bool:
    """Stop the worker and wait until it is gone; False when there was none."""
    try:
        async with session.client(spawn=False) as client:
            await client.call(STOP, StopWorker(force))
    except ProblemError as error:
        if error.problem.code is Code.WORKER_UNAVAILABLE:
            return False
        raise
    return True


async def _jobs_ended(session: Session) -> None:
    """Wait for the jobs of the running worker, if there is one."""
    try:
        async with session.client(spawn=False) as client:
            for job in (await client.call(JOBS, Nothing())).jobs:
                if not job.state.ended:
                    say(f"Waiting for job {job.id}: {job.title}", err=True)
                    await client.wait(job.id)
    except ProblemError as error:
        if error.problem.code is not Code.WORKER_UNAVAILABLE:
            raise


_force = click.option("--force", is_flag=True, help="Even with jobs running: they are cancelled and undone.")


@worker.command()
@_force
@command
async def stop(session: Session, force: bool) -> int:
    """Ask the worker to leave. Machines run on."""
    click.echo("The worker leaves." if await _stop(session, force) else "No worker is running.")
    return Exit.DONE


@worker.command()
@_force
@command
async def restart(session: Session, force: bool) -> None:
    """Wait for running jobs, stop the worker and start it anew, e.g. after an upgrade."""
    import asyncio

    if not force:
        await _jobs_ended(session)
    if await _stop(session, force):
        for _ in range(100):
            try:
                async with session.client(spawn=False):
                    await asyncio.sleep(0.1)
            except ProblemError:
                break
    async with session.client() as client:
        say(f"The worker runs, pid {client.welcome.pid}.")


@worker.command()
@command
async def describe(session: Session) -> None:
    """Print the worker's method table as an OpenRPC document."""
    async with session.client() as client:
        click.echo((await client.call(DESCRIBE, Nothing())).text)
