"""The command line: global options, lazily imported commands, one place where errors become exit codes."""

import errno
import os
import sys
from importlib import import_module

import click

from clonebox_tui import __version__
from clonebox_tui.cli.session import Session
from clonebox_tui.model.problem import Exit, ProblemError

_COMMANDS = {
    "list": "listing:list_machines",
    "show": "machines:show",
    "start": "lifecycle:start",
    "stop": "lifecycle:stop",
    "kill": "lifecycle:kill",
    "pause": "lifecycle:pause",
    "resume": "lifecycle:resume",
    "reboot": "lifecycle:reboot",
    "delete": "trash:delete",
    "trash": "trash:trash",
    "undo": "undo:undo",
    "redo": "undo:redo",
    "history": "undo:history",
    "tag": "labels:tag",
    "group": "labels:group",
    "note": "labels:note",
    "detect": "clone:detect",
    "clone": "clone:clone",
    "create": "clone:create",
    "exec": "guest:execute",
    "console": "console:console",
    "ssh": "guest:ssh",
    "ls": "guest_files:list_files",
    "cp": "copy:copy",
    "snapshot": "snapshot:snapshot",
    "fork": "fork:fork",
    "bisect": "bisect:bisect",
    "logs": "logs:logs",
    "why": "why:why",
    "monitor": "monitor:monitor",
    "image": "image:image",
    "job": "job:job",
    "config": "config:config",
    "doctor": "doctor:doctor",
    "connection": "connection:connection",
    "worker": "worker:worker",
    "completion": "completion:completion",
}
"""Command name to `module:attribute`, in the order of the help. A module is imported when it is used."""

PROGRAM = "clonebox-tui"
COMPLETION_VARIABLE = "_CLONEBOX_TUI_COMPLETE"
"""Set by the shell when it asks for completions (click's convention)."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called or described."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 click's
        if cmd_name not in _COMMANDS:
            return None
        module, _, attribute = _COMMANDS[cmd_name].partition(":")
        command = getattr(import_module(f"clonebox_tui.cli.{module}"), attribute)
        assert isinstance(command, click.Command)  # noqa: S101 the table above is ours
        return command


def _hosts(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    # Only a shell's question needs it, not every command.
    from clonebox_tui.cli.completing import hosts

    return hosts(incomplete)


@click.group(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.option(
    "--connect", "uris", metavar="URI", multiple=True, help="Only this libvirt connection; may repeat."
)
@click.option(
    "--host",
    metavar="ssh://USER@SERVER",
    default="",
    shell_complete=_hosts,
    help="The worker and machines of another host.",
)
@click.option(
    "--demo", is_flag=True, help="A simulated fleet in a world of its own; nothing real is touched."
)
@click.option("--machines", type=click.IntRange(0, 5000), metavar="N", help="Size of the demo fleet.")
@click.option("--seed", type=click.IntRange(0), metavar="N", help="Another fleet for the demo.")
@click.option("--readonly", is_flag=True, help="Refuse everything that changes something.")
@click.version_option(__version__, prog_name=PROGRAM, message="%(prog)s %(version)s")
@click.pass_context
def cli(
    ctx: click.Context,
    uris: tuple[str, ...],
    host: str,
    demo: bool,
    machines: int | None,
    seed: int | None,
    readonly: bool,
) -> None:
    """Clone your workstation environment into an isolated virtual machine, and run that machine.

    Without a command, the full-screen cockpit opens; --theme light and --link slow (no graphs, no
    motion) are for it alone. M is a machine's name, CONNECTION/NAME, or the beginning of its UUID.

    \b
    Exit codes: 0 done, 1 failed, 2 wrong usage or ambiguous, 3 not found, 4 refused,
    5 invalid configuration, 6 unavailable here, 7 timed out, 130 interrupted.
    """
    if demo and any(not uri.startswith("simulated:") for uri in uris):
        raise click.UsageError("--demo touches nothing real: leave out --connect, or --demo.")
    for uri in uris:
        from clonebox_tui.model.secrets import refuse_password  # most starts need it not

        refuse_password(uri)
    if host:
        from clonebox_tui.model.remote import host_target

        host_target(host)  # what names no host is refused before anything begins
    ctx.obj = Session(uris=uris, demo=demo, machines=machines, seed=seed, readonly=readonly, host=host)


def main(arguments: list[str]) -> int:
    """Run one command; return its exit code."""
    if COMPLETION_VARIABLE in os.environ:
        cli.main(args=arguments, prog_name=PROGRAM, complete_var=COMPLETION_VARIABLE)
    try:
        code = cli.main(args=arguments, prog_name=PROGRAM, standalone_mode=False)
        return code if isinstance(code, int) else Exit.DONE
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.ClickException as error:
        error.show()
        return Exit.USAGE
    except ProblemError as error:
        from clonebox_tui.cli.output import complain

        complain(error.problem, as_json="--json" in _before_dashes(arguments))
        return error.problem.exit_code
    except (KeyboardInterrupt, click.Abort):
        sys.stderr.write("Interrupted.\n")  # click has ended the line that ^C stands in
        return Exit.INTERRUPTED
    except SystemExit:
        # click's answer to a reader (head, less) that has seen enough. Python must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.DONE
    except OSError as error:
        # A folder of ours that cannot be made, a full disk, a socket that is not ours.
        from clonebox_tui.cli.output import complain
        from clonebox_tui.model.problem import Code, Problem

        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        code = Code.DISK_FULL if full else Code.PERMISSION_DENIED
        failure = Problem(
            code, "A file or folder cannot be used.", str(error), "See who owns it, and that there is room."
        )
        complain(failure, as_json="--json" in _before_dashes(arguments))
        return failure.exit_code


def _before_dashes(arguments: list[str]) -> list[str]:
    return arguments[: arguments.index("--")] if "--" in arguments else arguments
