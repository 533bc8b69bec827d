"""Texts of the form and the wish they mean: pure, so that every rule of it can be tested without a screen."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from clonebox_tui.model.environment import GIBIBYTE, MachineWish, PortWish, ShareWish

ARROW = "->"
READ_ONLY = "(read-only)"


@dataclass(frozen=True)
class Field:
    """One line of the form; `name` is also the key under which the worker reports its faults."""

    name: str
    title: str
    hint: str
    many_lines: bool = False


FIELDS = (
    Field("name", "name", "letters, digits, dots, dashes"),
    Field("vcpus", "processors", "virtual CPUs"),
    Field("memory_bytes", "memory GiB", "2, or 0.5; the guest sees all of it"),
    Field("disk_bytes", "disk GiB", "the most it can grow to; takes only what is used"),
    Field("username", "user", "the account in the machine, entered by key"),
    Field("packages", "packages", "Debian packages, separated by spaces"),
    Field("services", "services", "units to enable and start, separated by spaces"),
    Field("ports", "ports", "8080 must answer in the guest; 18080:8080 also leads there from this host"),
    Field("shares", "shares", f"live folders, one a line: HOST {ARROW} GUEST {READ_ONLY}", many_lines=True),
)


def texts_of(wish: MachineWish) -> dict[str, str]:
    """What stands in the form for a wish."""
    return {
        "name": wish.name,
        "vcpus": str(wish.vcpus),
        "memory_bytes": f"{wish.memory_bytes / GIBIBYTE:g}",
        "disk_bytes": f"{wish.disk_bytes / GIBIBYTE:g}",
        "username": wish.username,
        "packages": " ".join(wish.packages),
        "services": " ".join(wish.services),
        "ports": " ".join(_port_text(port) for port in wish.ports),
        "shares": "\n".join(
            f"{share.host} {ARROW} {share.guest}{' ' + READ_ONLY if share.readonly else ''}"
            for share in wish.shares
        ),
    }


def _port_text(port: PortWish) -> str:
    guest = str(port.guest) if port.protocol == "tcp" else f"{port.guest}/{port.protocol}"
    return guest if port.host is None else f"{port.host}:{guest}"


def wish_of(texts: Mapping[str, str], before: MachineWish) -> tuple[MachineWish, dict[str, str]]:
    """The wish the texts mean, and a sentence for each that means nothing (it keeps its old value)."""
    faults: dict[str, str] = {}
    values: dict[str, object] = {"name": texts["name"].strip(), "username": texts["username"].strip()}
    for name, parse in _PARSERS.items():
        try:
            values[name] = parse(texts[name])
        except ValueError as error:
            faults[name] = str(error)
    known = {port.guest: port.service for port in before.ports}
    wish = msgspec.structs.replace(before, **values)
    ports = tuple(msgspec.structs.replace(port, service=known.get(port.guest, "")) for port in wish.ports)
    return msgspec.structs.replace(wish, ports=ports), faults


def _count(text: str) -> int:
    if not text.strip().isdecimal() or int(text) < 1:
        raise ValueError("a whole number from 1")
    return int(text)


def _gibibytes(text: str) -> int:
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError as error:
        raise ValueError("a number of GiB, for example 2 or 0.5") from error
    if not 0 < value < 1 << 20:
        raise ValueError("a number of GiB above 0")
    # Whole MiB: what project files and libvirt count in.
    return round(value * 1024) * 1024**2


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.replace(",", " ").split()))


def _ports(text: str) -> tuple[PortWish, ...]:
    return tuple(_port(word) for word in _words(text))


def _port(word: str) -> PortWish:
    numbers, _, protocol = word.partition("/")
    host, colon, guest = numbers.rpartition(":")
    if not guest.isdecimal() or (colon and not host.isdecimal()):
        raise ValueError(f"“{word}” is no port: write 8080, or 18080:8080")
    return PortWish(int(guest), int(host) if colon else None, protocol or "tcp")


def _shares(text: str) -> tuple[ShareWish, ...]:
    return tuple(_share(line.strip()) for line in text.splitlines() if line.strip())


def _share(line: str) -> ShareWish:
    readonly = line.endswith(READ_ONLY)
    host, arrow, guest = line.removesuffix(READ_ONLY).partition(f" {ARROW} ")
    if not arrow or not host.strip() or not guest.strip():
        raise ValueError(f"“{line}” lacks its “ {ARROW} ”: write HOST {ARROW} GUEST")
    return ShareWish(host.strip(), guest.strip(), readonly)


_PARSERS = {
    "vcpus": _count,
    "memory_bytes": _gibibytes,
    "disk_bytes": _gibibytes,
    "packages": _words,
    "services": _words,
    "ports": _ports,
    "shares": _shares,
}
