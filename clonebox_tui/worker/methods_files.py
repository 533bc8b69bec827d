"""Methods about files in a guest that only look; what copies is an act."""

import posixpath
import stat

from clonebox_tui.guest.entries import Entry, listed
from clonebox_tui.guest.files import read_file
from clonebox_tui.model.guest_files import MOST_BYTES, MOST_ENTRIES
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.rpc import (
    LIST_FILES,
    READ_FILE,
    GuestEntry,
    GuestFolder,
    GuestPath,
    GuestText,
)
from clonebox_tui.worker.server import Server
from clonebox_tui.worker.session import Session


def serve(server: Server) -> None:
    """Register them."""
    engine = server.engine

    async def list_files(_session: Session, params: GuestPath) -> GuestFolder:
        path = _whole(params.path)
        found = await listed(engine.agent(params.machine), path)
        entries = tuple(map(_told, found[:MOST_ENTRIES]))
        return GuestFolder(path, entries, max(0, len(found) - MOST_ENTRIES))

    async def read(_session: Session, params: GuestPath) -> GuestText:
        path = _whole(params.path)
        content = await read_file(engine.agent(params.machine), path, MOST_BYTES + 1)
        return GuestText(path, content[:MOST_BYTES], len(content) > MOST_BYTES)

    server.dispatch.serve(LIST_FILES, list_files)
    server.dispatch.serve(READ_FILE, read)


def _whole(path: str) -> str:
    if not path.startswith("/") or "\0" in path:
        raise problem(
            Code.USAGE, f"{path} is no whole path.", next="Give the path in the guest from / on: M:/var/log"
        )
    return posixpath.normpath(path)


def _told(entry: Entry) -> GuestEntry:
    kind = "link" if stat.S_ISLNK(entry.mode) else "file" if entry.is_file else "other"
    return GuestEntry(
        entry.name,
        "folder" if entry.is_folder else kind,
        stat.S_IMODE(entry.mode),
        entry.size_bytes,
        float(entry.modified_at),
        entry.owner,
    )
