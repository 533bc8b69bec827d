"""The worker's socket: bound in a private folder, made again when somebody removes it."""

import asyncio
import logging
import os
import socket
from contextlib import suppress
from pathlib import Path

from clonebox_tui.model.problem import ProblemError
from clonebox_tui.private_socket import check_length, check_peer, make_folder
from clonebox_tui.worker.dispatch import Dispatch
from clonebox_tui.worker.hub import Hub
from clonebox_tui.worker.session import Session

SESSIONS_AT_ONCE = 256
LOOK_SECONDS = 1.0
"""How often the worker looks whether its socket is still there (one lstat)."""

_log = logging.getLogger(__name__)


def bound(path: Path) -> socket.socket:
    """A listening socket at `path`, 0600; a stale one there is removed (the caller holds the lock)."""
    check_length(path)
    make_folder(path.parent)
    with suppress(FileNotFoundError):
        path.unlink()
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    before = os.umask(0o177)
    try:
        listening.bind(str(path))
    finally:
        os.umask(before)
    listening.listen(SESSIONS_AT_ONCE)
    return listening


def answers(path: Path) -> bool:
    """Whether a worker accepts front ends at `path`."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC) as asking:
        try:
            asking.connect(str(path))
        except OSError:
            return False
    return True


class Listening:
    """Accepts front ends until closed."""

    def __init__(self, path: Path, dispatch: Dispatch, hub: Hub, readonly: bool) -> None:
        self._path = path
        self._dispatch = dispatch
        self._hub = hub
        self._readonly = readonly
        self._server: asyncio.Server | None = None
        self._identity = (0, 0)

    async def begin(self) -> None:
        """Bind and listen."""
        listening = bound(self._path)
        self._identity = _identity(self._path)
        loop = asyncio.get_running_loop()
        # Said again: asyncio would listen for 100 only.
        self._server = await loop.create_unix_server(self._session, sock=listening, backlog=SESSIONS_AT_ONCE)

    async def stay(self) -> None:
        """Look after the socket for ever: where it was removed, bind another (front ends stay)."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if _identity(self._path) == self._identity:
                continue
            _log.warning("the socket was removed; making it again", extra={"socket": str(self._path)})
            if self._server is not None:
                self._server.close()
            try:
                await self.begin()
            except (OSError, ProblemError) as error:
                _log.error("the socket could not be made again", extra={"why": str(error)})

    def close(self) -> None:
        """Accept nobody any more, and hang up."""
        if self._server is not None:
            self._server.close()
        if _identity(self._path) == self._identity:
            self._path.unlink(missing_ok=True)
        for session in self._hub.sessions:
            session.close()

    def _session(self) -> Session:
        return Session(self._dispatch, self._opened, self._hub.closed, self._readonly)

    def _opened(self, session: Session, peer: socket.socket) -> bool:
        try:
            check_peer(peer)
        except ProblemError as error:
            _log.warning("refused a peer", extra={"why": error.problem.why})
            return False
        if len(self._hub.sessions) >= SESSIONS_AT_ONCE:
            _log.warning("refused a front end: too many", extra={"limit": SESSIONS_AT_ONCE})
            return False
        self._hub.opened(session)
        return True


def _identity(path: Path) -> tuple[int, int]:
    try:
        found = path.lstat()
    except OSError:
        return (0, 0)
    return (found.st_dev, found.st_ino)
