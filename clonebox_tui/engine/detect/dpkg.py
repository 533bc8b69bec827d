"""Knows which package a file belongs to and which packages were asked for, from dpkg's and apt's own files.

Formats: dpkg-query(1) `.list` files, deb-control(5) for `status`, dpkg-divert(1) for `diversions`, and
apt's `extended_states` (what `apt-mark showauto` prints). No process is started.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from clonebox_tui.engine.detect.files import entries

_MERGED = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_FIELD = re.compile(r"^([A-Za-z0-9-]+):[ \t]*(.*)$", re.MULTILINE)
_WANTED = {
    "Package", "Status", "Version", "Architecture", "Section", "Priority", "Essential", "Installed-Size",
    "Depends", "Auto-Installed",
}  # fmt: skip


@dataclass(frozen=True)
class Package:
    """One installed package as dpkg records it; `automatic` means pulled in by another one."""

    name: str
    version: str
    architecture: str = ""
    section: str = ""
    priority: str = ""
    essential: bool = False
    installed_bytes: int = 0
    depends: frozenset[str] = frozenset()
    automatic: bool = False


@dataclass(frozen=True)
class Diversion:
    """`path` is put aside as `moved_to` because package `by` has its own file there ("" for local ones)."""

    path: str
    moved_to: str
    by: str


def stanzas(text: str) -> Iterator[dict[str, str]]:
    """The first lines of the wanted fields of every stanza of a control file."""
    for block in re.split(r"\n[ \t]*\n", text):
        fields = {name: value.strip() for name, value in _FIELD.findall(block) if name in _WANTED}
        if "Package" in fields:
            yield fields


def parse_extended_states(text: str) -> frozenset[tuple[str, str]]:
    """(package, architecture) of everything apt marks as automatically installed.

    apt files packages for all architectures under the native one; here they stand under `all` too.
    """
    marked = [fields for fields in stanzas(text) if fields.get("Auto-Installed") == "1"]
    return frozenset(
        (fields["Package"], architecture)
        for fields in marked
        for architecture in (fields.get("Architecture", ""), "all")
    )


def parse_status(text: str, automatic: frozenset[tuple[str, str]] = frozenset()) -> dict[str, Package]:
    """Installed packages by name (not those that are only half there or left configuration behind)."""
    found: dict[str, Package] = {}
    for fields in stanzas(text):
        if fields.get("Status", "").split()[-1:] == ["installed"]:
            found.setdefault(fields["Package"], _package(fields, automatic))
    return found


def parse_diversions(text: str) -> tuple[Diversion, ...]:
    """Three lines each: the path, where it was moved to, the package (or `:` for a local diversion)."""
    lines = text.splitlines()
    triples = zip(lines[0::3], lines[1::3], lines[2::3], strict=False)
    return tuple(Diversion(path, moved, "" if by == ":" else by) for path, moved, by in triples)


def read_packages(root: Path) -> dict[str, Package]:
    """All installed packages; empty where there is no dpkg."""
    states = _text(root / "var/lib/apt/extended_states")
    return parse_status(_text(root / "var/lib/dpkg/status"), parse_extended_states(states))


def read_owners(paths: Iterable[str], root: Path) -> dict[str, str]:
    """The owning package of each path that has one; every `.list` file is read once.

    A merged /usr is seen through (dpkg may list /bin/x for /usr/bin/x), and so are diversions.
    """
    diversions = parse_diversions(_text(root / "var/lib/dpkg/diversions"))
    merged = tuple(top for top in _MERGED if (root / top[1:]).is_symlink())
    wanted = {path: _spellings(path, merged) for path in set(paths)}
    lookups = {path: _lookup(names, diversions) for path, names in wanted.items()}
    needles = {name.encode(errors="surrogateescape") for names, _, _ in lookups.values() for name in names}
    holders = _holders(needles, root / "var/lib/dpkg/info")
    owners = {path: _choose(lookup, holders) for path, lookup in lookups.items()}
    return {path: owner for path, owner in owners.items() if owner}


Lookup = tuple[frozenset[str], str | None, str | None]
"""Names to look for, the package it must be (or None), the package it cannot be (or None)."""


def _spellings(path: str, merged: tuple[str, ...]) -> frozenset[str]:
    names = {path}
    for top in merged:
        if path.startswith(f"{top}/"):
            names.add(f"/usr{path}")
        if path.startswith(f"/usr{top}/"):
            names.add(path.removeprefix("/usr"))
    return frozenset(names)


def _lookup(names: frozenset[str], diversions: tuple[Diversion, ...]) -> Lookup:
    for diversion in diversions:
        if diversion.moved_to in names:
            return frozenset({diversion.path}), None, diversion.by
        if diversion.path in names:
            return names, diversion.by, None
    return names, None, None


def _holders(needles: set[bytes], folder: Path) -> dict[str, list[str]]:
    holders: dict[str, list[str]] = {}
    for listing in entries(folder):
        if listing.suffix == ".list":
            found = needles.intersection(_bytes(listing).split(b"\n"))
            for name in found:
                package = listing.stem.partition(":")[0]
                holders.setdefault(name.decode(errors="surrogateescape"), []).append(package)
    return holders


def _choose(lookup: Lookup, holders: dict[str, list[str]]) -> str:
    names, must, cannot = lookup
    packages = sorted({package for name in names for package in holders.get(name, [])})
    fitting = [package for package in packages if must in (None, package) and package != cannot]
    return fitting[0] if fitting else ""


def _package(fields: dict[str, str], automatic: frozenset[tuple[str, str]]) -> Package:
    name, architecture = fields["Package"], fields.get("Architecture", "")
    size = fields.get("Installed-Size", "")
    depends = re.findall(r"(?:^|[,|])\s*([a-z0-9][a-z0-9+.-]+)", fields.get("Depends", ""))
    return Package(
        name=name,
        version=fields.get("Version", ""),
        architecture=architecture,
        section=fields.get("Section", ""),
        priority=fields.get("Priority", ""),
        essential=fields.get("Essential") == "yes",
        installed_bytes=int(size) * 1024 if size.isdigit() else 0,  # recorded in KiB
        depends=frozenset(depends),
        automatic=(name, architecture) in automatic or (architecture == "all" and (name, "all") in automatic),
    )


def _text(path: Path) -> str:
    return _bytes(path).decode("utf-8", "replace")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
