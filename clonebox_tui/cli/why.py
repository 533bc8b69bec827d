"""`why`: the explanation of a machine that is not ready."""

import click

from clonebox_tui.cli.completing import MACHINE
from clonebox_tui.cli.output import emit, json_option, say
from clonebox_tui.cli.session import Session, command
from clonebox_tui.model.rpc import WHY, OnMachine


@click.command(short_help="Explain why a machine is not ready.")
@click.argument("machine", metavar="M", type=MACHINE)
@json_option
@command
async def why(session: Session, machine: str, as_json: bool) -> None:
    """Say why machine M does not run, boot or answer: the likeliest cause first, with evidence and fix.

    Looked at are its state, its console, QEMU's log, its agent, cloud-init, its disks, its last job and
    what this host has left. It changes nothing.
    """
    async with session.client() as client:
        found = await session.machine(client, machine)
        diagnosis = await client.call(WHY, OnMachine(found.id))
    if as_json:
        emit("diagnoses", [diagnosis])
        return
    say(f"{diagnosis.name} ({diagnosis.phase}): {diagnosis.summary}")
    for number, cause in enumerate(diagnosis.causes, 1):
        say(f"  {number}. {cause.title} ({cause.word})")
        for evidence in cause.evidence:
            say(f"     {evidence.source}: {evidence.text}")
        say(f"     Fix: {cause.fix}")
    for evidence in diagnosis.observed:
        say(f"  {evidence.source}: {evidence.text}")
