"""The worker's socket lies in a folder that must be the user's own: both of its ends check that here.

The folder is under /tmp, where anybody may have made one of that name before us.
"""

import os
import socket
import stat
import struct
from pathlib import Path

from clonebox_tui.model.problem import Code, problem

PATH_LIMIT_BYTES = 107
"""sockaddr_un.sun_path holds 108 bytes with its final zero (unix(7))."""

_PEER = struct.Struct("3i")
"""struct ucred of SO_PEERCRED: pid, uid, gid."""


def check_length(path: Path) -> None:
    """Raise when the kernel could not bind or find a socket of this name."""
    length = len(os.fsencode(path))
    if length > PATH_LIMIT_BYTES:
        raise problem(
            Code.WORKER_UNAVAILABLE,
            "The path of the worker's socket is too long.",
            why=f"{path} has {length} bytes, the system allows {PATH_LIMIT_BYTES}",
            next="Set CLONEBOX_RUNTIME_DIR to a shorter folder of your own.",
        )


def check_folder(folder: Path) -> None:
    """Raise unless `folder` is a real folder of this user that nobody else may enter. It must exist."""
    found = folder.lstat()
    mode = stat.S_IMODE(found.st_mode)
    if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not mode & 0o077:
        return
    raise problem(
        Code.PERMISSION_DENIED,
        "The folder of the worker's socket is not private, so it is not used.",
        why=f"{folder} belongs to uid {found.st_uid} and has mode {mode:04o}; it must be yours with 0700",
        next=f"Remove {folder}, or set CLONEBOX_RUNTIME_DIR to a folder of your own.",
    )


def make_folder(folder: Path) -> None:
    """Make `folder` (0700) with what is missing above it, and check it."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)
    check_folder(folder)


def peer_uid(connected: socket.socket) -> int:
    """The user at the other end of a connected UNIX socket, as the kernel knows it."""
    credentials = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    return int(_PEER.unpack(credentials)[1])


def check_peer(connected: socket.socket) -> None:
    """Raise unless the other end is this user or root."""
    uid = peer_uid(connected)
    if uid not in (os.geteuid(), 0):
        raise problem(
            Code.PERMISSION_DENIED,
            "The other end of the worker's socket is another user.",
            why=f"it runs as uid {uid}, this process as uid {os.geteuid()}",
            next="Use a worker of your own.",
        )
