"""`console`: a machine's serial line in this terminal, which is given back as it was."""

import asyncio
import contextlib
import os
import signal
import termios
import tty
from collections.abc import Callable, Iterator

import click

from clonebox_tui.cli.completing import MACHINE
from clonebox_tui.cli.session import Session, command
from clonebox_tui.client import Client, Stream
from clonebox_tui.model.harmless import HarmlessStream
from clonebox_tui.model.machine import Machine
from clonebox_tui.model.problem import Code, Exit, ProblemError, problem
from clonebox_tui.model.rpc import (
    GIVE_PASSWORD,
    OPEN_CONSOLE,
    RESIZE_CONSOLE,
    GivePassword,
    OpenConsole,
    ResizeConsole,
)

LEAVE = b"\x1d"
"""ctrl+], as in telnet and virsh."""

_INPUT, _OUTPUT = 0, 1
_READ_BYTES = 4096
_ONCE = "  (another one is asked for at the login)"
_SETTLED_SECONDS = 0.3
"""A window that is being dragged tells its size many times a second."""


@click.command(short_help="Type at a machine's serial console.")
@click.argument("machine", metavar="M", type=MACHINE)
@click.option("--take-over", is_flag=True, help="End the console that somebody else has open.")
@click.option(
    "--new-password",
    "user",
    metavar="USER",
    help="First set a new password of the guest's USER, shown once and kept nowhere.",
)
@command
async def console(session: Session, machine: str, take_over: bool, user: str | None) -> int:
    """Open the serial console of machine M in this terminal: its boot messages, then its login.

    ctrl+] leaves; the machine goes on. All other keys go to the guest. Through its agent the guest is told
    how large the terminal is; without one, say `stty rows R cols C` there.
    """
    if not (os.isatty(_INPUT) and os.isatty(_OUTPUT)):
        raise problem(
            Code.USAGE,
            "A console needs a terminal.",
            why="standard input or output is none",
            next="For scripts: `clonebox-tui exec M -- CMD`; to read: `clonebox-tui logs M`.",
        )
    async with session.client() as client:
        found = await session.machine(client, machine)
        if user:
            given = await client.call(GIVE_PASSWORD, GivePassword(found.id, user))
            click.echo(f"Password of {user}: {given.password}{_ONCE if given.once else ''}", err=True)
        stream = await client.open_stream(OPEN_CONSOLE, OpenConsole(found.id, take_over))
        try:
            return await _Held(client, found, stream).run()
        finally:
            stream.close()


class _Held:
    """One console while it is shown."""

    def __init__(self, client: Client, machine: Machine, stream: Stream) -> None:
        self._client, self._machine, self._stream = client, machine, stream
        self._harmless = HarmlessStream()
        self._typed: asyncio.Queue[bytes] = asyncio.Queue()
        self._resizing: asyncio.Task[None] | None = None
        self._left = False

    async def run(self) -> int:
        """Until ctrl+], the line's end, or a signal."""
        name = self._machine.name
        click.echo(f"Console of {name}. ctrl+] leaves; enter may bring a prompt.", err=True)
        loop = asyncio.get_running_loop()
        with raw_terminal() as make_raw:
            tasks = [asyncio.create_task(self._show()), asyncio.create_task(self._send())]
            for number in (signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, tasks[0].cancel)
            loop.add_signal_handler(signal.SIGWINCH, self._resize)
            loop.add_signal_handler(signal.SIGCONT, make_raw)
            loop.add_reader(_INPUT, self._read)
            self._resize()
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                loop.remove_reader(_INPUT)
                for task in (*tasks, *filter(None, [self._resizing])):
                    task.cancel()
                _write(self._harmless.farewell())
        if any(task.cancelled() for task in done):
            return Exit.INTERRUPTED
        for task in done:
            task.result()
        click.echo(
            f"\nLeft the console of {name}." if self._left else f"\nThe console of {name} ended.", err=True
        )
        return Exit.DONE

    async def _show(self) -> None:
        async for chunk in self._stream:
            if chunk.stdout:
                _write(self._harmless.feed(chunk.stdout))

    async def _send(self) -> None:
        while (data := await self._typed.get()) and not self._left:
            before, leave, _ = data.partition(LEAVE)
            if before:
                await self._stream.write(before)
            self._left = bool(leave)
            if leave:
                return

    def _read(self) -> None:
        try:
            data = os.read(_INPUT, _READ_BYTES)
        except OSError:
            data = b""  # The terminal has gone.
        if not data:
            asyncio.get_running_loop().remove_reader(_INPUT)
        self._typed.put_nowait(data)

    def _resize(self) -> None:
        if self._resizing is not None:
            self._resizing.cancel()
        self._resizing = asyncio.create_task(self._tell_size())

    async def _tell_size(self) -> None:
        await asyncio.sleep(_SETTLED_SECONDS)
        size = os.get_terminal_size(_OUTPUT)
        wanted = ResizeConsole(self._machine.id, size.lines, size.columns)
        try:
            await self._client.call(RESIZE_CONSOLE, wanted)
        except ProblemError:
            line = f"stty rows {size.lines} cols {size.columns}"
            _write(f"\r\n[The guest does not know this terminal's size; there: {line}]\r\n")


@contextlib.contextmanager
def raw_terminal() -> Iterator[Callable[[], None]]:
    """Every key as it is typed; the terminal is given back as it was, whatever happens."""
    before = termios.tcgetattr(_INPUT)

    def make_raw() -> None:
        tty.setraw(_INPUT)

    try:
        make_raw()
        yield make_raw  # Called again when a stopped process is continued.
    finally:
        termios.tcsetattr(_INPUT, termios.TCSADRAIN, before)


def _write(text: str) -> None:
    data = text.encode()
    while data:
        data = data[os.write(_OUTPUT, data) :]
