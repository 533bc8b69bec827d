"""What a front end says first: who it is, which machines there are, what it wants to hear.

A first picture needs no more. Everything that can be asked is in `rpc`, these included; what is imported
before that picture takes them from here, since all of it together takes a while to build.
"""

from typing import Generic, TypeVar

import msgspec

from clonebox_tui.model.connection import Connection
from clonebox_tui.model.host_limits import HostLimits
from clonebox_tui.model.job import Job
from clonebox_tui.model.machine import Machine
from clonebox_tui.model.problem import Problem

P = TypeVar("P")
R = TypeVar("R")

PROTOCOL = 1
"""Major version of the wire. Front ends of another major may not even read."""

MAX_LINE_BYTES = 16 * 1024 * 1024
"""Longest JSON document either side accepts."""

ENVIRONMENT_ALLOWED = ("HOME", "USER", "LANG", "LC_ALL", "PATH", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
"""Variables a front end passes on; `${NAME}` in a project file also names others, sent with them."""


class Method(Generic[P, R]):
    """A row of the table: a name, what goes in, what comes out, and whether it changes anything."""

    def __init__(
        self,
        name: str,
        params: type[P],
        result: type[R],
        summary: str,
        changes: bool = False,
        patience_seconds: float | None = None,
    ) -> None:
        self.name = name
        self.params = params
        self.result = result
        self.summary = summary
        self.changes = changes
        self.patience_seconds = patience_seconds
        """How long it may take, where that is longer than of others: it reads whole disks."""


class Context(msgspec.Struct, frozen=True):
    """Where and as what a request was made."""

    cwd: str
    env: dict[str, str] = {}


class Nothing(msgspec.Struct, frozen=True):
    """No parameters, or nothing to say."""


class Hello(msgspec.Struct, frozen=True):
    """First request of every front end."""

    version: str
    protocol: int = PROTOCOL
    ssh_agent: str = ""
    """SSH_AUTH_SOCK of whoever asks: the worker's own may be of a login that has ended."""


class Welcome(msgspec.Struct, frozen=True):
    """Who the worker is. `may_change` is false when the versions differ: reading only. `arguments` is what
    it was started with: options, each followed by its value."""

    version: str
    protocol: int
    pid: int
    may_change: bool
    demo: bool
    arguments: tuple[str, ...] = ()
    environment: dict[str, str] = {}
    """What of the worker's own environment a front end on another host stands for its own: HOME, PATH …"""


class Fleet(msgspec.Struct, frozen=True):
    """Everything a machine list needs, at one moment. `event` is the last event's id.

    `more`: so many machines there are besides; ask for the list to have them.
    """

    machines: tuple[Machine, ...]
    connections: tuple[Connection, ...]
    event: int
    limits: HostLimits | None = None
    more: int = 0


class Connect(msgspec.Struct, frozen=True):
    """Connections this front end wants besides the worker's own; the answer is the fleet.

    `first`: only so many machines by name, of those connections if some are named: what fits on a screen
    is there long before thousands are. 0: all of them.
    """

    uris: tuple[str, ...]
    first: int = 0


class Watch(msgspec.Struct, frozen=True):
    """What this front end wants to hear. Replaces what it asked for before.

    `samples`: a `samples` notification a tick. `detail`: machine ids on screen: their costly counters
    are read at every tick, their snapshots listed every 2 s. `since`: last event seen; what was missed
    and is still kept is sent first, otherwise a fresh fleet.changed with everything.
    """

    samples: bool = True
    detail: tuple[str, ...] = ()
    since: int | None = None


class Jobs(msgspec.Struct, frozen=True):
    """Jobs, newest first. `trouble`: what befell the list itself, until somebody has seen it."""

    jobs: tuple[Job, ...]
    trouble: Problem | None = None


class OpenedStream(msgspec.Struct, frozen=True):
    """A stream was opened: its notifications carry this number, unique in the connection."""

    stream: int


HELLO = Method("worker.hello", Hello, Welcome, "Introduce a front end")
FLEET = Method("fleet.list", Nothing, Fleet, "All machines and connections")
CONNECT = Method("fleet.connect", Connect, Fleet, "Add connections, and list all")
WATCH = Method("fleet.watch", Watch, Nothing, "Choose the notifications to receive")
JOBS = Method("job.list", Nothing, Jobs, "Jobs, newest first")
