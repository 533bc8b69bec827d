"""What was found on a host and what a machine should become: shared by config, detection and front ends.

`DetectedItem`s come out of detection, `MachineWish` goes into planning. Sizes are bytes, paths absolute.
"""

from enum import StrEnum

import msgspec

from clonebox_tui.model.host_limits import HostLimits as HostLimits

MEBIBYTE = 1024**2
GIBIBYTE = 1024**3


class Accel(StrEnum):
    """Which accelerator a machine asks for; `auto` probes the host."""

    AUTO = "auto"
    KVM = "kvm"
    TCG = "tcg"


class NetworkMode(StrEnum):
    """How a machine reaches the network: `user` needs no root, `default` is libvirt's NAT network."""

    AUTO = "auto"
    USER = "user"
    DEFAULT = "default"


class ShareWish(msgspec.Struct, frozen=True, omit_defaults=True):
    """A folder of the host that appears live in the guest."""

    host: str
    guest: str
    readonly: bool = False


class PortWish(msgspec.Struct, frozen=True, omit_defaults=True):
    """A port that has to answer in the guest.

    `host` and `bind` ask for a forward from the host (None: none asked); `service` names the wished
    service that listens there ("" when nothing is known about it).
    """

    guest: int
    host: int | None = None
    protocol: str = "tcp"
    bind: str = "127.0.0.1"
    service: str = ""


class MachineWish(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything a machine should be, checked: what `config.load` yields and a clone plan starts from.

    `base_image` is the name of an image or an absolute path, None for the standard one. `services` are
    unit names, the suffix `.service` left off. `post_commands` are root shell lines for the guest, kept
    letter by letter. Parents come before the shares nested in them.
    """

    name: str
    vcpus: int
    memory_bytes: int
    disk_bytes: int
    username: str
    uid: int
    base_image: str | None = None
    accel: Accel = Accel.AUTO
    network: NetworkMode = NetworkMode.AUTO
    connection: str | None = None
    shares: tuple[ShareWish, ...] = ()
    packages: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    ports: tuple[PortWish, ...] = ()
    post_commands: tuple[str, ...] = ()


class GuestUser(msgspec.Struct, frozen=True):
    """The account made in the guest: by default the host user's name and uid, `dev` 1000 for root."""

    name: str
    uid: int


class DetectedKind(StrEnum):
    """What an item stands for; `notice` says that a source could not be read."""

    PROJECT = "project"
    SERVICE = "service"
    APPLICATION = "application"
    PACKAGE = "package"
    PORT = "port"
    NOTICE = "notice"


class Confidence(StrEnum):
    """How sure detection is: high = read from a record, medium = concluded, low = guessed."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class ProjectFacts(msgspec.Struct, frozen=True, omit_defaults=True, tag="project"):
    """A folder. `size_bytes` is a lower bound when `size_is_minimum`; the remote carries no credentials."""

    path: str
    is_git: bool = False
    branch: str = ""
    remote: str = ""
    size_bytes: int = 0
    size_is_minimum: bool = False


class ServiceFacts(msgspec.Struct, frozen=True, omit_defaults=True, tag="service"):
    """An enabled unit or sysv script. `running` is None when it cannot be known."""

    unit: str
    package: str = ""
    enabled_by: str = ""
    running: bool | None = None


class ApplicationFacts(msgspec.Struct, frozen=True, omit_defaults=True, tag="application"):
    """A package with running processes; `executable` is the first one's path as installed."""

    package: str
    executable: str
    pids: tuple[int, ...] = ()


class PackageFacts(msgspec.Struct, frozen=True, omit_defaults=True, tag="package"):
    """A package that was asked for by hand (not pulled in as a dependency)."""

    version: str
    section: str = ""
    priority: str = ""
    installed_bytes: int = 0


class PortFacts(msgspec.Struct, frozen=True, omit_defaults=True, tag="port"):
    """A listening socket. `pid` is None when the owner may not be seen."""

    port: int
    protocol: str
    address: str
    family: str
    loopback: bool
    pid: int | None = None
    process: str = ""
    unit: str = ""
    package: str = ""


class NoticeFacts(msgspec.Struct, frozen=True, tag="notice"):
    """A source of detection that failed, and why."""

    source: str
    reason: str


Facts = ProjectFacts | ServiceFacts | ApplicationFacts | PackageFacts | PortFacts | NoticeFacts


class DetectedItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing found on the host, with the sentence that proves it.

    `suggested` items are chosen beforehand. `secret` items are held back (`held_back` says why) and are
    never suggested. `id` is stable between two detections of an unchanged host.
    """

    id: str
    kind: DetectedKind
    name: str
    evidence: str
    confidence: Confidence
    facts: Facts
    suggested: bool = False
    secret: bool = False
    held_back: str = ""


class FaultLevel(StrEnum):
    """error: the file cannot be used; warning: probably a mistake; notice: accepted, does nothing yet."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


class ConfigFault(msgspec.Struct, frozen=True, omit_defaults=True):
    """One finding in a configuration.

    Line and column count from 1; both are 0 for what has no place in the file (`source` then says where
    it came from: `--set`, a profile). `path` is the key path, as in `vm.name` or `packages[2]`.
    """

    level: FaultLevel
    line: int
    column: int
    path: str
    message: str
    hint: str = ""
    source: str = ""

    def text(self) -> str:
        """One line for a person: `12:3 vm.name: …; expected …`."""
        place = f"{self.line}:{self.column}" if self.line else self.source
        parts = [part for part in (place, f"{self.path}:" if self.path else "") if part]
        end = f" ({self.hint})" if self.hint else ""
        return f"{self.level.value}: {' '.join([*parts, self.message])}{end}"


class CheckReport(msgspec.Struct, frozen=True, omit_defaults=True):
    """Every finding of one file, in the file's order."""

    file: str
    faults: tuple[ConfigFault, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the file can be used (warnings and notices do not matter)."""
        return all(fault.level is not FaultLevel.ERROR for fault in self.faults)
