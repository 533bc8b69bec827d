"""One error tree for the whole product: what happened, why, and what to do next.

`code` is stable and documented (docs/troubleshooting.md); it decides the exit code of the headless
commands through `exit_code`.
"""

from enum import IntEnum, StrEnum

import msgspec


class Exit(IntEnum):
    """Exit codes of the headless contract (docs/architecture.md)."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    REFUSED = 4
    INVALID_CONFIG = 5
    UNAVAILABLE = 6
    TIMED_OUT = 7
    INTERRUPTED = 130


class Code(StrEnum):
    """Every error code the product can show."""

    # usage
    USAGE = "usage"
    AMBIGUOUS = "ambiguous"
    NAME_INVALID = "name-invalid"
    NAME_TAKEN = "name-taken"
    # not found
    MACHINE_NOT_FOUND = "machine-not-found"
    SNAPSHOT_NOT_FOUND = "snapshot-not-found"
    CONNECTION_NOT_FOUND = "connection-not-found"
    IMAGE_NOT_FOUND = "image-not-found"
    JOB_NOT_FOUND = "job-not-found"
    FILE_NOT_FOUND = "file-not-found"
    LOG_NOT_FOUND = "log-not-found"
    # refused
    READ_ONLY = "read-only"
    WRONG_STATE = "wrong-state"
    MACHINE_BUSY = "machine-busy"
    PLAN_STALE = "plan-stale"
    IMAGE_IN_USE = "image-in-use"
    SHARE_BUSY = "share-busy"
    NOT_CONFIRMED = "not-confirmed"
    PERMISSION_DENIED = "permission-denied"
    VERSION_MISMATCH = "version-mismatch"
    HOST_KEY_UNKNOWN = "host-key-unknown"
    HOST_KEY_CHANGED = "host-key-changed"
    # configuration
    CONFIG_INVALID = "config-invalid"
    # unavailable here
    NOT_SUPPORTED = "not-supported"
    TOOL_MISSING = "tool-missing"
    LIBVIRT_MISSING = "libvirt-missing"
    CONNECTION_FAILED = "connection-failed"
    CONNECTION_LOST = "connection-lost"
    WORKER_UNAVAILABLE = "worker-unavailable"
    AGENT_UNAVAILABLE = "agent-unavailable"
    DISK_FULL = "disk-full"
    MEMORY_SHORT = "memory-short"
    PORT_TAKEN = "port-taken"
    # time
    TIMED_OUT = "timed-out"
    NOT_READY = "not-ready"
    # failed
    CANCELLED = "cancelled"
    CHECKSUM_MISMATCH = "checksum-mismatch"
    IMAGE_INVALID = "image-invalid"
    IMAGE_BUILD_FAILED = "image-build-failed"
    DOWNLOAD_FAILED = "download-failed"
    LIBVIRT_ERROR = "libvirt-error"
    GUEST_ERROR = "guest-error"
    STORE_DAMAGED = "store-damaged"
    INTERNAL = "internal"


_EXITS: dict[Exit, frozenset[Code]] = {
    Exit.USAGE: frozenset({Code.USAGE, Code.AMBIGUOUS, Code.NAME_INVALID}),
    Exit.NOT_FOUND: frozenset(code for code in Code if code.value.endswith("-not-found")),
    Exit.REFUSED: frozenset(
        {
            Code.READ_ONLY, Code.WRONG_STATE, Code.MACHINE_BUSY, Code.PLAN_STALE, Code.IMAGE_IN_USE,
            Code.SHARE_BUSY, Code.NOT_CONFIRMED, Code.PERMISSION_DENIED,
            Code.VERSION_MISMATCH, Code.NAME_TAKEN, Code.HOST_KEY_UNKNOWN, Code.HOST_KEY_CHANGED,
        }
    ),
    Exit.INVALID_CONFIG: frozenset({Code.CONFIG_INVALID}),
    Exit.UNAVAILABLE: frozenset(
        {
            Code.NOT_SUPPORTED, Code.TOOL_MISSING, Code.LIBVIRT_MISSING, Code.CONNECTION_FAILED,
            Code.CONNECTION_LOST, Code.WORKER_UNAVAILABLE, Code.AGENT_UNAVAILABLE, Code.DISK_FULL,
            Code.MEMORY_SHORT, Code.PORT_TAKEN,
        }
    ),
    Exit.TIMED_OUT: frozenset({Code.TIMED_OUT, Code.NOT_READY}),
}  # fmt: skip


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that went wrong, as a person can read it.

    `what` is one sentence; `why` are the cause's own words; `next` tells what to do. `details` holds
    extra lines (candidates of an ambiguous name, every fault of a file), already fit to print.
    """

    code: Code
    what: str
    why: str = ""
    next: str = ""
    details: tuple[str, ...] = ()

    @property
    def exit_code(self) -> Exit:
        """The process exit code that stands for this problem."""
        return next((exit for exit, codes in _EXITS.items() if self.code in codes), Exit.FAILED)


REPORT = "The worker's log has the details (`clonebox-tui worker status` says where); please report it."
"""What to do about a fault of ours."""


class ProblemError(Exception):
    """The only exception that crosses package borders on purpose; carries a `Problem`."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.what)
        self.problem = problem


def problem(
    code: Code, what: str, why: str = "", next: str = "", details: tuple[str, ...] = ()
) -> ProblemError:
    """Shorthand for `raise problem(Code.X, "…", why=…, next=…)`."""
    return ProblemError(Problem(code, what, why, next, details))
