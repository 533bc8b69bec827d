"""`completion SHELL`: the script that makes a shell ask us; generated from the commands themselves."""

import click
from click.shell_completion import get_completion_class


@click.command(short_help="Print the completion script of a shell.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for SHELL.

    \b
    In ~/.bashrc:                  eval "$(clonebox-tui completion bash)"
    In ~/.zshrc:                   eval "$(clonebox-tui completion zsh)"
    In ~/.config/fish/config.fish:  clonebox-tui completion fish | source
    """
    from clonebox_tui.cli.main import COMPLETION_VARIABLE, PROGRAM, cli

    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 the choice above admits only known shells
    click.echo(kind(cli, {}, PROGRAM, COMPLETION_VARIABLE).source())
