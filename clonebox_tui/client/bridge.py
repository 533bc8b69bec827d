"""The other end of `--host`: copies between ssh's streams and the worker's socket until either ends."""

import os
import socket
import threading

_PIECE_BYTES = 64 * 1024


def carry(connected: socket.socket, source: int = 0, sink: int = 1) -> None:
    """Copy both ways; returns when the worker hangs up, or ssh does."""
    connected.setblocking(True)
    upward = threading.Thread(target=_upward, args=(source, connected), daemon=True)
    upward.start()
    try:
        while data := connected.recv(_PIECE_BYTES):
            _write(sink, data)
    except OSError:
        return  # Either end is gone: so are we.


def _upward(source: int, connected: socket.socket) -> None:
    try:
        while data := os.read(source, _PIECE_BYTES):
            connected.sendall(data)
        connected.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _write(sink: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(sink, view) :]
