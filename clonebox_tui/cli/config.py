"""`config check|schema`: the project file."""

from pathlib import Path

import click

from clonebox_tui.cli.output import emit, json_option, say
from clonebox_tui.cli.session import PathThere, Session, absolute, command
from clonebox_tui.client import here
from clonebox_tui.model.environment import ConfigFault
from clonebox_tui.model.plain import clean_text
from clonebox_tui.model.problem import Exit
from clonebox_tui.model.rpc import CHECK_CONFIG, SCHEMA, CheckConfig, Nothing


@click.group(short_help="Check project files.")
def config() -> None:
    """Check `.clonebox.yaml` files and describe their format."""


@config.command()
@click.argument("file", default=".", type=PathThere(path_type=Path))
@json_option
@command
async def check(session: Session, file: Path, as_json: bool) -> int:
    """Check FILE, or the project file of a folder: every fault at once, with line and column."""
    async with session.client() as client:
        report = await client.call(CHECK_CONFIG, CheckConfig(absolute(file), here()))
    if as_json:
        emit("faults", report.faults)
    else:
        for fault in report.faults:
            say(_line(report.file, fault))
        say(f"{report.file}: {'ok' if report.ok else 'not usable'}", err=not report.ok)
    return Exit.DONE if report.ok else Exit.INVALID_CONFIG


def _line(file: str, fault: ConfigFault) -> str:
    """A fault as compilers write it, so that editors jump to it: `FILE:3:9: error: vm.name: …`."""
    place = f"{file}:{fault.line}:{fault.column}" if fault.line else f"{file}: {fault.source}"
    key = f"{fault.path}: " if fault.path else ""
    hint = f" ({fault.hint})" if fault.hint else ""
    return clean_text(f"{place}: {fault.level.value}: {key}{fault.message}{hint}")


@config.command()
@command
async def schema(session: Session) -> None:
    """Print the JSON Schema of the project file."""
    async with session.client() as client:
        click.echo((await client.call(SCHEMA, Nothing())).text)
