"""Whole folders, as one tar stream through the guest's own tar, each file compared afterwards."""

import asyncio
import hashlib
import os
import re
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO, TypeVar

from clonebox_tui.engine.act import StepRun
from clonebox_tui.engine.copying.parts import differs
from clonebox_tui.engine.copying.unpacking import unpack
from clonebox_tui.guest.agent import Agent
from clonebox_tui.guest.streaming import stream
from clonebox_tui.model.problem import Code, ProblemError, problem

T = TypeVar("T")

_PIPE_BYTES = 256 * 1024
_MOST_NAMES = 20
_SUMS = 'cd -- "$1" && find . -type f -exec sha256sum {} +'

_SUM_LINE = re.compile(
    rb"^(\\?)([0-9a-f]{64})  (\./.*?)(?=\n\\?[0-9a-f]{64}  \./|\n\Z)", re.MULTILINE | re.DOTALL
)


async def require(agent: Agent) -> None:
    """NOT_SUPPORTED where the agent cannot carry a stream."""
    if not await agent.carries_streams():
        raise problem(
            Code.NOT_SUPPORTED,
            "Folders cannot be copied with this machine.",
            why="its agent carries no streams",
            next="Copy the files you need one by one.",
        )


async def fetch(agent: Agent, source: str, part: Path, run: StepRun) -> None:
    """Copy the guest's folder `source` to the new folder `part`. What would lie outside of it is refused.

    Remembers as `left_out` the names of what could not come along; so does `bring`.
    """
    reading, writing = os.pipe()
    taking = asyncio.create_task(asyncio.to_thread(_unpack, reading, part))
    came = 0
    complaint = bytearray()

    async def take(name: str, data: bytes) -> None:
        nonlocal came
        if name == "stderr":
            complaint.extend(data[:1000])
            return
        await asyncio.to_thread(_write_all, writing, data)
        came += len(data)
        run.progress("copying", came, None, "bytes")

    try:
        ended = await stream(agent, ["tar", "-C", source, "-cf", "-", "."], take, mark=run.job_id)
    except BrokenPipeError:  # whoever unpacks has found fault, and says so
        ended = None
    finally:
        os.close(writing)
        unpacked = await asyncio.shield(_outcome(taking))
    if isinstance(unpacked, BaseException):
        raise unpacked
    await _tell_left_out(unpacked, "it leads out of the folder or is no file", run)
    if ended is not None and ended.exit_code:
        raise _tar_failed(source, complaint)
    await _compare(agent, source, part, run)


async def bring(agent: Agent, source: Path, part: str, run: StepRun) -> None:
    """Copy this host's folder `source` to the new folder `part` in the guest."""
    reading, writing = os.pipe()
    giving = asyncio.create_task(asyncio.to_thread(_pack, source, writing))
    complaint = bytearray()

    async def heard(_name: str, data: bytes) -> None:
        complaint.extend(data[:1000])

    async def pieces() -> AsyncIterator[bytes]:
        sent = 0
        while data := await asyncio.to_thread(os.read, reading, _PIPE_BYTES):
            yield data
            sent += len(data)
            run.progress("copying", sent, None, "bytes")

    script = 'umask 077; mkdir -- "$1" && tar -C "$1" -xpf -'
    try:
        ended = await stream(agent, ["sh", "-c", script, "sh", part], heard, pieces(), mark=run.job_id)
    finally:
        os.close(reading)  # the packer, if it still writes, hears of it
        packed = await asyncio.shield(_outcome(giving))
    if ended.exit_code:
        raise _tar_failed(part, complaint)
    if isinstance(packed, BaseException):
        raise packed
    await _tell_left_out(packed, "it is no file", run)
    await _compare(agent, part, source, run)


async def _tell_left_out(names: list[str], why: str, run: StepRun) -> None:
    told = [f"{_text(name)}: {why}" for name in names]
    for line in told:
        run.log(f"Left out: {line}")
    if told:
        more = [f"and {len(told) - _MOST_NAMES} more"] if len(told) > _MOST_NAMES else []
        await run.remember(left_out=[*told[:_MOST_NAMES], *more])


def _text(name: str) -> str:
    return os.path.normpath(name).encode(errors="surrogateescape").decode(errors="backslashreplace")


async def _compare(agent: Agent, guest: str, here: Path, run: StepRun) -> None:
    run.progress("comparing")
    said = bytearray()

    async def take(name: str, data: bytes) -> None:
        if name == "stdout":
            said.extend(data)

    ended = await stream(agent, ["sh", "-c", _SUMS, "sh", guest], take, mark=run.job_id)
    if ended.exit_code:
        run.log("Not compared: the guest cannot tell the files' checksums.")
        return
    there = _parsed(bytes(said))
    if there != await asyncio.to_thread(_sums, here):
        raise differs(guest)
    run.log(f"{len(there)} files compared by SHA-256.")


def _parsed(said: bytes) -> dict[bytes, str]:
    """Sums by name. Names with a line's end or a backslash come with escapes from coreutils, and as they are
    from busybox."""
    found = {}
    for escaped, digest, name in _SUM_LINE.findall(said):
        if escaped:
            name = name.replace(b"\\\\", b"\0").replace(b"\\n", b"\n").replace(b"\0", b"\\")
        found[os.path.normpath(name)] = digest.decode()
    return found


def _sums(folder: Path) -> dict[bytes, str]:
    found = {}
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            found[os.fsencode(path.relative_to(folder))] = digest
    return found


def _unpack(reading: int, part: Path) -> list[str]:
    with os.fdopen(reading, "rb") as source:
        left_out = unpack(source, part)
        _exhaust(source)
    return left_out


def _exhaust(source: IO[bytes]) -> None:
    while source.read(_PIPE_BYTES):  # tar pads its end; nobody may write into a closed pipe
        pass


def _pack(source: Path, writing: int) -> list[str]:
    """Names of the pipes and devices that were left out."""
    left_out: list[str] = []

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
        if member.isreg() or member.isdir() or member.issym() or member.islnk():
            return member
        left_out.append(member.name)
        return None

    with os.fdopen(writing, "wb") as target, tarfile.open(fileobj=target, mode="w|") as archive:
        archive.add(source, ".", filter=plain)
    return left_out


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


async def _outcome(task: "asyncio.Task[T]") -> T | BaseException:
    return (await asyncio.gather(task, return_exceptions=True))[0]


def _tar_failed(path: str, complaint: bytearray) -> ProblemError:
    lines = complaint.decode(errors="replace").strip().splitlines()
    return problem(
        Code.GUEST_ERROR,
        f"Tar gave up on {path} in the guest.",
        why=lines[-1] if lines else "it did not say why",
        next="See that tar is installed there, and that there is room.",
    )
