"""`exec` and `ssh`: inside the guest."""

import os
import sys

import click

from clonebox_tui.cli import standard_input
from clonebox_tui.cli.completing import MACHINE
from clonebox_tui.cli.guest_many import OUR_FAILURE, OUR_TIMEOUT, on_several
from clonebox_tui.cli.output import complain, json_option, write_json
from clonebox_tui.cli.session import Session, command
from clonebox_tui.client import Client, Stream
from clonebox_tui.model.problem import Code, Problem, ProblemError, problem
from clonebox_tui.model.rpc import EXECUTE, SHOW, Chunk, Execute, OnMachine
from clonebox_tui.model.ssh import ssh_command


@click.command(
    "exec", short_help="Run a command in a guest.", context_settings={"ignore_unknown_options": True}
)
@click.argument("machine", metavar="M", type=MACHINE)
@click.option(
    "--on", "others", metavar="M", type=MACHINE, multiple=True, help="On this machine too; may repeat."
)
@click.option(
    "--timeout",
    default=0.0,
    metavar="S",
    type=click.FloatRange(0),
    help="Kill it in the guest after S seconds.",
)
@json_option
@click.argument("argv", metavar="-- CMD...", nargs=-1, required=True, type=click.UNPROCESSED)
@command
async def execute(
    session: Session,
    machine: str,
    others: tuple[str, ...],
    timeout: float,
    as_json: bool,
    argv: tuple[str, ...],
) -> int:
    """Run CMD in machine M through the guest agent, as root, without SSH.

    Arguments arrive as they are; both output streams come back; standard input is passed on when it is
    not a terminal. The exit code is the command's own; 125 is a failure of ours, 124 a timeout.

    With --on it runs on several machines at once, without input; those that said the same are told together.
    The exit code is 125 if it could not be run on one, else 124 if time was up on one, else the highest.
    """
    try:
        async with session.client() as client:
            if others:
                fleet = await session.fleet(client)
                machines = {
                    each.id: each for each in (session.find(fleet, one) for one in (machine, *others))
                }
                return await on_several(client, tuple(machines.values()), argv, timeout, as_json)
            found = await session.machine(client, machine)
            given = standard_input.is_given()
            stream = await client.open_stream(EXECUTE, Execute(found.id, argv, timeout, stdin=given))
            if given:
                standard_input.pass_on(stream)
            try:
                code = await (_collect(found.name, stream) if as_json else _pass_on(stream))
            finally:
                stream.close()  # Interrupted: what runs in the guest is stopped.
            return code
    except ProblemError as error:
        return _failed(error.problem, as_json)


def _failed(failure: Problem, as_json: bool) -> int:
    complain(failure, as_json)
    return OUR_TIMEOUT if failure.code is Code.TIMED_OUT else OUR_FAILURE


async def _pass_on(stream: Stream) -> int:
    code = OUR_FAILURE
    async for chunk in stream:
        for data, target in ((chunk.stdout, sys.stdout.buffer), (chunk.stderr, sys.stderr.buffer)):
            if data:
                target.write(data)
                target.flush()
        code = _code(chunk, code)
        if chunk.timed_out:
            click.echo("The time was up: the command was killed in the guest.", err=True)
        if chunk.truncated:
            click.echo("Output was cut: the guest's agent keeps no more.", err=True)
    return code


async def _collect(machine: str, stream: Stream) -> int:
    stdout, stderr, truncated = bytearray(), bytearray(), False
    code, guest_code, timed_out = OUR_FAILURE, None, False
    async for chunk in stream:
        stdout += chunk.stdout
        stderr += chunk.stderr
        truncated |= chunk.truncated
        timed_out |= chunk.timed_out
        code = _code(chunk, code)
        guest_code = chunk.exit_code if chunk.exit_code is not None else guest_code
    result = {
        "machine": machine,
        "problem": None,
        "stdout": _text(stdout),
        "stderr": _text(stderr),
        "guest_exit_code": guest_code,
    }
    write_json({"results": [{**result, "timed_out": timed_out, "truncated": truncated}]})
    return code


def _code(chunk: Chunk, before: int) -> int:
    if chunk.timed_out:
        return OUR_TIMEOUT
    return before if chunk.exit_code is None else chunk.exit_code


def _text(data: bytearray) -> str:
    return data.decode(errors="replace")


@click.command(
    short_help="Log in by the machine's own key.", context_settings={"ignore_unknown_options": True}
)
@click.argument("machine", metavar="M", type=MACHINE)
@click.option("--print", "only_print", is_flag=True, help="Print the ssh command instead of running it.")
@click.argument("argv", metavar="[CMD]...", nargs=-1, type=click.UNPROCESSED)
@command
async def ssh(session: Session, machine: str, only_print: bool, argv: tuple[str, ...]) -> None:
    """Log in to machine M by its key over its loopback forward; with CMD, run that.

    With --host, ssh goes to that host first and enters the machine from there: its key stays where it is.
    """
    if session.host:
        from clonebox_tui.cli.there import command_there

        terminal = not argv and sys.stdin.isatty()
        line, argv = command_there(session, ("ssh", "--", machine, *argv), terminal), ()
    else:
        async with session.client() as client:
            line = await _ssh_line(session, client, machine)
    if only_print:
        import shlex

        click.echo(shlex.join([*line, *argv]))
        return
    try:
        os.execvp(line[0], [*line, *argv])  # noqa: S606 the list is ours, no shell
    except FileNotFoundError as error:
        raise problem(
            Code.TOOL_MISSING, "The ssh client is missing.", next="Install Debian's openssh-client."
        ) from error


async def _ssh_line(session: Session, client: Client, machine: str) -> list[str]:
    found = await session.machine(client, machine)
    return list(ssh_command(await client.call(SHOW, OnMachine(found.id))))
