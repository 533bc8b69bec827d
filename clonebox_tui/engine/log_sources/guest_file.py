"""A file of a guest, read through its agent as if it lay here: by its handle, which outlives a rotation."""

import msgspec

from clonebox_tui.guest import execution
from clonebox_tui.guest.agent import Agent
from clonebox_tui.guest.files import PIECE_BYTES, close_file, open_file, read_piece
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.providers.protocol import LogChunk

_SEEN_BYTES = 64
_NO_FILE = ("Invalid argument", "Illegal seek")
"""What the guest's kernel says of a place in something that has none."""
_STAT = ["stat", "-L", "-c", "%d:%i %s %Y", "--"]


class _Position(msgspec.Struct, frozen=True):
    position: int


class GuestFile:
    """`read` is a `file_log.Read`. A rotated file is read to its end before the new one is opened."""

    def __init__(self, agent: Agent, path: str) -> None:
        self._agent = agent
        self._path = path
        self._handle: int | None = None
        self._identity = ""
        self._end = 0
        """Where the file ended at the last look."""
        self._seen = b""
        self._seen_end = 0
        """The last bytes that were read, and where they ended: elsewhere now, if the file was truncated."""
        self._changed_at = 0.0
        self._copies: dict[str, str] = {}
        """Paths of copies that were made before the file was truncated, by identity."""

    async def read(self, offset: int, limit_bytes: int, identity: str) -> LogChunk:
        """At most `limit_bytes` from `offset`; LOG_NOT_FOUND, and what agents say."""
        if self._handle is None or identity != self._identity:
            await self._open(self._copies.get(identity, self._path))
        start, data, size = await self._piece(offset, limit_bytes)
        truncated = size < self._end or not self._goes_on(start, data)
        self._end, self._seen, self._seen_end = size, data[-_SEEN_BYTES:], start + len(data)
        if identity and truncated:
            return await self._truncated(LogChunk(data, start, size, self._identity, self._changed_at))
        # What an idle look costs more is paid where nothing was to be had anyway.
        chunk = LogChunk(data, start, size, self._identity, self._changed_at)
        if size > start + len(data) or (identity and len(data) > 64):
            return chunk
        return await self._looked_about(chunk, limit_bytes)

    def _goes_on(self, start: int, data: bytes) -> bool:
        """Whether what was read stands there still: a truncated file may have outgrown its old size."""
        begin = max(start, self._seen_end - len(self._seen))
        seen = self._seen[begin - self._seen_end :] if begin < self._seen_end else b""
        return data[begin - start :][: len(seen)] == seen

    async def _looked_about(self, chunk: LogChunk, limit_bytes: int) -> LogChunk:
        """At its end: has the path another file by now?"""
        newest, size = await self._stat(self._path)
        if newest in ("", self._identity) or not size:
            return chunk
        # Once more: what was written before the new file began is all there will be.
        start, data, end = await self._piece(chunk.offset, limit_bytes)
        return LogChunk(data, start, end, self._identity, self._changed_at, files=(self._identity, newest))

    async def _truncated(self, chunk: LogChunk) -> LogChunk:
        copy, _ = await self._stat(f"{self._path}.1")
        if not copy:
            return chunk
        self._copies = {copy: f"{self._path}.1"}
        return msgspec.structs.replace(chunk, files=(copy, self._identity))

    async def _piece(self, offset: int, limit_bytes: int) -> tuple[int, bytes, int]:
        handle = self._handle
        assert handle is not None  # noqa: S101 opened above
        end = (await self._seek(handle, 0, "end")).position
        start = max(0, end + offset) if offset < 0 else offset
        await self._seek(handle, start, "set")
        data = b""
        while len(data) < limit_bytes:
            piece, eof = await read_piece(self._agent, handle, min(PIECE_BYTES, limit_bytes - len(data)))
            data += piece
            if eof or not piece:
                break
        return start, data, max(end, start + len(data)) if data else end

    async def _seek(self, handle: int, offset: int, whence: str) -> _Position:
        try:
            return await self._agent.ask(
                _Position, "guest-file-seek", handle=handle, offset=offset, whence=whence
            )
        except ProblemError as error:
            if not error.problem.why.endswith(_NO_FILE):
                raise
            raise self._absent("it is a folder, a pipe or a device") from error

    async def _stat(self, path: str) -> tuple[str, int]:
        """Identity and size of what is at the path now; an empty identity: nothing is."""
        said = await execution.run(self._agent, [*_STAT, path])
        words = said.text.split()
        if said.exit_code or len(words) != 3 or not (words[1].isdecimal() and words[2].isdecimal()):
            return "", 0
        self._changed_at = float(words[2])
        return words[0], int(words[1])

    async def _open(self, path: str) -> None:
        await self.close()
        self._end, self._seen, self._seen_end = 0, b"", 0
        if not await self._agent.carries_streams():
            raise self._absent("the agent of this machine hands out no files")
        try:
            self._handle = await open_file(self._agent, path, "r")
        except ProblemError as error:
            if error.problem.code is not Code.GUEST_ERROR:
                raise
            raise self._absent(error.problem.why) from error
        self._identity = (await self._stat(path))[0] or "?"

    def _absent(self, why: str) -> ProblemError:
        return problem(
            Code.LOG_NOT_FOUND,
            f"{self._path} cannot be read in the guest.",
            why=why,
            next="Check the path in the guest; `clonebox-tui show M` lists its logs.",
        )

    async def close(self) -> None:
        """Give the handle back; a guest that is gone has none."""
        handle, self._handle = self._handle, None
        if handle is not None:
            try:
                await close_file(self._agent, handle)
            except ProblemError:
                return
