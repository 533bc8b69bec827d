"""What is different between two states of a machine's disk."""

from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """How something differs."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class FactChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """A package, a service or a user that differs; `before` and `after` are its version, state or entry,
    empty where it is not there."""

    name: str
    kind: Kind
    before: str = ""
    after: str = ""


class FileChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file, folder or link that differs. `what` names what of a changed one: `content`, `mode`, `owner`,
    `type`, `target`. `text` is a unified diff where both are short texts."""

    path: str
    kind: Kind
    what: tuple[str, ...] = ()
    size_before: int | None = None
    size_after: int | None = None
    text: str = ""
    note: str = ""
    """Why there is no text, or what of it was left out."""


class Difference(msgspec.Struct, frozen=True, omit_defaults=True):
    """From the state `before` to the state `after`; the present is called by an empty name.

    Packages, services (those started at boot) and users are None where the disk holds no such records,
    then `notes` say why.
    """

    machine: str
    before: str
    after: str
    source: str
    """Where this comes from, in a few words."""
    paths: tuple[str, ...]
    files: tuple[FileChange, ...] = ()
    packages: tuple[FactChange, ...] | None = None
    services: tuple[FactChange, ...] | None = None
    users: tuple[FactChange, ...] | None = None
    used_before_bytes: int | None = None
    used_after_bytes: int | None = None
    truncated: bool = False
    """There was more than is looked at."""
    notes: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing differs."""
        return not (self.files or self.packages or self.services or self.users)


class DiffWanted(msgspec.Struct, frozen=True):
    """Compare two snapshots of a machine; an empty name is the present. Without `paths` the usual ones
    are compared: settings, homes, and what was put beside the packages."""

    machine: str
    before: str
    after: str = ""
    paths: tuple[str, ...] = ()


class FileWanted(msgspec.Struct, frozen=True):
    """A file of a snapshot (of the present, without a name), at most `limit_bytes` of it."""

    machine: str
    snapshot: str
    path: str
    limit_bytes: int = 8 << 20


class FileFound(msgspec.Struct, frozen=True):
    """A file as it was. `truncated`: it is longer."""

    content: bytes
    mode: int
    uid: int
    gid: int
    size: int
    truncated: bool = False
