"""A machine's serial console in the cockpit: a real terminal, with a way out that is always shown."""

import asyncio
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingsMap, BindingType
from textual.dom import DOMNode

from clonebox_tui.model.machine import Machine
from clonebox_tui.model.plain import clean_text
from clonebox_tui.model.problem import Code, Problem, ProblemError
from clonebox_tui.model.rpc import OPEN_CONSOLE, RESIZE_CONSOLE, OpenConsole, ResizeConsole
from clonebox_tui.tui.screens.full_screen import FullScreen, TitleBar
from clonebox_tui.tui.session import Session
from clonebox_tui.tui.widgets.bars import KeyBar, KeyHint
from clonebox_tui.tui.widgets.console_view import ConsoleView
from clonebox_tui.tui.wire import Chunks

_SETTLED_SECONDS = 0.3
"""A window that is being dragged has many sizes a second."""

_ESC = b"\x1b"
_ALONE_SECONDS = 0.12
"""Programs take what follows an esc for one key with it: vi of busybox within 0.05 s, vim within 0.1 s."""


class ConsoleScreen(FullScreen):
    """Opens the line at once. While it is open every key but ctrl+] goes to the guest."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open(False)", "open again", show=False),
        Binding("t", "open(True)", "take over", show=False),
    ]
    AUTO_FOCUS = ""

    def __init__(self, session: Session, machine: Machine) -> None:
        super().__init__()
        self._session = session
        self._machine = machine
        self._chunks: Chunks | None = None
        self._taken = False
        self._note = ""
        self._typed: asyncio.Queue[bytes] = asyncio.Queue()

    def compose(self) -> ComposeResult:
        """The terminal has all the room between title and keys."""
        yield TitleBar(self._machine.name, "console")
        yield ConsoleView(self._typed.put_nowait, id="console")
        yield KeyBar(self._hints)

    def on_mount(self) -> None:
        """Begin."""
        self.action_open(take_over=False)

    def _hints(self) -> list[KeyHint]:
        if self._chunks is not None:
            return [("shift+pgup", "earlier"), ("all other keys", "to the guest"), ("ctrl+]", "leave")]
        again = [("t", "take it over")] if self._taken else []
        return [*again, ("enter", "open again"), ("esc", "back")]

    @property
    def _binding_chain(self) -> list[tuple[DOMNode, BindingsMap]]:
        """Private to Textual, and the only way: its app quits on ctrl+q before any widget hears the key."""
        chain = super()._binding_chain
        return [each for each in chain if each[0] is not self.app] if self._chunks is not None else chain

    # -- the line ----------------------------------------------------------------------------------

    def action_open(self, take_over: bool) -> None:
        """Open the line, again if it has ended."""
        if self._chunks is None and (self._taken or not take_over):
            self.run_worker(self._hold(take_over), group="console", exclusive=True)

    async def _hold(self, take_over: bool) -> None:
        view = self.query_one(ConsoleView)
        ending = "the console ended"
        try:
            self._chunks = await self._session.open(OPEN_CONSOLE, OpenConsole(self._machine.id, take_over))
            self._taken = False
            self._focus_view()
            await self._carry(self._chunks)
        except ProblemError as error:
            self._taken = error.problem.code is Code.MACHINE_BUSY
            ending = _in_one_line(error.problem)
        finally:
            self._chunks = None
        if self.is_attached:
            view.feed(f"\r\n\x1b[0;33m[{ending}]\x1b[0m\r\n".encode())
            self.set_focus(None)
            self.query_one(KeyBar).update_lines()

    def _focus_view(self) -> None:
        view = self.query_one(ConsoleView)
        view.focus()
        self._tell_size(view.size.height, view.size.width)
        self.query_one(KeyBar).update_lines()

    async def _carry(self, chunks: Chunks) -> None:
        view, typing = self.query_one(ConsoleView), asyncio.create_task(self._type(chunks))
        try:
            async for chunk in chunks:
                if chunk.stdout:
                    view.feed(chunk.stdout)
                    await asyncio.sleep(0)  # Keys come between, however much a guest prints.
        finally:
            typing.cancel()
            chunks.close()

    async def _type(self, chunks: Chunks) -> None:
        while True:
            data = await self._typed.get()
            while not (self._typed.empty() or data.endswith(_ESC)):
                data += self._typed.get_nowait()
            try:
                await chunks.write(data)
            except ProblemError:
                return  # The stream has ended; its reader says why.
            if data.endswith(_ESC):
                await asyncio.sleep(_ALONE_SECONDS)

    # -- its size ----------------------------------------------------------------------------------

    @on(ConsoleView.SizeChanged)
    def _resized(self, event: ConsoleView.SizeChanged) -> None:
        if self._chunks is not None:
            self._tell_size(event.rows, event.columns)

    def _tell_size(self, rows: int, columns: int) -> None:
        self.run_worker(self._told(rows, columns), group="console size", exclusive=True)

    async def _told(self, rows: int, columns: int) -> None:
        await asyncio.sleep(_SETTLED_SECONDS)
        crumbs = [self._machine.name, "console"]
        try:
            await self._session.call(RESIZE_CONSOLE, ResizeConsole(self._machine.id, rows, columns))
        except ProblemError:
            crumbs.append(f"the guest does not know its size; there: stty rows {rows} cols {columns}")
        for bar in self.query(TitleBar):  # None, if one has left meanwhile.
            bar.set_crumbs(*crumbs)

    # -- the way out -------------------------------------------------------------------------------

    @on(ConsoleView.Left)
    def _left(self) -> None:
        self.action_leave()

    def on_unmount(self) -> None:
        """Let go of the line."""
        if self._chunks is not None:
            self._chunks.close()


def _in_one_line(trouble: Problem) -> str:
    return " ".join(clean_text(part) for part in (trouble.what, trouble.next) if part)
