"""The serial console of a domain: a libvirt stream with a connection of its own, on any host.

Not blocking, and served by libvirt's event loop: a thread that waits in a stream holds up every other call
of its connection. What nobody takes is left in libvirt, which holds the guest's line back.
"""

import asyncio
import contextlib
import threading
import time

import libvirt

from clonebox_tui.model.machine import State
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.providers.console import Console
from clonebox_tui.providers.libvirt import machines
from clonebox_tui.providers.libvirt.connection import KEEPALIVE
from clonebox_tui.providers.libvirt.errors import message, translate
from clonebox_tui.providers.libvirt.ssh_transport import dial_uri
from clonebox_tui.providers.libvirt.threads import Lane, deliver, to_its_end

PIECE_BYTES = 4096
"""Read at once: what a front end draws between two keys."""
_WAITING_BYTES = 64 * 1024
_ENDS = libvirt.VIR_STREAM_EVENT_ERROR | libvirt.VIR_STREAM_EVENT_HANGUP
_READABLE = libvirt.VIR_STREAM_EVENT_READABLE
_WOULD_BLOCK = -2
_RETRY_SECONDS = 0.02


class LibvirtConsole:
    """One held line; made by `opened`."""

    def __init__(self, uri: str, uuid: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._lane = Lane(f"libvirt-console {uri}", 1)
        self._uri, self._uuid = uri, uuid
        self._connection: libvirt.virConnect | None = None
        self._stream: libvirt.virStream | None = None
        self._pieces: asyncio.Queue[bytes] = asyncio.Queue()
        self._guard = threading.Lock()
        self._waiting_bytes = 0
        self._held_back = False
        self._over = threading.Event()

    async def open(self, take_over: bool) -> None:
        """Take the line."""
        try:
            await to_its_end(self._lane.run(lambda: self._open(take_over)))
        except BaseException:
            await self.close()
            raise

    async def read(self) -> bytes:
        """What came; empty once the line has ended."""
        piece = await self._pieces.get()
        if not piece:
            self._pieces.put_nowait(b"")
        with self._guard:
            self._waiting_bytes -= len(piece)
            go_on = self._held_back and self._waiting_bytes < _WAITING_BYTES // 2
            self._held_back &= not go_on
        if go_on:
            await self._lane.run(lambda: self._listen(_READABLE | _ENDS))
        return piece

    async def write(self, data: bytes) -> None:
        """Type."""
        await self._lane.run(lambda: self._send(data))

    async def close(self) -> None:
        """Let go."""
        self._over.set()
        try:
            await to_its_end(self._lane.run(self._close))
        finally:
            self._lane.close()

    # -- in the lane's thread ------------------------------------------------------------------------

    def _open(self, take_over: bool) -> None:
        name = self._uuid
        try:
            self._connection = libvirt.open(dial_uri(self._uri))
            with contextlib.suppress(libvirt.libvirtError):
                self._connection.setKeepAlive(*KEEPALIVE)
            domain = machines.lookup(self._connection, self._uuid)
            name = domain.name()
            _refuse_without_line(machines.read_one(domain, self._uri).state, domain)
            self._stream = self._connection.newStream(libvirt.VIR_STREAM_NONBLOCK)
            domain.openConsole(None, self._stream, libvirt.VIR_DOMAIN_CONSOLE_FORCE if take_over else 0)
            self._stream.eventAddCallback(_READABLE | _ENDS, self._heard, None)
        except libvirt.libvirtError as error:
            raise _refusal(error, name) from None

    def _send(self, data: bytes) -> None:
        while data and self._stream is not None and not self._over.is_set():
            try:
                sent = self._stream.send(data)
            except libvirt.libvirtError:
                return  # It has ended, which the reader hears.
            if sent == _WOULD_BLOCK:
                time.sleep(_RETRY_SECONDS)
            else:
                data = data[sent:]

    def _listen(self, events: int) -> None:
        with contextlib.suppress(libvirt.libvirtError):
            if self._stream is not None and not self._over.is_set():
                self._stream.eventUpdateCallback(events)

    def _close(self) -> None:
        stream, self._stream = self._stream, None
        connection, self._connection = self._connection, None
        if stream is not None:
            with contextlib.suppress(libvirt.libvirtError):
                stream.eventRemoveCallback()
            with contextlib.suppress(libvirt.libvirtError):
                stream.abort()
        if connection is not None:
            with contextlib.suppress(libvirt.libvirtError):
                connection.close()

    # -- in libvirt's own thread ---------------------------------------------------------------------

    def _heard(self, stream: libvirt.virStream, events: int, _context: object) -> None:
        try:
            data = stream.recv(PIECE_BYTES) if events & _READABLE else b""
        except libvirt.libvirtError:
            data = b""
        if isinstance(data, int):
            return  # It would block.
        if data:
            self._took(stream, data)
            return
        # A callback that stays would be called again and again.
        with contextlib.suppress(libvirt.libvirtError):
            stream.eventRemoveCallback()
        self._over.set()
        deliver(self._loop, self._pieces.put_nowait, b"")

    def _took(self, stream: libvirt.virStream, data: bytes) -> None:
        with self._guard:
            self._waiting_bytes += len(data)
            self._held_back = self._waiting_bytes >= _WAITING_BYTES
            if self._held_back:
                with contextlib.suppress(libvirt.libvirtError):
                    stream.eventUpdateCallback(_ENDS)
        deliver(self._loop, self._pieces.put_nowait, data)


class DomainConsoles:
    """The part of the provider that is about consoles."""

    _uri: str

    async def console(self, uuid: str, take_over: bool = False) -> Console:
        """Take the machine's first serial line."""
        line = LibvirtConsole(self._uri, uuid)
        await line.open(take_over)
        return line


def _refuse_without_line(state: State, domain: libvirt.virDomain) -> None:
    name = domain.name()
    if state in (State.OFF, State.CRASHED):
        raise problem(
            Code.WRONG_STATE,
            f"{name} is {state.value}: it has no console now.",
            next=f"Start it: `clonebox-tui start {name}`",
        )
    if "<console " not in domain.XMLDesc() and "<serial " not in domain.XMLDesc():
        raise problem(
            Code.NOT_SUPPORTED,
            f"{name} has no serial console.",
            why="its definition has neither a <serial> nor a <console> device",
            next=f"Use `clonebox-tui exec {name} -- CMD`, or add a serial device of type pty.",
        )


def _refusal(error: libvirt.libvirtError, name: str) -> ProblemError:
    if "Active console session" in message(error):
        return problem(
            Code.MACHINE_BUSY,
            f"Somebody else has the console of {name} open.",
            why=message(error),
            next="Let them end it, or take it over: `clonebox-tui console --take-over M`.",
        )
    return translate(error, f"Could not open the console of {name}")
