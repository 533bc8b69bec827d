"""Waits for a lost connection before an undo gives up: what is undone late is undone all the same."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from clonebox_tui.model.problem import Code, ProblemError

T = TypeVar("T")
RETRIES = 30
PAUSE_SECONDS = 2.0
"""Together a minute: a daemon that was restarted is found again within one step of the link's back-off."""

_LOST = frozenset({Code.CONNECTION_LOST, Code.CONNECTION_FAILED})


async def through_losses(work: Callable[[], Awaitable[T]], say: Callable[[str], None]) -> T:
    """The result of `work`, which must bear to be tried again; `say` hears of each retry."""
    for retry in range(1, RETRIES + 1):
        try:
            return await work()
        except ProblemError as error:
            if error.problem.code not in _LOST:
                raise
            say(f"waiting for the connection, retry {retry}/{RETRIES}")
            await asyncio.sleep(PAUSE_SECONDS)
    return await work()
