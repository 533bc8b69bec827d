"""What is said about connections as such: keeping them, leaving them out, and accepting a host's key."""

import msgspec


class AddConnection(msgspec.Struct, frozen=True):
    """Connect to `uri` now and whenever a worker starts."""

    uri: str


class OnUri(msgspec.Struct, frozen=True):
    """About one connection, by its URI."""

    uri: str


class KeptConnections(msgspec.Struct, frozen=True):
    """What the configuration says: connections that were added, and usual ones that were taken away."""

    added: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


class ShownKey(msgspec.Struct, frozen=True):
    """A host's public key as a person compares it. `kind` as ssh names it, e.g. `ssh-ed25519`."""

    kind: str
    fingerprint: str


class HostKeys(msgspec.Struct, frozen=True):
    """The keys a host shows now, and those that were accepted for it before."""

    host: str
    shown: tuple[ShownKey, ...]
    accepted: tuple[ShownKey, ...] = ()

    @property
    def state(self) -> str:
        """`known`, `unknown` (none was ever accepted) or `changed`."""
        if not self.accepted:
            return "unknown"
        return "known" if any(key in self.accepted for key in self.shown) else "changed"


class Trust(msgspec.Struct, frozen=True):
    """Accept the keys with these fingerprints; `replace`: in place of others that were accepted before."""

    uri: str
    fingerprints: tuple[str, ...]
    replace: bool = False
