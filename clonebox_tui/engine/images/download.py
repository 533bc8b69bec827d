"""Bring an image file here, hashed on the way: from a path or an address, in a thread of its own."""

import asyncio
import errno
import hashlib
import threading
import urllib.request
from base64 import b64encode
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit, urlunsplit

from clonebox_tui.engine.breakage import explained
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.model.secrets import without_credentials

_CHUNK_BYTES = 1 << 20
_TIMEOUT_SECONDS = 60.0
_SCHEMES = frozenset({"http", "https", "file"})

Seen = Callable[[float, float | None], None]


def is_address(source: str) -> bool:
    """Whether `source` is an address rather than a path."""
    return "://" in source


async def fetch(source: str, target: Path, seen: Seen) -> str:
    """Copy `source` to `target`; returns its SHA-512 (hex). `seen` gets (bytes so far, total or None).

    Stops within one chunk when the task is cancelled.
    Raises FILE_NOT_FOUND, DOWNLOAD_FAILED, USAGE (an address of another kind).
    """
    stop = threading.Event()
    loop = asyncio.get_running_loop()

    def report(done: float, total: float | None) -> None:
        loop.call_soon_threadsafe(seen, done, total)

    copying = asyncio.create_task(asyncio.to_thread(_copy, source, target, report, stop))
    try:
        return await asyncio.shield(copying)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait([copying])
        raise


def _copy(source: str, target: Path, seen: Seen, stop: threading.Event) -> str:
    digest = hashlib.sha512()
    done = 0
    try:
        stream, total = _open(source)
        with stream, target.open("wb") as out:
            while (chunk := stream.read(_CHUNK_BYTES)) and not stop.is_set():
                digest.update(chunk)
                out.write(chunk)
                done += len(chunk)
                seen(float(done), total)
    except (OSError, HTTPException, ValueError) as error:
        # Without its cause: Python's own words repeat the address, with its password.
        raise _failed(source, error) from None
    if total is not None and done < total and not stop.is_set():
        raise _failed(source, OSError(f"only {done} of {total:.0f} bytes came"))
    return digest.hexdigest()


def _open(source: str) -> tuple[IO[bytes], float | None]:
    if not is_address(source):
        path = Path(source).expanduser()
        if not path.is_file():
            raise problem(Code.FILE_NOT_FOUND, f"There is no file {source}.", next="Check the path.")
        return path.open("rb"), float(path.stat().st_size)
    if urlsplit(source).scheme not in _SCHEMES:
        raise problem(
            Code.USAGE,
            f"{urlsplit(source).scheme} addresses are not supported.",
            next="Give a path, or an address that begins with https://, http:// or file://.",
        )
    response: IO[bytes] = urllib.request.urlopen(_request(source), timeout=_TIMEOUT_SECONDS)  # noqa: S310 - checked above
    length = response.headers.get("Content-Length")  # type: ignore[attr-defined]
    return response, float(length) if length and length.isdigit() else None


def _request(source: str) -> urllib.request.Request:
    """The address without its user and password, which go into a header that no redirection carries on."""
    parts = urlsplit(source)
    user, at, host = parts.netloc.rpartition("@")
    request = urllib.request.Request(urlunsplit(parts._replace(netloc=host)))  # noqa: S310 - checked before
    if at:
        name, _, password = user.partition(":")
        pair = f"{unquote(name)}:{unquote(password)}".encode()
        request.add_unredirected_header("Authorization", f"Basic {b64encode(pair).decode()}")
    return request


def _failed(source: str, error: Exception) -> ProblemError:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return ProblemError(explained(error))
    return problem(
        Code.DOWNLOAD_FAILED,
        f"{without_credentials(source)} could not be fetched.",
        why=str(getattr(error, "reason", "") or error).replace(source, without_credentials(source)),
        next="Check the address and the connection, then try again.",
    )
