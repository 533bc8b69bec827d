"""Ask for the machine list before anything costly is imported: the answer is there when the screen is.

`early.begin(places)` connects (or starts the worker) and sends the first requests without asyncio;
`Client.connect(places, early=…)` adopts the socket and its answers.
"""

import os
import socket
from collections.abc import Sequence

from clonebox_tui import __version__
from clonebox_tui.client.approaching import Way, way_to
from clonebox_tui.model.jsonrpc import Request, line
from clonebox_tui.model.opening import CONNECT, HELLO, WATCH, Connect, Hello, Watch
from clonebox_tui.model.places import Places

HELLO_ID, CONNECT_ID, WATCH_ID = 1, 2, 3
"""Ids of the first requests of every connection; later ones count on from `FIRST_FREE_ID`."""
FIRST_FREE_ID = 4


def opening(uris: Sequence[str], watch: Watch | None, first: int = 0) -> bytes:
    """The first bytes of a front end: who it is, the fleet it wants (`first`: only so many machines of
    it), what it wants to hear."""
    hello = Hello(__version__, ssh_agent=os.environ.get("SSH_AUTH_SOCK", ""))
    requests = [Request(HELLO_ID, HELLO.name, hello)]
    if uris or watch is not None:
        requests.append(Request(CONNECT_ID, CONNECT.name, Connect(tuple(uris), first)))
    if watch is not None:
        requests.append(Request(WATCH_ID, WATCH.name, watch))
    return b"".join(line(request) for request in requests)


class Early:
    """A connection under way: `connected` when the worker listened already, else `approach` goes on."""

    def __init__(self, approach: Way, connected: socket.socket | None, sent: bytes) -> None:
        self.approach = approach
        self.connected = connected
        self.sent = sent


def begin(
    places: Places,
    *,
    demo: bool = False,
    worker_arguments: Sequence[str] = (),
    uris: Sequence[str] = (),
    host: str = "",
    first: int = 0,
) -> Early:
    """Connect and send, or start a worker and return while it starts.

    `uris` are connections wanted besides the worker's own, `first` is as in `opening`, `host` as in
    `Client.connect`, which tells what is raised.
    """
    approach = way_to(places, (*(["--demo"] if demo else []), *worker_arguments), host=host)
    sent = opening(uris, Watch(samples=False), first)
    connected = approach.step()
    if connected is not None:
        connected.sendall(sent)
    return Early(approach, connected, sent)
