"""What front ends and the worker say about a project: detection, wishes, files; see `rpc`."""

import msgspec

from clonebox_tui.model.environment import CheckReport, DetectedItem, MachineWish
from clonebox_tui.model.opening import Context


class Detect(msgspec.Struct, frozen=True):
    """Look at the environment around `directory`; findings come as stream notifications."""

    directory: str
    context: Context


class PrepareClone(msgspec.Struct, frozen=True):
    """Turn a folder into a wish: by its project file when it has one, else from `items`.

    `directory` may be a file (create -f). `settings` are `--set` overrides `key=value`. `items` None
    means: detect, and take what is suggested. The other fields, where set, win over file and defaults.
    """

    directory: str
    context: Context
    items: tuple[DetectedItem, ...] | None = None
    name: str = ""
    profile: str = ""
    settings: tuple[str, ...] = ()
    connection: str = ""


class Prepared(msgspec.Struct, frozen=True):
    """A wish with the text of its file. `existing`: the file was there and is used as it stands."""

    wish: MachineWish
    connection: str
    directory: str
    config_text: str
    existing: bool
    report: CheckReport | None = None


class RenderConfig(msgspec.Struct, frozen=True):
    """The text of the project file that says `wish` (the wizard's preview)."""

    wish: MachineWish
    items: tuple[DetectedItem, ...] = ()


class CheckConfig(msgspec.Struct, frozen=True):
    """Check a project file, or the one of a folder; with `text`, that text in its stead."""

    path: str
    context: Context
    text: str | None = None


class CheckWish(msgspec.Struct, frozen=True):
    """Validate a wish as typed in the wizard, host limits and taken names included."""

    wish: MachineWish
    connection: str = ""


class WishFaults(msgspec.Struct, frozen=True):
    """A sentence for each field that cannot stand; keys are MachineWish field names (`name`,
    `memory_bytes`, `shares.0.host` …)."""

    errors: dict[str, str] = {}
    warnings: dict[str, str] = {}
