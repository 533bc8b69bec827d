"""What a failure that nobody translated means to a person: a full disk, a missing right, a fault of ours."""

import errno

from clonebox_tui.model.problem import REPORT, Code, Problem, ProblemError

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
        return Problem(
            Code.DISK_FULL, "There is no room left.", why, "Make room, then try again: nothing was kept."
        )
    if number in _DENIED:
        return Problem(Code.PERMISSION_DENIED, "A file may not be written.", why, "Check who owns it.")
    if number in _SHORT:
        return Problem(
            Code.MEMORY_SHORT, "This host is short of memory, processes or open files.", why, "Try again."
        )
    return Problem(
        Code.INTERNAL,
        "A step of the job broke.",
        why,
        REPORT,
    )
