"""Which way leads to the worker: its socket on this host, or ssh to that of another."""

import os
import socket
from collections.abc import Sequence
from typing import Protocol

from clonebox_tui.client.spawn import Approach
from clonebox_tui.model.places import Places, places
from clonebox_tui.model.problem import Problem


class Way(Protocol):
    """One attempt to reach the worker."""

    def step(self) -> socket.socket | None:
        """A connected socket when there is one; otherwise see that a worker is being started."""

    def finish(self) -> socket.socket:
        """Wait until the worker is reached; ProblemError when it cannot be."""

    def failure(self) -> Problem | None:
        """Why the connection ended before the worker answered, where this way can tell."""


def way_to(places_: Places, arguments: Sequence[str], spawn: bool = True, host: str = "") -> Way:
    """The way to the worker of `host` (ssh://user@server[:port]), or of this host."""
    if not host:
        return Approach(places_, arguments, spawn)
    from clonebox_tui.client.far import FarApproach  # only for other hosts
    from clonebox_tui.model.remote import host_target

    # Keys that were accepted count for the demo, too.
    own = places(os.environ, os.getuid())
    return FarApproach(host_target(host), own.known_hosts, arguments, spawn)
