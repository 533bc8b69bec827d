"""Run another program without blocking, and never leave it behind: its whole group dies with the task."""

import asyncio
import os
import shutil
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from clonebox_tui.engine.current_job import JOB_VARIABLE, current_job
from clonebox_tui.model.problem import Code, problem

_KEPT_VARIABLES = ("PATH", "HOME", "TMPDIR", "USER", "LOGNAME", "XDG_RUNTIME_DIR", "no_proxy", "NO_PROXY")
_SYSTEM_FOLDERS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_GRACE_SECONDS = 5.0  # between asking a cancelled program to end and killing it
_LAST_LOOKS, _LOOK_SECONDS = 25, 0.02
_LINE_BYTES = 64 * 1024  # a longer line is cut: what programs say is not trusted to be short
_KEPT_LINES = 2000

# program → the Debian package that brings it
PACKAGES = {
    "mmdebstrap": "mmdebstrap",
    "qemu-img": "qemu-utils",
    "mke2fs": "e2fsprogs",
    "fakeroot": "fakeroot",
    "fakechroot": "fakechroot",
    "newuidmap": "uidmap",
    "tar": "tar",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "genisoimage": "genisoimage",
    "apt-config": "apt",
    "dpkg-query": "dpkg",
    "lz4": "lz4",
    "zstd": "zstd",
    "debugfs": "e2fsprogs",
    "e2fsck": "e2fsprogs",
    "partx": "util-linux",
    "prlimit": "util-linux",
    "dpkg": "dpkg",
}


@dataclass(frozen=True)
class Output:
    """How a program ended and the last lines it said (both streams together, in order)."""

    code: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """All kept lines as one text."""
        return "\n".join(self.lines)


def find(program: str) -> str:
    """Absolute path of `program`, system folders included; raises TOOL_MISSING with its package."""
    found = shutil.which(program) or shutil.which(program, path=_SYSTEM_FOLDERS)
    if found is None:
        package = PACKAGES.get(program, program)
        raise problem(
            Code.TOOL_MISSING,
            f"{program} is not installed.",
            next=f"Install the Debian package {package}: `apt install {package}`.",
        )
    return found


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a program is given: a short list of our own variables, an untranslated locale, and `extra`."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    kept["PATH"] = f"{kept.get('PATH', '')}:{_SYSTEM_FOLDERS}".lstrip(":")
    marked = {JOB_VARIABLE: current_job.get()} if current_job.get() else {}
    return {**kept, "LC_ALL": "C.UTF-8", **marked, **(extra or {})}


async def run(
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    on_line: Callable[[str], None] | None = None,
) -> Output:
    """Run `argv` to its end; `on_line` gets each line (carriage returns end lines too) as it comes.

    `env` is added to a short list of kept variables. A non-zero code is the caller's to judge. When the
    task is cancelled the program and all its children are ended before the cancellation goes on.
    Raises `ProblemError` (TOOL_MISSING) when the program is not there.
    """
    process = await asyncio.create_subprocess_exec(
        find(argv[0]),
        *argv[1:],
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment(env),
        cwd=cwd,
        start_new_session=True,
    )
    try:
        lines = await _read_lines(process, on_line)
        return Output(await process.wait(), tuple(lines))
    finally:
        if process.returncode is None:
            await asyncio.shield(_end(process))


async def capture(
    argv: Sequence[str], *, stdin: bytes = b"", limit_bytes: int = 64 << 20
) -> tuple[int, bytes]:
    """Run `argv` to its end on `stdin`; its code and all it said on standard output, byte by byte.

    What it complains about is dropped. A program that says more than `limit_bytes` is ended: GUEST_ERROR,
    since only an image made by somebody else brings it to that.
    """
    process = await asyncio.create_subprocess_exec(
        find(argv[0]),
        *argv[1:],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment(),
        start_new_session=True,
    )
    try:
        feeding = asyncio.create_task(_feed(process, stdin))
        said = await _read_all(process, limit_bytes)
        await feeding
        return await process.wait(), said
    finally:
        if process.returncode is None:
            await asyncio.shield(_end(process))


async def _feed(process: asyncio.subprocess.Process, data: bytes) -> None:
    assert process.stdin is not None  # noqa: S101 - asked for above
    with suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(data)
        await process.stdin.drain()
    process.stdin.close()


async def _read_all(process: asyncio.subprocess.Process, limit_bytes: int) -> bytes:
    assert process.stdout is not None  # noqa: S101 - asked for above
    said = bytearray()
    while chunk := await process.stdout.read(1 << 20):
        said += chunk
        if len(said) > limit_bytes:
            raise problem(
                Code.GUEST_ERROR,
                "The disk holds more than can be looked at.",
                why="It has too many entries.",
                next="Copy less of it.",
            )
    return bytes(said)


async def _read_lines(
    process: asyncio.subprocess.Process, on_line: Callable[[str], None] | None
) -> list[str]:
    assert process.stdout is not None  # noqa: S101 - asked for above
    lines: list[str] = []
    rest = b""
    while chunk := await process.stdout.read(_LINE_BYTES):
        *whole, rest = (rest + chunk).replace(b"\r", b"\n").split(b"\n")
        rest = rest[-_LINE_BYTES:]
        for raw in whole:
            _keep(raw, lines, on_line)
    _keep(rest, lines, on_line)
    return lines


def _keep(raw: bytes, lines: list[str], on_line: Callable[[str], None] | None) -> None:
    line = raw[:_LINE_BYTES].decode(errors="replace").rstrip()
    if not line:
        return
    lines.append(line)
    del lines[:-_KEPT_LINES]
    if on_line:
        on_line(line)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ask the program's group to end, then kill it."""
    for sign, patience in ((signal.SIGTERM, _GRACE_SECONDS), (signal.SIGKILL, None)):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), patience)
            break
    with suppress(ProcessLookupError):  # children that outlived their parent
        os.killpg(process.pid, signal.SIGKILL)
        # They die a moment later; what undoes their work comes after them.
        for _ in range(_LAST_LOOKS):
            await asyncio.sleep(_LOOK_SECONDS)
            os.killpg(process.pid, 0)
