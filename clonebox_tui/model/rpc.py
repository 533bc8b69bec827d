"""The wire between front ends and the worker: JSON-RPC 2.0, one JSON document a line, duplex.

`METHODS` is the whole table: the worker serves it, the client calls it, `worker describe` prints it.
Notifications (worker to client) are the structs tagged below, sent as `{"jsonrpc": "2.0", "method":
TAG, "params": {...}}`. Requests carry the caller's directory and allow-listed environment in
`Context` where they matter; the worker never uses its own, stale ones.
"""

from typing import Generic, TypeVar

import msgspec

from clonebox_tui.model.acts import Act
from clonebox_tui.model.connection import Connection, HostReading
from clonebox_tui.model.environment import CheckReport, DetectedItem, HostLimits, MachineWish
from clonebox_tui.model.image import Image
from clonebox_tui.model.job import Job
from clonebox_tui.model.log import LogLine
from clonebox_tui.model.machine import Machine, MachineDetails
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.problem import Problem
from clonebox_tui.model.sample import Reading, Series
from clonebox_tui.model.snapshot import Snapshot

PROTOCOL = 1
"""Major version of the wire. Front ends of another major may not even read."""

MAX_LINE_BYTES = 16 * 1024 * 1024
"""Longest JSON document either side accepts."""

ENVIRONMENT_ALLOWED = ("HOME", "USER", "LANG", "LC_ALL", "PATH", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
"""Variables a front end passes on; `${NAME}` in a project file also names others, sent with them."""


class Context(msgspec.Struct, frozen=True):
    """Where and as what a request was made."""

    cwd: str
    env: dict[str, str] = {}


# -- requests ------------------------------------------------------------------------------------


class Nothing(msgspec.Struct, frozen=True):
    """No parameters, or nothing to say."""


class Hello(msgspec.Struct, frozen=True):
    """First request of every front end."""

    version: str
    protocol: int = PROTOCOL


class Welcome(msgspec.Struct, frozen=True):
    """Who the worker is. `may_change` is false when the versions differ: reading only."""

    version: str
    protocol: int
    pid: int
    may_change: bool
    demo: bool


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


class Fleet(msgspec.Struct, frozen=True):
    """Everything a machine list needs, at one moment. `event` is the last event's id."""

    machines: tuple[Machine, ...]
    connections: tuple[Connection, ...]
    event: int
    limits: HostLimits | None = None


class Connect(msgspec.Struct, frozen=True):
    """Connections this front end wants besides the worker's own; the answer is the fleet."""

    uris: tuple[str, ...]


class Watch(msgspec.Struct, frozen=True):
    """What this front end wants to hear. Replaces what it asked for before.

    `samples`: a `samples` notification a tick. `detail`: machine ids on screen: their costly counters
    are read at every tick, their snapshots listed every 2 s. `since`: last event seen; what was missed
    and is still kept is sent first, otherwise a fresh fleet.changed with everything.
    """

    samples: bool = True
    detail: tuple[str, ...] = ()
    since: int | None = None


class OnMachine(msgspec.Struct, frozen=True):
    """About one machine, by id."""

    machine: str


class HistoryWanted(msgspec.Struct, frozen=True):
    """History of one machine over the last `seconds`, in at most `points` readings."""

    machine: str
    seconds: float = 600.0
    points: int = 300


class Snapshots(msgspec.Struct, frozen=True):
    """The snapshots of one machine, any order."""

    machine: str
    snapshots: tuple[Snapshot, ...]


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


class Jobs(msgspec.Struct, frozen=True):
    """Jobs, newest first."""

    jobs: tuple[Job, ...]


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

    `source` is one of MachineDetails.log_sources (`serial`, `qemu`, …); empty means the first.
    """

    machine: str
    source: str = ""
    lines: int = 200
    follow: bool = True


class Detect(msgspec.Struct, frozen=True):
    """Look at the environment around `directory`; findings come as stream notifications."""

    directory: str
    context: Context


class OpenedStream(msgspec.Struct, frozen=True):
    """A stream was opened: its notifications carry this number, unique in the connection."""

    stream: int


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


class Text(msgspec.Struct, frozen=True):
    """Some text."""

    text: str


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


# -- notifications -------------------------------------------------------------------------------


class FleetChanged(msgspec.Struct, frozen=True, tag_field="kind", tag="fleet.changed"):
    """Machines that changed or came, ids that went, connections that changed. `whole`: forget the rest."""

    event: int
    machines: tuple[Machine, ...] = ()
    removed: tuple[str, ...] = ()
    connections: tuple[Connection, ...] = ()
    whole: bool = False


class Samples(msgspec.Struct, frozen=True, tag_field="kind", tag="samples"):
    """One tick: readings that differ from the last tick's, for all machines; hosts; UNIX seconds."""

    time: float
    readings: tuple[Reading, ...]
    hosts: tuple[HostReading, ...] = ()


class JobsChanged(msgspec.Struct, frozen=True, tag_field="kind", tag="jobs.changed"):
    """Jobs that changed, whole."""

    event: int
    jobs: tuple[Job, ...]


class SnapshotsChanged(msgspec.Struct, frozen=True, tag_field="kind", tag="snapshots.changed"):
    """The snapshots of a watched machine, whole."""

    event: int
    machine: str
    snapshots: tuple[Snapshot, ...]


class Chunk(msgspec.Struct, frozen=True, tag_field="kind", tag="stream", omit_defaults=True):
    """A piece of a stream. Which fields are set depends on what was opened:

    exec: `stdout`/`stderr` bytes, at the end `exit_code` (or `timed_out`); log: `lines`;
    detect: `items`. The last one has `end`, with `problem` when it ended badly.
    """

    stream: int
    sequence: int
    stdout: bytes = b""
    stderr: bytes = b""
    lines: tuple[LogLine, ...] = ()
    items: tuple[DetectedItem, ...] = ()
    exit_code: int | None = None
    timed_out: bool = False
    truncated: bool = False
    end: bool = False
    problem: Problem | None = None


Notification = FleetChanged | Samples | JobsChanged | SnapshotsChanged | Chunk

# -- the table -----------------------------------------------------------------------------------

P = TypeVar("P")
R = TypeVar("R")


class Method(Generic[P, R]):
    """A row of the table: a name, what goes in, what comes out, and whether it changes anything."""

    def __init__(
        self, name: str, params: type[P], result: type[R], summary: str, changes: bool = False
    ) -> None:
        self.name = name
        self.params = params
        self.result = result
        self.summary = summary
        self.changes = changes


HELLO = Method("worker.hello", Hello, Welcome, "Introduce a front end")
STATUS = Method("worker.status", Nothing, WorkerStatus, "How the worker is")
STOP = Method("worker.stop", StopWorker, Nothing, "Ask the worker to leave")
FLEET = Method("fleet.list", Nothing, Fleet, "All machines and connections")
CONNECT = Method("fleet.connect", Connect, Fleet, "Add connections, and list all")
WATCH = Method("fleet.watch", Watch, Nothing, "Choose the notifications to receive")
SHOW = Method("machine.show", OnMachine, MachineDetails, "One machine in full")
HISTORY = Method("machine.history", HistoryWanted, Series, "Past readings of a machine")
SNAPSHOTS = Method("snapshot.list", OnMachine, Snapshots, "The snapshots of a machine")
PLAN = Method("act.plan", PlanAct, Plan, "What an act would do")
RUN = Method("act.run", RunAct, Job, "Do an act, as a job", changes=True)
JOBS = Method("job.list", Nothing, Jobs, "Jobs, newest first")
JOB = Method("job.show", OnJob, Job, "One job")
JOB_LOG = Method("job.log", OnJob, JobLog, "What a job logged")
CANCEL = Method("job.cancel", OnJob, Job, "Ask a job to stop and undo what it did", changes=True)
EXECUTE = Method("exec.start", Execute, OpenedStream, "Run a command in a guest", changes=True)
FOLLOW_LOG = Method("log.follow", FollowLog, OpenedStream, "Read a machine's log")
DETECT = Method("detect.start", Detect, OpenedStream, "Look at the environment around a folder")
STREAM_ACK = Method("stream.ack", StreamAck, Nothing, "Say how far a stream was taken")
STREAM_WRITE = Method("stream.write", StreamWrite, Nothing, "Send input to a stream", changes=True)
STREAM_CLOSE = Method("stream.close", CloseStream, Nothing, "End a stream")
PREPARE = Method("clone.prepare", PrepareClone, Prepared, "Turn a folder into a wish")
RENDER = Method("config.render", RenderConfig, Text, "The project file of a wish")
CHECK_WISH = Method("config.check_wish", CheckWish, WishFaults, "Validate a wish")
CHECK_CONFIG = Method("config.check", CheckConfig, CheckReport, "Check a project file")
SCHEMA = Method("config.schema", Nothing, Text, "JSON Schema of the project file")
IMAGES = Method("image.list", OnConnection, Images, "Base images")
SURVEY = Method("doctor.survey", OnConnection, Survey, "What this host can do")
FIX = Method("doctor.fix", Fix, Survey, "Fix what can be fixed", changes=True)
DESCRIBE = Method("worker.describe", Nothing, Text, "This table, as OpenRPC")

METHODS: tuple[Method[object, object], ...] = tuple(
    value for value in list(globals().values()) if isinstance(value, Method)
)
