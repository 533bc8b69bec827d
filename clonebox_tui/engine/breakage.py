"""What a failure that nobody translated means to a person: a full disk, a missing right, a fault of ours."""

import errno
import time
from pathlib import Path

import clonebox_tui
from clonebox_tui.model.problem import REPORT, Code, Problem, ProblemError

_PROGRAM = Path(clonebox_tui.__file__).parent
_STARTED = time.time()
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_SHORT = frozenset({errno.ENOMEM, errno.EAGAIN, errno.EMFILE, errno.ENFILE})


def explained(error: BaseException) -> Problem:
    """The problem that an error carries, or what it means."""
    if isinstance(error, ProblemError):
        return error.problem
    why = f"{type(error).__name__}: {error}"
    number = error.errno if isinstance(error, OSError) else None
    if number in _FULL:
        return Problem(Code.DISK_FULL, "There is no room left.", why, "Make room, then try again.")
    if number in _DENIED:
        return Problem(Code.PERMISSION_DENIED, "A file may not be written.", why, "Check who owns it.")
    if number in _SHORT:
        return Problem(
            Code.MEMORY_SHORT, "This host is short of memory, processes or open files.", why, "Try again."
        )
    return fault_of_ours("A step of the job broke.", why)


def fault_of_ours(what: str, why: str) -> Problem:
    """INTERNAL; VERSION_MISMATCH where new files of the program lie under the old process: what it imports
    late does not fit to what it is."""
    if not _updated_since(_STARTED):
        return Problem(Code.INTERNAL, what, why, REPORT)
    return Problem(
        Code.VERSION_MISMATCH,
        what,
        f"The program was updated while this worker ran. {why}",
        "Run `clonebox-tui worker restart`; it waits for running jobs.",
    )


def _updated_since(moment: float) -> bool:
    # Not the time of modification: an installer may set that as it was when the program was packed.
    try:
        return any(path.stat().st_ctime > moment for path in _PROGRAM.rglob("*.py"))
    except OSError:
        return True  # it is being replaced at this moment
