"""Finds what a host starts at boot: systemd's links on disk, and sysv links where no unit stands for them.

Formats: systemd.unit(5) for `*.wants` and `*.requires` folders, update-rc.d(8) for `/etc/rc?.d`. Presets
are wishes of a distribution and no evidence.
"""

import posixpath
import re
from dataclasses import dataclass
from pathlib import Path

from clonebox_tui.engine.detect.files import entries, small_text, under

UNIT_FOLDERS = ("/etc/systemd/system", "/lib/systemd/system", "/usr/lib/systemd/system")
RUNLEVELS = ("rc2.d", "rc3.d", "rc4.d", "rc5.d")
_EXEC = re.compile(r"^ExecStart=[@:+!|-]*(/\S+)", re.MULTILINE)


@dataclass(frozen=True)
class EnabledUnit:
    """A unit that is started at boot: its own file's path on the host, and the link that says so."""

    unit: str
    path: str
    link: str
    executables: tuple[str, ...] = ()

    @property
    def stem(self) -> str:
        """The name without its type: `nginx` of `nginx.service`."""
        return self.unit.rpartition(".")[0] or self.unit


def read_enabled(root: Path) -> tuple[EnabledUnit, ...]:
    """Enabled services, sockets of which no service is enabled, and sysv scripts without a unit."""
    wanted = _wanted_units(root)
    services = {unit.stem for unit in wanted if unit.unit.endswith(".service")}
    units = [unit for unit in wanted if unit.unit.endswith(".service") or unit.stem not in services]
    return (*units, *_sysv(root))


def unit_file(root: Path, name: str) -> str:
    """Where a unit's file lies on the host, in systemd's own order; "" for none, also when masked (a link
    to /dev/null, which is no file)."""
    stem, at, rest = name.partition("@")
    names = (name, f"{stem}@.{rest.rpartition('.')[2]}") if at else (name,)
    for folder in UNIT_FOLDERS:
        for known in names:
            place = under(root, f"{folder}/{known}")
            if place.is_symlink() or place.is_file():
                return _resolved(root, f"{folder}/{known}")
    return ""


def _wanted_units(root: Path) -> list[EnabledUnit]:
    found: dict[str, EnabledUnit] = {}
    for folder in entries(root / "etc/systemd/system"):
        if folder.suffix not in (".wants", ".requires"):
            continue
        for link in entries(folder):
            path = unit_file(root, link.name) if link.suffix in (".service", ".socket") else ""
            if path and not link.name.endswith("@.service"):
                programs = tuple(_EXEC.findall(small_text(under(root, path))))
                found.setdefault(
                    link.name, EnabledUnit(link.name, path, f"/{link.relative_to(root)}", programs)
                )
    return list(found.values())


def _resolved(root: Path, path: str) -> str:
    """Follow a unit's link to the file a package brought, inside `root`."""
    place = under(root, path)
    if not place.is_symlink():
        return path
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), str(place.readlink())))
    return target if under(root, target).is_file() else ""


def _sysv(root: Path) -> list[EnabledUnit]:
    found: dict[str, EnabledUnit] = {}
    for level in RUNLEVELS:
        for link in entries(root / "etc" / level):
            match = re.fullmatch(r"S\d\d(.+)", link.name)
            if match and not _has_unit(root, match[1]) and (root / "etc/init.d" / match[1]).is_file():
                path = f"/etc/init.d/{match[1]}"
                found.setdefault(match[1], EnabledUnit(match[1], path, f"/etc/{level}/{link.name}"))
    return list(found.values())


def _has_unit(root: Path, name: str) -> bool:
    """Whether systemd would take a unit instead of the script (also a masked one)."""
    stem = name.removesuffix(".sh")
    return any(
        place.is_symlink() or place.exists()
        for folder in UNIT_FOLDERS
        for place in [under(root, f"{folder}/{stem}.service")]
    )
