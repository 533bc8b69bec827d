"""`bisect`: which snapshot is the first in which something does not work any more."""

import click

from clonebox_tui.cli.acting import exit_code, followed, planned, tell_plan
from clonebox_tui.cli.completing import MACHINE, SNAPSHOT
from clonebox_tui.cli.output import json_option, say
from clonebox_tui.cli.progress import Follower
from clonebox_tui.cli.session import Session, command
from clonebox_tui.model.acts import BisectMachine
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.problem import Exit


@click.command(short_help="Find the first snapshot in which a check fails.")
@click.argument("machine", metavar="M", type=MACHINE)
@click.option("--good", required=True, metavar="A", type=SNAPSHOT, help="A snapshot in which it works.")
@click.option("--bad", default="", metavar="B", type=SNAPSHOT, help="A later one in which it does not; now.")
@click.option("--timeout", type=float, default=600.0, metavar="S", help="Seconds a check may take.")
@click.option("--plan", "only_plan", is_flag=True, help="Only show what would be done.")
@json_option
@click.argument("check", nargs=-1, required=True, type=click.UNPROCESSED)
@command
async def bisect(
    session: Session,
    machine: str,
    good: str,
    bad: str,
    timeout: float,
    only_plan: bool,
    as_json: bool,
    check: tuple[str, ...],
) -> int:
    """Find the first snapshot of machine M, after A and up to B, in which the command after -- fails.

    States are halved: each look forks one, boots the fork, runs the command in it as root, and removes
    the fork. 0 says good, 125 that it cannot be told, all else bad. M itself is only read.
    """
    async with session.client() as client:
        found = await session.machine(client, machine)
        act = BisectMachine(found.id, good, check, bad, timeout)
        plan = await planned(client, act)
        if only_plan:
            tell_plan(plan, as_json)
            return Exit.DONE
        job = await client.run(act, plan.fingerprint)
        if as_json:
            return await followed(client, job, as_json)
        with Follower(job, client, quiet=False):
            job = await client.wait(job.id)
        if job.state is not JobState.SUCCEEDED:
            return await followed(client, job, as_json)
    _tell(job)
    return exit_code(job)


def _tell(job: Job) -> None:
    result = job.result or {}
    say(f"First bad: {result.get('first_bad')}")
    say(f"Last good: {result.get('last_good')}")
    say(f"Boots: {result.get('boots')}")
