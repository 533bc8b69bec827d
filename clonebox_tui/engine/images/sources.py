"""The host's own Debian package sources, as an image may use them: no third parties, no credentials.

Formats: sources.list(5), both the one-line and the deb822 style.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import msgspec

_COMPONENTS = frozenset({"main", "contrib", "non-free", "non-free-firmware"})
_POCKETS = ("", "-updates", "-security", "-backports")
_KEYRING = "debian-archive-keyring"
_ONE_LINE = re.compile(r"^deb\s+(?:\[(?P<options>[^]]*)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)\s*(?P<rest>.*)$")


class Source(msgspec.Struct, frozen=True):
    """One archive: its address, suites, components, and the keyring that signs it ("" = the default)."""

    uri: str
    suites: tuple[str, ...]
    components: tuple[str, ...]
    signed_by: str = ""

    def without_credentials(self) -> "Source":
        """The same archive without `user:password@` in its address."""
        parts = urlsplit(self.uri)
        host = parts.netloc.rpartition("@")[2]
        return msgspec.structs.replace(self, uri=urlunsplit(parts._replace(netloc=host)))

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown: the credentials in the address."""
        credentials = urlsplit(self.uri).netloc.rpartition("@")[0]
        return (credentials, *(part for part in credentials.split(":")[1:] if part)) if credentials else ()

    def deb822(self) -> str:
        """One stanza of a `.sources` file."""
        lines = [
            "Types: deb",
            f"URIs: {self.uri}",
            f"Suites: {' '.join(self.suites)}",
            f"Components: {' '.join(self.components)}",
        ]
        return "\n".join([*lines, *([f"Signed-By: {self.signed_by}"] if self.signed_by else [])]) + "\n"


def debian_sources(suite: str, host_suite: str, etc_apt: Path = Path("/etc/apt")) -> tuple[Source, ...]:
    """Debian's own archives among the host's sources, turned to `suite` where the host runs `host_suite`."""
    found: dict[Source, None] = {}
    for source in _read_all(etc_apt):
        for uri in _addresses(source.uri):
            kept = _debian_part(msgspec.structs.replace(source, uri=uri), suite, host_suite)
            if kept:
                found[kept] = None
    return tuple(found)


def _debian_part(source: Source, suite: str, host_suite: str) -> Source | None:
    """What of `source` is Debian's own, or None. Others' archives have own keys, suites or components."""
    signed_by_debian = not source.signed_by or _KEYRING in source.signed_by
    names = {f"{host_suite}{pocket}": f"{suite}{pocket}" for pocket in _POCKETS}
    suites = tuple(names[name] for name in source.suites if name in names)
    components = tuple(name for name in source.components if name in _COMPONENTS)
    if not (signed_by_debian and suites and components) or urlsplit(source.uri).scheme not in {
        "http",
        "https",
    }:
        return None
    return msgspec.structs.replace(source, suites=suites, components=components)


def _addresses(uri: str) -> Iterable[str]:
    """The address itself, or those in the local list that a `mirror+file:` address names."""
    if not uri.startswith("mirror+file:"):
        return [uri]
    path = Path(urlsplit(uri.removeprefix("mirror+")).path)
    lines = path.read_text(errors="replace").splitlines() if path.is_file() else []
    return [line.split()[0] for line in lines if line.strip() and not line.startswith("#")][:1]


def _read_all(etc_apt: Path) -> Iterable[Source]:
    parts = sorted((etc_apt / "sources.list.d").glob("*"))
    for path in [etc_apt / "sources.list", *parts]:
        if not path.is_file():
            continue
        text = path.read_text(errors="replace")
        if path.suffix == ".sources":
            yield from _deb822(text)
        elif path.suffix == ".list":
            yield from _one_line(text)


def _one_line(text: str) -> Iterable[Source]:
    for line in text.splitlines():
        match = _ONE_LINE.match(line.split("#")[0].strip())
        if match:
            options = dict(part.split("=", 1) for part in (match["options"] or "").split() if "=" in part)
            components = tuple(match["rest"].split())
            yield Source(match["uri"], (match["suite"],), components, options.get("signed-by", ""))


def _deb822(text: str) -> Iterable[Source]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for stanza in re.split(r"\n\s*\n", "\n".join(lines)):
        fields = _fields(stanza)
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").lower() == "no":
            continue
        for uri in fields.get("uris", "").split():
            suites, components = (tuple(fields.get(key, "").split()) for key in ("suites", "components"))
            yield Source(uri, suites, components, fields.get("signed-by", "").strip())


def _fields(stanza: str) -> dict[str, str]:
    """Field names (lower case) to values; a line that starts with a space goes on with the one before."""
    fields: dict[str, str] = {}
    name = ""
    for line in stanza.splitlines():
        if line[:1].isspace():
            fields[name] = f"{fields.get(name, '')}\n{line.strip()}"
        elif ":" in line:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            fields[name] = value.strip()
    return fields
