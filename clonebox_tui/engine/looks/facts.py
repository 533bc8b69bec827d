"""What a disk tells of its system without being booted: packages, services started at boot, users."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from clonebox_tui.engine.detect.dpkg import parse_status
from clonebox_tui.engine.looks.ext4 import FileSystem
from clonebox_tui.model.difference import FactChange, Kind

_STATUS, _PASSWD, _UNITS = "/var/lib/dpkg/status", "/etc/passwd", "/etc/systemd/system"
_MOST_BYTES = 64 << 20

Facts = Mapping[str, str]
"""A name, and what is said of it."""


class System:
    """The records of one disk; a kind that it does not keep is None."""

    def __init__(self, packages: Facts | None, services: Facts | None, users: Facts | None) -> None:
        self.packages = packages
        self.services = services
        self.users = users


async def read_system(disk: FileSystem) -> System:
    """Read them."""
    status, passwd = await _text(disk, _STATUS), await _text(disk, _PASSWD)
    return System(
        None if status is None else {one.name: one.version for one in parse_status(status).values()},
        await _services(disk),
        None if passwd is None else users(passwd),
    )


def users(passwd: str) -> dict[str, str]:
    """Entries of passwd(5) by name: uid, group, home, shell."""
    lines = [line.split(":") for line in passwd.splitlines()]
    return {
        each[0]: f"uid {each[2]}, gid {each[3]}, {each[5]}, {each[6]}" for each in lines if len(each) == 7
    }


def changes(before: Facts | None, after: Facts | None) -> tuple[FactChange, ...] | None:
    """What differs, by name; None when neither side keeps such records."""
    if before is None and after is None:
        return None
    old, new = before or {}, after or {}
    found = []
    for name in sorted({*old, *new}):
        if name not in old:
            found.append(FactChange(name, Kind.ADDED, "", new[name]))
        elif name not in new:
            found.append(FactChange(name, Kind.REMOVED, old[name], ""))
        elif old[name] != new[name]:
            found.append(FactChange(name, Kind.CHANGED, old[name], new[name]))
    return tuple(found)


async def _services(disk: FileSystem) -> dict[str, str] | None:
    """Units that systemd starts by links in `*.wants` and `*.requires`, and those that are masked."""
    folder = await disk.find(_UNITS)
    if folder is None or not folder.is_folder:
        return None
    units = (await disk.tree([_UNITS])).entries.values()
    found: dict[str, str] = {}
    for each in units:
        if each.is_link and Path(each.path).parent.suffix in (".wants", ".requires"):
            found[Path(each.path).name] = "enabled"
    direct = [each for each in units if each.is_link and str(Path(each.path).parent) == _UNITS]
    for path, target in (await disk.targets(direct)).items():
        if target == "/dev/null":
            found[Path(path).name] = "masked"
    return found


async def _text(disk: FileSystem, path: str) -> str | None:
    entry = await disk.find(path)
    if entry is None or not entry.is_file:
        return None
    with TemporaryDirectory(prefix="clonebox-look-") as folder:
        return (await disk.read(entry, Path(folder), _MOST_BYTES)).decode(errors="replace")
