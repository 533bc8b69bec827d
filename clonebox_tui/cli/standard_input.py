"""Passes our standard input on to a stream, whatever it is: a pipe, a file, /dev/null, a socket.

A thread reads it. asyncio's own way refuses files and /dev/null, and makes what is shared with the caller
non-blocking for everybody.
"""

import asyncio
import os
import threading
from concurrent.futures import CancelledError

from clonebox_tui.client import Stream
from clonebox_tui.model.problem import ProblemError

_PIECE_BYTES = 64 * 1024
_STANDARD_INPUT = 0


def is_given() -> bool:
    """Whether there is something to pass on: a terminal is not passed, and a closed input is none."""
    try:
        os.fstat(_STANDARD_INPUT)
    except OSError:
        return False
    return not os.isatty(_STANDARD_INPUT)


def pass_on(stream: Stream) -> None:
    """Send all of it, at the pace of whoever takes it; returns at once.

    The thread is a daemon, so that input nobody ends keeps neither ctrl+c nor the end of the command.
    """
    loop = asyncio.get_running_loop()
    threading.Thread(target=_read_all, args=(stream, loop), name="standard input", daemon=True).start()


def _read_all(stream: Stream, loop: asyncio.AbstractEventLoop) -> None:
    # os.read: Python's own buffer has a lock, which a thread that waits would hold at exit.
    piece = _read()
    while _send(stream, loop, piece) and piece:
        piece = _read()


def _read() -> bytes:
    try:
        return os.read(_STANDARD_INPUT, _PIECE_BYTES)
    except OSError:
        return b""  # A folder, say, cannot be read: there is no input then.


def _send(stream: Stream, loop: asyncio.AbstractEventLoop, piece: bytes) -> bool:
    """False when nobody takes it any more: the command has ended, or we have."""
    writing = stream.write(piece, end=not piece)
    try:
        asyncio.run_coroutine_threadsafe(writing, loop).result()
    except RuntimeError:
        writing.close()
        return False
    except (ProblemError, CancelledError):
        return False
    return True
