"""The serial line of a simulated machine: a login, then its small shell, with the line editing of a tty."""

import asyncio
from collections.abc import Callable

from clonebox_tui.model.machine import State
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.providers.simulated.machine import SimulatedMachine
from clonebox_tui.providers.simulated.shell import Shell

_BACK = b"\b \b"
_CLEAR = b"\x1b[H\x1b[2J"


class SimulatedConsole:
    """One held line. Nobody logs out by leaving: the next one to open it meets the login again."""

    def __init__(self, machine: SimulatedMachine, now: Callable[[], float]) -> None:
        self._machine = machine
        self._shell = Shell(machine, now, {}, lambda _pid: False)
        self._user = ""
        self._line = ""
        self._after_return = False
        self.ended = False
        self._pieces: asyncio.Queue[bytes] = asyncio.Queue()
        self._say(f"\r\nDebian GNU/Linux 12 {machine.name} ttyS0\r\n\r\n".encode() + self._prompt())

    async def read(self) -> bytes:
        """What it printed; empty once the machine went off, or the line was taken over."""
        while True:
            try:
                async with asyncio.timeout(0.5):
                    piece = await self._pieces.get()
            except TimeoutError:
                if self._machine.state in (State.OFF, State.CRASHED):
                    return b""
                continue
            if not piece:
                self._pieces.put_nowait(b"")
            return piece

    async def write(self, data: bytes) -> None:
        """Type; a paused machine hears nothing."""
        if self._machine.state is State.RUNNING:
            for character in data.decode("utf-8", "replace"):
                self._typed(character)

    async def close(self) -> None:
        """Let go."""
        self.ended = True
        self._pieces.put_nowait(b"")

    def _typed(self, character: str) -> None:
        # As a tty does: a return followed by a line feed is one end of line.
        if character == "\n" and self._after_return:
            self._after_return = False
            return
        self._after_return = character == "\r"
        if character in "\r\n":
            line, self._line = self._line, ""
            self._say(b"\r\n" + self._ran(line) + self._prompt())
        elif character in "\x7f\b":
            self._say(_BACK if self._line else b"")
            self._line = self._line[:-1]
        elif character == "\x03":
            self._line = ""
            self._say(b"^C\r\n" + self._prompt())
        elif character == "\x04" and not self._line:
            self._user = ""
            self._say(b"\r\n\r\n" + self._prompt())
        elif character == "\x0c":
            self._say(_CLEAR + self._prompt() + self._line.encode())
        elif character.isprintable() and len(self._line) < 4096:
            self._line += character
            self._say(character.encode())

    def _ran(self, line: str) -> bytes:
        if not self._user:
            self._user = line.strip()[:32]
            return b""
        if line.strip() in ("exit", "logout"):
            self._user = ""
            return b"\r\n"
        if line.strip() == "clear":
            return _CLEAR
        outcome = self._shell.run(["sh", "-c", line])
        return (outcome.stdout + outcome.stderr).replace(b"\n", b"\r\n")

    def _prompt(self) -> bytes:
        if not self._user:
            return f"{self._machine.name} login: ".encode()
        return f"{self._user}@{self._machine.name}:~{'#' if self._user == 'root' else '$'} ".encode()

    def _say(self, data: bytes) -> None:
        if data:
            self._pieces.put_nowait(data)


class SimulatedConsoles:
    """Who holds which line: only one at a time."""

    def __init__(self) -> None:
        self._held: dict[str, SimulatedConsole] = {}

    async def open(
        self, machine: SimulatedMachine, now: Callable[[], float], take_over: bool
    ) -> SimulatedConsole:
        """Take a machine's line."""
        if machine.state in (State.OFF, State.CRASHED):
            raise problem(
                Code.WRONG_STATE,
                f"{machine.name} is {machine.state.value}: it has no console now.",
                next=f"Start it: `clonebox-tui start {machine.name}`",
            )
        held = self._held.get(machine.uuid)
        if held is not None and not held.ended:
            if not take_over:
                raise problem(
                    Code.MACHINE_BUSY,
                    f"Somebody else has the console of {machine.name} open.",
                    next="Let them end it, or take it over: `clonebox-tui console --take-over M`.",
                )
            await held.close()
        console = self._held[machine.uuid] = SimulatedConsole(machine, now)
        return console
