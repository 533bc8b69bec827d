"""The terminal that a guest's serial line is: told how large the one is at its other end."""

from clonebox_tui.guest.agent import Agent
from clonebox_tui.guest.execution import run
from clonebox_tui.model.problem import Code, problem

_SECONDS = 10.0
_MOST = 1000
# A PC's first serial line, that of ARM's virtual board, a virtio console: those that are not there fail.
_RESIZE = " || ".join(f'stty -F /dev/{line} rows "$1" cols "$2"' for line in ("ttyS0", "ttyAMA0", "hvc0"))


async def resize(agent: Agent, rows: int, columns: int) -> None:
    """Set the size of the guest's serial terminal. AGENT_UNAVAILABLE, GUEST_ERROR, USAGE."""
    if not (0 < rows <= _MOST and 0 < columns <= _MOST):
        raise problem(
            Code.USAGE,
            f"No terminal has {rows} rows and {columns} columns.",
            next=f"Each is 1 to {_MOST}.",
        )
    argv = ["sh", "-c", _RESIZE, "sh", str(rows), str(columns)]
    result = await run(agent, argv, timeout_seconds=_SECONDS)
    if result.exit_code:
        raise problem(
            Code.GUEST_ERROR,
            "The guest's serial line could not be told the terminal's size.",
            why=result.complaint,
            next=f"In the guest: `stty rows {rows} cols {columns}`",
        )
