"""The first words on a new connection: who this front end is, and what it wants to hear."""

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple

from clonebox_tui.client.early import CONNECT_ID, HELLO_ID, WATCH_ID, Early, opening
from clonebox_tui.client.link import LOST, Link
from clonebox_tui.model.notifications import News
from clonebox_tui.model.opening import CONNECT, HELLO, WATCH, Fleet, Watch, Welcome
from clonebox_tui.model.problem import ProblemError


class Introduction(NamedTuple):
    """A link to a worker that knows us, and its first list, if that was asked for."""

    link: Link
    welcome: Welcome
    fleet: asyncio.Future[Fleet]


async def introduced(
    early: Early, uris: Sequence[str], watch: Watch | None, heard: Callable[[News], None]
) -> Introduction | None:
    """Reach the worker and introduce this front end; None when the worker left before it answered."""
    connected = early.connected or early.approach.step()
    if connected is None:
        connected = await asyncio.to_thread(early.approach.finish)
    link = await Link.over(connected, heard)
    welcome = link.expect(HELLO_ID, HELLO.result)
    fleet = link.expect(CONNECT_ID, CONNECT.result)
    watching = link.expect(WATCH_ID, WATCH.result)
    for unneeded in (fleet, watching):
        # Nobody may ask for them; a loss of the link is told otherwise.
        unneeded.add_done_callback(lambda done: done.cancelled() or done.exception())
    if early.connected is None:
        link.send(early.sent or opening(uris, watch))
    try:
        return Introduction(link, await welcome, fleet)
    except ProblemError as error:
        link.close()
        if error.problem is not LOST:
            raise
        failure = await asyncio.to_thread(early.approach.failure)
        if failure is not None:
            raise ProblemError(failure) from error
        return None
