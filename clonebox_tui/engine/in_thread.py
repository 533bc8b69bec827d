"""Short work with files off the event loop that no cancel leaves half done."""

import asyncio
from collections.abc import Callable


async def in_thread(work: Callable[[], None]) -> None:
    """Do short work with files off the event loop; a cancel waits for its end, so that an undo sees it."""
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
