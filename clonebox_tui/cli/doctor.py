"""`doctor`: what this host can do, what is missing, and how to get it."""

import click

from clonebox_tui.cli.output import document, json_option, pairs, say, size, write_json
from clonebox_tui.cli.session import Session, command
from clonebox_tui.model.problem import Exit
from clonebox_tui.model.rpc import FIX, SURVEY, Check, Fix, OnConnection, Survey

_SIGNS = {"ok": "ok", "warning": "note", "problem": "LACK"}


@click.command(short_help="What this host can do.")
@click.option("--fix", is_flag=True, help="Fix what can be fixed without installing anything.")
@json_option
@command
async def doctor(session: Session, fix: bool, as_json: bool) -> int:
    """Say what this host can do, what is missing, and the fix of each lack."""
    async with session.client() as client:
        fleet = await session.fleet(client)
        uri = fleet.connections[0].uri if fleet.connections else ""
        survey = await client.call(FIX, Fix()) if fix else await client.call(SURVEY, OnConnection(uri))
    if as_json:
        # One plural key as everywhere; the host's figures stand beside it.
        write_json({"checks": document(survey.checks), "host": _host(survey)})
    else:
        for check in survey.checks:
            _print(check)
        limits = survey.limits
        pairs(
            [
                ("acceleration", f"{survey.accelerator} ({survey.accelerator_reason})"),
                ("processors", str(limits.cpus)),
                ("free memory", f"{size(limits.memory_available_bytes)} of {size(limits.memory_bytes)}"),
                ("free disk", size(limits.disk_free_bytes)),
            ]
        )
    return Exit.UNAVAILABLE if any(check.state == "problem" for check in survey.checks) else Exit.DONE


def _host(survey: Survey) -> dict[str, object]:
    return {
        "accelerator": survey.accelerator,
        "accelerator_reason": survey.accelerator_reason,
        **{name: getattr(survey.limits, name) for name in survey.limits.__struct_fields__},
    }


def _print(check: Check) -> None:
    say(f"{_SIGNS.get(check.state, check.state):5} {check.name}: {check.found}")
    if check.state != "ok" and check.fix:
        say(f"      fix: {check.fix}" + (" (doctor --fix does it)" if check.fixable else ""))
    if check.state != "ok" and check.package:
        say(f"      Debian package: {check.package}")
