"""What front ends and the worker say to each other: parameters and results of the methods in `rpc`."""

import msgspec

from clonebox_tui.model.acts import Act
from clonebox_tui.model.host_limits import HostLimits
from clonebox_tui.model.image import Image
from clonebox_tui.model.log import LogLine
from clonebox_tui.model.opening import Context
from clonebox_tui.model.snapshot import Snapshot


class WorkerStatus(msgspec.Struct, frozen=True):
    """`worker status`."""

    version: str
    pid: int
    started_at: float
    clients: int
    jobs_running: int
    socket: str
    state_dir: str
    log_file: str
    rss_bytes: int


class StopWorker(msgspec.Struct, frozen=True):
    """Ask the worker to leave; with jobs running it refuses unless `force` (they are rolled back)."""

    force: bool = False


class OnMachine(msgspec.Struct, frozen=True):
    """About one machine, by id."""

    machine: str


class HistoryWanted(msgspec.Struct, frozen=True):
    """History of one machine over the last `seconds`, in at most `points` readings; of a host by the URI of
    its connection."""

    machine: str
    seconds: float = 600.0
    points: int = 300


class Snapshots(msgspec.Struct, frozen=True):
    """The snapshots of one machine, any order."""

    machine: str
    snapshots: tuple[Snapshot, ...]
    hidden: tuple[Snapshot, ...] = ()
    """Deleted ones, which are in the disk until their time in the trash is over."""


class PlanAct(msgspec.Struct, frozen=True):
    """Ask what an act would do; changes nothing."""

    act: Act
    context: Context | None = None


class RunAct(msgspec.Struct, frozen=True):
    """Do an act. With a `fingerprint` it is refused when the world changed since that plan."""

    act: Act
    fingerprint: str = ""
    context: Context | None = None


class OnJob(msgspec.Struct, frozen=True):
    """About one job, by id or unique prefix."""

    job: str


class Asked(msgspec.Struct, frozen=True):
    """What a job was asked to do."""

    act: Act


class JobLog(msgspec.Struct, frozen=True):
    """What a job logged."""

    job: str
    lines: tuple[LogLine, ...]


class Execute(msgspec.Struct, frozen=True):
    """Run a command in the guest; the answer is a stream of `stream` notifications.

    With `stdin` the command's input is what `stream.write` brings, closed by its `end`. At the
    timeout the guest's process is killed and the stream ends with `timed_out`.
    """

    machine: str
    argv: tuple[str, ...]
    timeout_seconds: float = 0.0
    """0: no limit."""
    stdin: bool = False


class FollowLog(msgspec.Struct, frozen=True):
    """Read a log of a machine; `lines` of its end first, then, with `follow`, what comes.

    `source` is one of MachineDetails.log_sources (`serial`, `qemu`, …), `file:/PATH` in the guest or
    `job:ID`; empty means the first. With `sources` these are merged by the times of their lines.
    """

    machine: str
    source: str = ""
    lines: int = 200
    follow: bool = True
    sources: tuple[str, ...] = ()
    lossy: bool = False
    """For eyes: what comes faster than anybody reads is left out, and counted."""


class StreamAck(msgspec.Struct, frozen=True):
    """The front end has taken all up to `sequence`; the worker keeps a bounded window unacknowledged."""

    stream: int
    sequence: int


class StreamWrite(msgspec.Struct, frozen=True):
    """Bytes for the stream's input; `end` closes it."""

    stream: int
    data: bytes = b""
    end: bool = False


class CloseStream(msgspec.Struct, frozen=True):
    """Stop a stream; what runs at its other end is stopped."""

    stream: int


class Text(msgspec.Struct, frozen=True):
    """Some text."""

    text: str


class Images(msgspec.Struct, frozen=True):
    """The images of a connection."""

    images: tuple[Image, ...]


class OnConnection(msgspec.Struct, frozen=True):
    """About one connection; empty: the first that is up."""

    connection: str = ""


class Check(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of `doctor`. `state`: ok, warning (works without), problem. `fix`: one sentence or
    command; `fixable`: doctor --fix can do it."""

    name: str
    state: str
    found: str
    fix: str = ""
    package: str = ""
    fixable: bool = False


class Survey(msgspec.Struct, frozen=True):
    """What this host can do."""

    checks: tuple[Check, ...]
    limits: HostLimits
    accelerator: str
    """`kvm` or `tcg`, as `auto` decides."""
    accelerator_reason: str = ""


class Fix(msgspec.Struct, frozen=True):
    """Fix what can be fixed; empty: everything fixable."""

    names: tuple[str, ...] = ()
