"""Find the worker's socket, or start a worker and wait for it; no asyncio, so that it can run first of all.

Whoever holds the lock beside the worker's starts it; others who come at the same moment only wait. The
worker's own lock stays the truth: a second worker would leave by itself.
"""

import errno
import fcntl
import os
import select
import socket
import sys
import time
from collections.abc import Mapping, Sequence

from clonebox_tui.model.places import Places
from clonebox_tui.model.problem import Code, Problem, ProblemError, problem
from clonebox_tui.private_files import make_private_folder, open_private
from clonebox_tui.private_socket import check_folder, check_length, check_peer

START_SECONDS = 30.0
"""How long a worker may take until it listens; ten times what a busy machine needed."""

_PASSED_ON = (
    *("HOME", "USER", "LOGNAME", "PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "SSH_AUTH_SOCK"),
    *("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "COVERAGE_PROCESS_START"),
)
_PASSED_PREFIXES = ("CLONEBOX_", "XDG_", "LIBVIRT_")

_RETRY_SECONDS = 0.02
_OUTPUT_LIMIT_BYTES = 1024 * 1024
_LEAST_FREE_BYTES = 256 * 1024
"""What a worker's store and logs need to begin; where there is less, that is why it did not start."""


_started: set[int] = set()
"""Workers that this process started: its children, whom nobody else can bury."""


def _reap() -> None:
    """Bury those that died; whoever lost its worker comes here to find another."""
    for pid in [*_started]:
        try:
            if os.waitpid(pid, os.WNOHANG) == (0, 0):
                continue
        except ChildProcessError:
            pass  # buried by somebody else
        _started.discard(pid)


def worker_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """What a spawned worker may know of its starter's environment."""
    return {
        name: value
        for name, value in environment.items()
        if name in _PASSED_ON or name.startswith(_PASSED_PREFIXES)
    }


def is_as_wanted(arguments: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether a worker that was started with `arguments` is what one wants who would give `wanted`."""
    return set(zip(wanted[::2], wanted[1::2], strict=False)) <= set(
        zip(arguments[::2], arguments[1::2], strict=False)
    )


class Approach:
    """One attempt to reach the worker: `step` now and then, or `finish` at once."""

    def __init__(self, places: Places, arguments: Sequence[str], spawn: bool = True) -> None:
        self._places = places
        self._arguments = tuple(arguments)
        self._spawn = spawn
        self._deadline = time.monotonic() + START_SECONDS
        self._lock: int | None = None
        self._ready: int | None = None
        self._pid: int | None = None

    def step(self) -> socket.socket | None:
        """A connected socket when the worker listens; otherwise see that one is being started."""
        _reap()
        connected = self._connect()
        if connected is None and self._spawn and self._pid is None:
            try:
                connected = self._begin()
            except OSError as error:
                raise self._unusable(error) from error
        if connected is not None:
            self.close()
        return connected

    def finish(self) -> socket.socket:
        """Wait until the worker is reached; WORKER_UNAVAILABLE when it cannot be."""
        try:
            while True:
                connected = self.step()
                if connected is not None:
                    return connected
                if not self._spawn:
                    raise self._not_there()
                if time.monotonic() > self._deadline:
                    raise self._silent("it did not listen in time")
                self._wait()
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the lock and the pipe; a worker that was started stays."""
        if self._pid is not None:
            _started.add(self._pid)
        for descriptor in (self._lock, self._ready):
            if descriptor is not None:
                os.close(descriptor)
        self._lock = self._ready = None

    def failure(self) -> Problem | None:
        """Nothing is known beyond the loss itself: it is tried again."""
        return None

    def _begin(self) -> socket.socket | None:
        """Start the worker, unless another front end is at it, or it listens by now."""
        if not self._take_lock():
            return None
        # Between the first look and the lock another may have started it.
        connected = self._connect()
        if connected is None:
            self._start()
        return connected

    def _connect(self) -> socket.socket | None:
        check_length(self._places.socket)
        try:
            check_folder(self._places.runtime)
        except FileNotFoundError:
            return None
        connecting = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        try:
            connecting.connect(str(self._places.socket))
            check_peer(connecting)
        except (FileNotFoundError, ConnectionRefusedError, BlockingIOError):
            connecting.close()
            return None
        except (OSError, ProblemError):
            connecting.close()
            raise
        return connecting

    def _take_lock(self) -> bool:
        make_private_folder(self._places.state)
        if self._lock is None:
            path = self._places.state / "spawn.lock"
            self._lock = open_private(path, os.O_RDWR)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _start(self) -> None:
        """Start the worker; it says `!` on the pipe when it listens, and makes itself a daemon."""
        self._ready, told = os.pipe()
        output = open_private(self._output, os.O_WRONLY | os.O_APPEND)
        if os.fstat(output).st_size > _OUTPUT_LIMIT_BYTES:
            os.ftruncate(output, 0)
        # -P: the front end's folder is no place to import from.
        command = [sys.executable, "-P", "-m", "clonebox_tui.worker", "--ready-fd", "3", *self._arguments]
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            *((os.POSIX_SPAWN_DUP2, output, number) for number in (1, 2)),
            (os.POSIX_SPAWN_DUP2, told, 3),
        ]
        try:
            self._pid = os.posix_spawn(
                sys.executable, command, worker_environment(os.environ), file_actions=actions, setsid=True
            )
        finally:
            os.close(told)
            os.close(output)

    def _wait(self) -> None:
        if self._ready is None or self._pid is None:
            time.sleep(_RETRY_SECONDS)
            return
        if not select.select([self._ready], [], [], 1.0)[0]:
            return
        listening = os.read(self._ready, 1) == b"!"
        os.close(self._ready)
        self._ready = None
        if listening:
            return
        _, status = os.waitpid(self._pid, 0)
        self._pid = None
        # 0: it found another worker, which may have been about to leave.
        if status != 0:
            raise self._silent("it left at once")

    @property
    def _output(self) -> str:
        return str(self._places.worker_output)

    def _unusable(self, error: OSError) -> ProblemError:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        return problem(
            Code.DISK_FULL if full else Code.WORKER_UNAVAILABLE,
            "The worker cannot be started.",
            why=str(error),
            next=f"{'Make room in' if full else 'See that you may write in'} {self._places.state}.",
        )

    def _not_there(self) -> ProblemError:
        return problem(
            Code.WORKER_UNAVAILABLE,
            "No worker is running.",
            why=f"nobody listens at {self._places.socket}",
            next="Start one with `clonebox-tui worker run`, or use any other command: it starts one.",
        )

    def _silent(self, reason: str) -> ProblemError:
        try:
            with open(self._output, encoding="utf-8", errors="replace") as stream:  # noqa: PTH123 pathlib.read_text reads all
                last = tuple(stream.read().splitlines()[-5:])
        except OSError:
            last = ()
        left = os.statvfs(self._places.state)
        if left.f_bavail * left.f_frsize < _LEAST_FREE_BYTES:
            return self._unusable(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
        return problem(
            Code.WORKER_UNAVAILABLE,
            "The worker could not be started.",
            why=f"{reason}: {last[-1] if last else 'it said nothing'}",
            next=f"Read {self._output} and {self._places.worker_log}.",
            details=last,
        )
