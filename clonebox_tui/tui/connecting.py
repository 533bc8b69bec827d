"""From a key to a connection: add, leave, try again, and believe another host only when a person says so."""

from collections.abc import Coroutine
from typing import TYPE_CHECKING

from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.model.rpc import (
    ADD_CONNECTION,
    HOST_KEYS,
    REMOVE_CONNECTION,
    RETRY_CONNECTION,
    TRUST,
    AddConnection,
    HostKeys,
    OnUri,
    Trust,
)

if TYPE_CHECKING:
    from clonebox_tui.tui.face import Face

READ_ONLY = "Nothing is changed: started with --readonly."


class Connecting:
    """What the actions about connections do. Nothing here waits on the screen."""

    def __init__(self, face: "Face") -> None:
        self._face = face
        self._asked: set[str] = set()

    def show(self) -> None:
        """The connections screen."""
        from clonebox_tui.tui.screens.connections import ConnectionsScreen

        self._face.push_screen(ConnectionsScreen(self._face.session, self._face.glyphs, self))

    def ask_about_new_hosts(self) -> None:
        """Ask once about each host whose key nobody has accepted, when nothing else is being asked."""
        session = self._face.session
        if session.readonly or self._face.screen.is_modal:
            return
        for each in session.connections.values():
            unknown = each.problem is not None and each.problem.code is Code.HOST_KEY_UNKNOWN
            if unknown and each.uri not in self._asked:
                self.trust(each.uri)
                return

    def add(self) -> None:
        """Ask for a URI, and connect to it."""
        self._change(self._add())

    def remove(self, uri: str) -> None:
        """Leave a connection, after a question."""
        self._change(self._remove(uri))

    def retry(self, uri: str) -> None:
        """Connect anew at once."""
        self._start(self._retry(uri))

    def trust(self, uri: str) -> None:
        """Show the host's key, and accept it if the person says so."""
        self._asked.add(uri)
        self._change(self._trust(uri))

    def _change(self, work: Coroutine[object, object, object]) -> None:
        if self._face.session.readonly:
            work.close()
            self._face.tell(READ_ONLY)
        else:
            self._start(work)

    def _start(self, work: Coroutine[object, object, object]) -> None:
        self._face.run_worker(self._guarded(work), group="connections")

    async def _guarded(self, work: Coroutine[object, object, object]) -> None:
        try:
            await work
        except ProblemError as error:
            self._face.tell_problem(error.problem)

    async def _retry(self, uri: str) -> None:
        await self._face.session.call(RETRY_CONNECTION, OnUri(uri))

    async def _add(self) -> None:
        from clonebox_tui.tui.screens.add_connection import AddConnectionScreen

        uri = await self._face.push_screen_wait(AddConnectionScreen())
        if uri:
            self._asked.discard(uri)
            await self._face.session.call(ADD_CONNECTION, AddConnection(uri))
            self._face.tell(f"Connecting to {uri}")

    async def _remove(self, uri: str) -> None:
        from clonebox_tui.tui.presentation.amounts import plural
        from clonebox_tui.tui.screens.question import QuestionScreen

        count = sum(each.connection == uri for each in self._face.session.machines.values())
        shown = (
            "no machine is" if not count else f"{plural(count, 'machine')} {'is' if count == 1 else 'are'}"
        )
        lines = [
            (("Nothing happens to its machines: they run on.", "text"),),
            ((f"On this screen {shown} left out, now and later.", "text"),),
        ]
        question = QuestionScreen(f"Leave {uri.partition('?')[0]}", lines, "Leave it")
        if await self._face.push_screen_wait(question):
            await self._face.session.call(REMOVE_CONNECTION, OnUri(uri))

    async def _trust(self, uri: str) -> None:
        from clonebox_tui.tui.presentation.connection_text import key_lines
        from clonebox_tui.tui.screens.question import QuestionScreen

        keys: HostKeys = await self._face.session.call(HOST_KEYS, OnUri(uri))
        if keys.state == "known":
            self._face.tell(f"The key of {keys.host} was accepted before, and is the same.")
            return
        changed = keys.state == "changed"
        title = "THE HOST KEY HAS CHANGED" if changed else "A host that is new here"
        question = QuestionScreen(
            title, key_lines(keys), "Accept the new key" if changed else "It is right", changed
        )
        if await self._face.push_screen_wait(question):
            shown = tuple(key.fingerprint for key in keys.shown)
            await self._face.session.call(TRUST, Trust(uri, shown, replace=changed))
