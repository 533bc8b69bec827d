"""Where libvirt listens by now when it is not where a URI says: an upgrade may move its socket."""

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

_SYSTEM = (Path("/run/libvirt"), Path("/var/run/libvirt"))
_NAMES = ("virtqemud-sock", "libvirt-sock")
"""Of the daemon for QEMU alone, as libvirt is cut since version 7, and of the one for all."""

_CONNECT_SECONDS = 0.5


def moved_to(uri: str) -> str:
    """A URI by which libvirt can be reached, for one that names a socket nobody listens at; else empty.

    One without a socket needs no help: libvirt's own library looks at all its places at each try.
    """
    wanted = parse_qs(urlsplit(uri).query).get("socket", [""])[0]
    if not wanted or _listens(Path(wanted)):
        return ""
    for found in _candidates(Path(wanted)):
        if _listens(found):
            if found.parent in _SYSTEM:
                return "qemu:///system"
            return uri.replace(wanted, str(found))
    return ""


def _candidates(wanted: Path) -> Iterator[Path]:
    for folder in (wanted.parent, *_SYSTEM):
        for name in _NAMES:
            if folder / name != wanted:
                yield folder / name


def _listens(path: Path) -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(_CONNECT_SECONDS)
        probe.connect(os.fspath(path))
        return True
    return False
