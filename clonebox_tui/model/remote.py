"""Other hosts in URIs: which connections lead to one, whom ssh calls for it, and a short name for each."""

import re
from collections.abc import Iterable

import msgspec

from clonebox_tui.model.problem import Code, ProblemError, problem

_HOST = r"[A-Za-z0-9_][A-Za-z0-9_.:%-]*"
_USER = r"[A-Za-z0-9_][A-Za-z0-9_.@\\+-]*"
"""Neither may begin with a dash: ssh would take it for an option. Compiled when first used."""


class SshTarget(msgspec.Struct, frozen=True):
    """Whom ssh calls. `port` 0 and an empty `user`: as the person's own ssh configuration says."""

    host: str
    user: str = ""
    port: int = 0
    keyfile: str = ""

    @property
    def pin_name(self) -> str:
        """The name under which its host key is pinned (known_hosts' own form)."""
        host = self.host.lower()
        return f"[{host}]:{self.port}" if self.port else host

    @property
    def words(self) -> tuple[str, ...]:
        """ssh's own arguments for it; the command to run may follow."""
        key = ("-o", "IdentitiesOnly=yes", "-i", self.keyfile) if self.keyfile else ()
        user = ("-l", self.user) if self.user else ()
        port = ("-p", str(self.port)) if self.port else ()
        return (*key, *user, *port, "--", self.host)

    @property
    def uri(self) -> str:
        """As `--host` takes it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        user = f"{self.user}@" if self.user else ""
        return f"ssh://{user}{host}{f':{self.port}' if self.port else ''}"


def _authority(uri: str) -> str:
    return uri.partition("://")[2].partition("/")[0].partition("?")[0]


def _path(uri: str) -> str:
    return uri.partition("?")[0].rpartition("/")[2]


def is_remote(uri: str) -> bool:
    """Whether a connection's machines and files lie on another host than the worker's."""
    return bool(_authority(uri)) and not uri.startswith("simulated:")


def ssh_target(uri: str) -> SshTarget | None:
    """Whom ssh calls for this URI; None where ssh has no part in it. USAGE when it cannot be called so."""
    scheme = uri.partition("://")[0]
    if scheme != "ssh" and not scheme.endswith("+ssh"):
        return None
    from urllib.parse import parse_qs, unquote, urlsplit  # only for other hosts

    try:
        parts = urlsplit(uri)
        host, user, port = parts.hostname or "", unquote(parts.username or ""), parts.port or 0
    except ValueError as error:
        raise _unusable(uri, str(error)) from error
    if not re.fullmatch(_HOST, host):
        raise _unusable(uri, f"{host!r} is no name of a host")
    if user and not re.fullmatch(_USER, user):
        raise _unusable(uri, f"{user!r} is no name of a user")
    if parts.password is not None:
        raise _unusable(uri, "a password stands in it; keys alone are used")
    return SshTarget(host, user, port, parse_qs(parts.query).get("keyfile", [""])[0])


def _unusable(uri: str, why: str) -> ProblemError:
    shown = re.sub(r":[^@/]*@", ":…@", uri)
    return problem(
        Code.USAGE,
        f"{shown} names no host that ssh could call.",
        why=why,
        next="For example: ssh://user@server",
    )


def host_target(uri: str) -> SshTarget:
    """What `--host` names; USAGE when it is no ssh://user@server[:port]."""
    target = ssh_target(uri) if uri.startswith("ssh://") else None
    if target is None or uri.partition("://")[2].partition("?")[0].rstrip("/") != _authority(uri):
        raise _unusable(uri, "it wants ssh://user@server[:port]")
    return target


def host_labels(uris: Iterable[str]) -> dict[str, str]:
    """A short name for each connection, unlike all others: `web1`, `system`, `web1/session`, or the URI."""
    known = tuple(uris)
    ladders = {uri: _ladder(uri) for uri in known}
    labels: dict[str, str] = {}
    for uri, ladder in ladders.items():
        others = {name for other, names in ladders.items() if other != uri for name in names}
        labels[uri] = next((name for name in ladder if name not in others), uri)
    return labels


def _ladder(uri: str) -> tuple[str, ...]:
    """Names from short to full."""
    host = _authority(uri).rpartition("@")[2]
    bare = host if host.startswith("[") else host.partition(":")[0]
    path = _path(uri) if "/" in uri.partition("://")[2].partition("?")[0] else ""
    if not bare:
        return (path or uri, uri)
    short = bare if bare.startswith("[") or bare.replace(".", "").isdigit() else bare.partition(".")[0]
    names = (short, bare, host, f"{short}/{path}", f"{host}/{path}", f"{_authority(uri)}/{path}")
    return (*names, uri)
