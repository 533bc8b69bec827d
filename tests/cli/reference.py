"""The reference of commands in docs/cli.md, written from the parser: `python -m tests.cli.reference`."""

from collections.abc import Iterator
from pathlib import Path

import click

from clonebox_tui.cli.main import PROGRAM, cli

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cli.md"
BEGIN, END = "<!-- commands: from the parser -->", "<!-- /commands -->"


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """All commands that do something, by the words that call them."""
    if not isinstance(command, click.Group):
        yield " ".join(path), command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        assert below is not None
        yield from commands(below, (*path, name))


def section() -> str:
    """All commands with their options, as Markdown."""
    parts = [BEGIN]
    for name, command in commands(cli):
        context = click.Context(command, info_name=f"{PROGRAM} {name}")
        usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
        help_text = " ".join((command.help or "").split("\b")[0].split())
        parts += ["", f"### `{usage}`", "", help_text, ""]
        for parameter in command.params:
            record = parameter.get_help_record(context) if isinstance(parameter, click.Option) else None
            if record is not None:
                parts.append(f"* `{record[0]}` — {record[1]}")
    return "\n".join([*parts, "", END])


def page() -> str:
    """The page as it must be."""
    text = PAGE.read_text(encoding="utf-8")
    return text[: text.index(BEGIN)] + section() + text[text.index(END) + len(END) :]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
