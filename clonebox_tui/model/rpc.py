"""The wire between front ends and the worker: JSON-RPC 2.0, one JSON document a line, duplex.

What is said lies in `opening`, `messages`, `project_messages` and `notifications`, and can be had from here.
`METHODS` is the whole table: the worker serves it, the client calls it, `worker describe` prints it.
Notifications (worker to client) are tagged structs, sent as `{"jsonrpc": "2.0", "method":
TAG, "params": {...}}`. Requests carry the caller's directory and allow-listed environment in
`Context` where they matter; the worker never uses its own, stale ones.
"""

from clonebox_tui.model.chunk import Chunk as Chunk
from clonebox_tui.model.connection import Connection
from clonebox_tui.model.connection_messages import AddConnection as AddConnection
from clonebox_tui.model.connection_messages import HostKeys as HostKeys
from clonebox_tui.model.connection_messages import KeptConnections as KeptConnections
from clonebox_tui.model.connection_messages import OnUri as OnUri
from clonebox_tui.model.connection_messages import ShownKey as ShownKey
from clonebox_tui.model.connection_messages import Trust as Trust
from clonebox_tui.model.console_messages import GivenPassword as GivenPassword
from clonebox_tui.model.console_messages import GivePassword as GivePassword
from clonebox_tui.model.console_messages import OpenConsole as OpenConsole
from clonebox_tui.model.console_messages import ResizeConsole as ResizeConsole
from clonebox_tui.model.diagnosis import Diagnosis
from clonebox_tui.model.difference import Difference as Difference
from clonebox_tui.model.difference import DiffWanted as DiffWanted
from clonebox_tui.model.difference import FileFound as FileFound
from clonebox_tui.model.difference import FileWanted as FileWanted
from clonebox_tui.model.environment import CheckReport
from clonebox_tui.model.guest_files import GuestEntry as GuestEntry
from clonebox_tui.model.guest_files import GuestFolder as GuestFolder
from clonebox_tui.model.guest_files import GuestPath as GuestPath
from clonebox_tui.model.guest_files import GuestText as GuestText
from clonebox_tui.model.job import Job
from clonebox_tui.model.machine import MachineDetails
from clonebox_tui.model.messages import Asked as Asked
from clonebox_tui.model.messages import Check as Check
from clonebox_tui.model.messages import CloseStream as CloseStream
from clonebox_tui.model.messages import Execute as Execute
from clonebox_tui.model.messages import Fix as Fix
from clonebox_tui.model.messages import FollowLog as FollowLog
from clonebox_tui.model.messages import HistoryWanted as HistoryWanted
from clonebox_tui.model.messages import Images as Images
from clonebox_tui.model.messages import JobLog as JobLog
from clonebox_tui.model.messages import OnConnection as OnConnection
from clonebox_tui.model.messages import OnJob as OnJob
from clonebox_tui.model.messages import OnMachine as OnMachine
from clonebox_tui.model.messages import PlanAct as PlanAct
from clonebox_tui.model.messages import RunAct as RunAct
from clonebox_tui.model.messages import Snapshots as Snapshots
from clonebox_tui.model.messages import StopWorker as StopWorker
from clonebox_tui.model.messages import StreamAck as StreamAck
from clonebox_tui.model.messages import StreamWrite as StreamWrite
from clonebox_tui.model.messages import Survey as Survey
from clonebox_tui.model.messages import Text as Text
from clonebox_tui.model.messages import WorkerStatus as WorkerStatus
from clonebox_tui.model.notifications import FleetChanged as FleetChanged
from clonebox_tui.model.notifications import JobsChanged as JobsChanged
from clonebox_tui.model.notifications import Leaving as Leaving
from clonebox_tui.model.notifications import News
from clonebox_tui.model.notifications import Samples as Samples
from clonebox_tui.model.notifications import SnapshotsChanged as SnapshotsChanged
from clonebox_tui.model.opening import CONNECT as CONNECT
from clonebox_tui.model.opening import ENVIRONMENT_ALLOWED as ENVIRONMENT_ALLOWED
from clonebox_tui.model.opening import FLEET as FLEET
from clonebox_tui.model.opening import HELLO as HELLO
from clonebox_tui.model.opening import JOBS as JOBS
from clonebox_tui.model.opening import MAX_LINE_BYTES as MAX_LINE_BYTES
from clonebox_tui.model.opening import PROTOCOL as PROTOCOL
from clonebox_tui.model.opening import WATCH as WATCH
from clonebox_tui.model.opening import Connect as Connect
from clonebox_tui.model.opening import Context as Context
from clonebox_tui.model.opening import Fleet as Fleet
from clonebox_tui.model.opening import Hello as Hello
from clonebox_tui.model.opening import Jobs as Jobs
from clonebox_tui.model.opening import Method as Method
from clonebox_tui.model.opening import Nothing as Nothing
from clonebox_tui.model.opening import OpenedStream as OpenedStream
from clonebox_tui.model.opening import Watch as Watch
from clonebox_tui.model.opening import Welcome as Welcome
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.project_messages import CheckConfig as CheckConfig
from clonebox_tui.model.project_messages import CheckWish as CheckWish
from clonebox_tui.model.project_messages import Detect as Detect
from clonebox_tui.model.project_messages import PrepareClone as PrepareClone
from clonebox_tui.model.project_messages import Prepared as Prepared
from clonebox_tui.model.project_messages import RenderConfig as RenderConfig
from clonebox_tui.model.project_messages import WishFaults as WishFaults
from clonebox_tui.model.sample import Series
from clonebox_tui.model.snapshot_policy import SnapshotPolicy as SnapshotPolicy
from clonebox_tui.model.trash import Trash as Trash
from clonebox_tui.model.undo import Deeds as Deeds
from clonebox_tui.model.undo import OnDeed as OnDeed
from clonebox_tui.model.undo import PlannedUndo as PlannedUndo
from clonebox_tui.model.undo import Undo as Undo

STATUS = Method("worker.status", Nothing, WorkerStatus, "How the worker is")
STOP = Method("worker.stop", StopWorker, Nothing, "Ask the worker to leave")
SHOW = Method("machine.show", OnMachine, MachineDetails, "One machine in full")
WHY = Method("machine.why", OnMachine, Diagnosis, "Explain why a machine is not ready")
HISTORY = Method("machine.history", HistoryWanted, Series, "Past readings of a machine, or of a host")
SNAPSHOTS = Method("snapshot.list", OnMachine, Snapshots, "The snapshots of a machine")
POLICY = Method("snapshot.policy", OnMachine, SnapshotPolicy, "How often a machine takes snapshots by itself")
DIFFERENCE = Method(
    "snapshot.diff", DiffWanted, Difference, "What differs between two moments", patience_seconds=1800.0
)
SNAPSHOT_FILE = Method(
    "snapshot.file", FileWanted, FileFound, "A file as it is in a snapshot", patience_seconds=900.0
)
PLAN = Method("act.plan", PlanAct, Plan, "What an act would do")
RUN = Method("act.run", RunAct, Job, "Do an act, as a job", changes=True)
JOB = Method("job.show", OnJob, Job, "One job")
JOB_LOG = Method("job.log", OnJob, JobLog, "What a job logged")
JOB_ACT = Method("job.act", OnJob, Asked, "What an ended job was asked to do, to ask it again")
TROUBLE_SEEN = Method("job.trouble_seen", Nothing, Nothing, "Somebody saw what befell the list of jobs")
CANCEL = Method("job.cancel", OnJob, Job, "Ask a job to stop and undo what it did", changes=True)
DEEDS = Method("undo.list", Nothing, Deeds, "What was done lately, and what of it can be undone")
PLAN_UNDO = Method("undo.plan", OnDeed, PlannedUndo, "What an undo, or a redo, would do")
UNDO = Method("undo.run", Undo, Job, "Undo what was done, or do it again, as a job", changes=True)
TRASH = Method("trash.list", Nothing, Trash, "Deleted machines and snapshots that can be brought back")
EXECUTE = Method("exec.start", Execute, OpenedStream, "Run a command in a guest", changes=True)
OPEN_CONSOLE = Method("console.open", OpenConsole, OpenedStream, "Open a serial console", changes=True)
RESIZE_CONSOLE = Method("console.resize", ResizeConsole, Nothing, "Tell its terminal's size", changes=True)
GIVE_PASSWORD = Method("console.password", GivePassword, GivenPassword, "Set a user's password", changes=True)
LIST_FILES = Method("files.list", GuestPath, GuestFolder, "What a folder of a guest holds")
READ_FILE = Method("files.read", GuestPath, GuestText, "The beginning of a guest's file")
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
KEPT_CONNECTIONS = Method("connection.kept", Nothing, KeptConnections, "Connections that are kept")
ADD_CONNECTION = Method("connection.add", AddConnection, Connection, "Connect now and always", changes=True)
REMOVE_CONNECTION = Method("connection.remove", OnUri, Nothing, "Leave a connection for good", changes=True)
RETRY_CONNECTION = Method("connection.retry", OnUri, Connection, "Connect anew, at once")
HOST_KEYS = Method("connection.host_keys", OnUri, HostKeys, "The host keys another host shows")
TRUST = Method("connection.trust", Trust, HostKeys, "Accept host keys", changes=True)
DESCRIBE = Method("worker.describe", Nothing, Text, "This table, as OpenRPC")

Notification = News | Chunk
"""All that the worker says by itself."""

METHODS: tuple[Method[object, object], ...] = tuple(
    value for value in list(globals().values()) if isinstance(value, Method)
)
