"""The way to the worker: begun before the screen is imported, taken up once, made anew after a loss."""

import contextlib
import os
import select
import socket
from typing import TYPE_CHECKING

from clonebox_tui.model.places import places
from clonebox_tui.model.plain import clean_text
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.tui.options import Options

if TYPE_CHECKING:
    from clonebox_tui.client import Client, Early
    from clonebox_tui.tui.whereabouts import Whereabouts

_ANSWER_SECONDS = 30.0
"""How long another host may take until its worker answers: it may have to be started first."""

_FIRST_MACHINES = 80
"""Asked for ahead of the rest: more than most screens have lines."""


class Reach:
    """Calling it reaches the worker; `begin` asks for the first list without waiting for the answer."""

    def __init__(self, options: Options) -> None:
        self.places = places(os.environ, os.getuid(), demo=options.demo)
        self._options = options
        self._uris = tuple(options.connect)
        self._begun: Early | None = None
        self.where: Whereabouts | None = None
        """Told the home folder on the worker's host, where that is another one."""

    def begin(self) -> None:
        """Connect, or start a worker, and send the first requests."""
        from clonebox_tui.client.early import begin

        self._begun = begin(
            self.places,
            demo=self._options.demo,
            worker_arguments=self._arguments,
            uris=self._uris,
            host=self._options.host,
            first=_FIRST_MACHINES,
        )

    def settle(self) -> None:
        """Where the worker is another host's: wait until it answers, or raise why it does not.

        A person who mistyped a host, or whose key is not let in, reads that in a shell and not on a screen
        that looks for a worker for ever.
        """
        begun = self._begun
        if not self._options.host or begun is None or begun.connected is None:
            return
        answered, _, _ = select.select([begun.connected], [], [], _ANSWER_SECONDS)
        # ssh that ends without having read what was sent resets the connection.
        with contextlib.suppress(ConnectionResetError):
            if not answered or begun.connected.recv(1, socket.MSG_PEEK):
                return
        begun.connected.close()
        failure = begun.approach.failure()
        if failure is not None:
            raise ProblemError(failure)

    async def __call__(self) -> "Client":
        """A connected client. What was begun can be used once; afterwards one starts from nothing."""
        from clonebox_tui.client import Client
        from clonebox_tui.model.opening import Watch

        begun, self._begun = self._begun, None
        client = await Client.connect(
            self.places,
            demo=self._options.demo,
            worker_arguments=self._arguments,
            uris=self._uris,
            readonly=self._options.readonly,
            host=self._options.host,
            early=begun,
        )
        if begun is None:
            await client.watch(Watch())
        if self.where is not None and self._options.host:
            welcome = client.welcome
            self.where.home = clean_text(welcome.environment.get("HOME", "/"))
            self.where.other_version = "" if welcome.may_change else clean_text(welcome.version)
        return client

    @property
    def _arguments(self) -> tuple[str, ...]:
        """What a worker that has to be started is told."""
        words: list[str] = []
        if self._options.machines is not None:
            words += ["--machines", str(self._options.machines)]
        if self._options.seed is not None:
            words += ["--seed", str(self._options.seed)]
        return tuple(words)
