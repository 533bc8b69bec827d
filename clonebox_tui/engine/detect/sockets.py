"""Lists listening TCP and UDP sockets with the process behind each, from /proc/net (proc(5))."""

import ipaddress
import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from clonebox_tui.engine.detect.files import entries, small_text

_TCP_LISTEN = "0A"
_UDP_UNCONNECTED = "07"
_TABLES = (("tcp", "tcp"), ("tcp6", "tcp"), ("udp", "udp"), ("udp6", "udp"))
_MAX_TABLE_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class Listener:
    """A socket that takes connections or datagrams; `inode` ties it to a process."""

    protocol: str
    address: str
    port: int
    inode: int

    @property
    def family(self) -> str:
        """`ipv4` or `ipv6`."""
        return "ipv6" if ":" in self.address else "ipv4"

    @property
    def loopback(self) -> bool:
        """Whether only this host itself can reach it."""
        address = ipaddress.ip_address(self.address)
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        return (mapped or address).is_loopback


def parse_listeners(table: str, protocol: str) -> tuple[Listener, ...]:
    """Listening sockets of one /proc/net table; lines of an unknown form are left out."""
    found = []
    for line in table.splitlines()[1:]:
        fields = line.split()
        if len(fields) < 10 or not _is_listening(fields, protocol):
            continue
        address, _, port = fields[1].partition(":")
        try:
            found.append(Listener(protocol, parse_address(address), int(port, 16), int(fields[9])))
        except ValueError:
            continue
    return tuple(found)


def parse_address(text: str) -> str:
    """The kernel's hexadecimal form: 32-bit words, each in the host's byte order (little-endian here)."""
    words = bytes.fromhex(text)
    if len(words) not in (4, 16):
        raise ValueError(f"not an address: {text!r}")
    swapped = b"".join(words[index : index + 4][::-1] for index in range(0, len(words), 4))
    return socket.inet_ntop(socket.AF_INET if len(words) == 4 else socket.AF_INET6, swapped)


def read_listeners(root: Path) -> tuple[Listener, ...]:
    """Every listening socket of this network namespace."""
    found: list[Listener] = []
    for table, protocol in _TABLES:
        found += parse_listeners(small_text(root / "proc/net" / table, _MAX_TABLE_BYTES), protocol)
    return tuple(found)


def read_socket_owners(root: Path, inodes: Iterable[int]) -> dict[int, int]:
    """The lowest pid that holds each socket open; those of other users cannot be seen by everybody."""
    wanted = {f"socket:[{inode}]": inode for inode in inodes}
    owners: dict[int, int] = {}
    folders = [folder for folder in entries(root / "proc") if folder.name.isdigit()]
    for folder in sorted(folders, key=lambda folder: int(folder.name)):
        for descriptor in _descriptors(folder):
            inode = wanted.get(descriptor)
            if inode is not None:
                owners.setdefault(inode, int(folder.name))
    return owners


def _is_listening(fields: list[str], protocol: str) -> bool:
    if protocol == "tcp":
        return fields[3] == _TCP_LISTEN
    return fields[3] == _UDP_UNCONNECTED and set(fields[2].partition(":")[2]) == {"0"}


def _descriptors(folder: Path) -> list[str]:
    targets = []
    try:
        with os.scandir(folder / "fd") as descriptors:
            names = [descriptor.path for descriptor in descriptors]
    except OSError:
        return []
    for name in names:
        try:
            targets.append(os.readlink(name))  # noqa: PTH115 - thousands of them
        except OSError:
            continue  # closed meanwhile
    return targets
