"""The way to the worker: begun before the screen is imported, taken up once, made anew after a loss."""

import os
from typing import TYPE_CHECKING

from clonebox_tui.model.places import places
from clonebox_tui.tui.options import Options

if TYPE_CHECKING:
    from clonebox_tui.client import Client, Early


class Reach:
    """Calling it reaches the worker; `begin` asks for the first list without waiting for the answer."""

    def __init__(self, options: Options) -> None:
        self.places = places(os.environ, os.getuid(), demo=options.demo)
        self._options = options
        self._uris = tuple(options.connect)
        self._begun: Early | None = None

    def begin(self) -> None:
        """Connect, or start a worker, and send the first requests."""
        from clonebox_tui.client.early import begin

        self._begun = begin(
            self.places, demo=self._options.demo, worker_arguments=self._arguments, uris=self._uris
        )

    async def __call__(self) -> "Client":
        """A connected client. What was begun can be used once; afterwards one starts from nothing."""
        from clonebox_tui.client import Client
        from clonebox_tui.model.rpc import Watch

        begun, self._begun = self._begun, None
        client = await Client.connect(
            self.places,
            demo=self._options.demo,
            worker_arguments=self._arguments,
            uris=self._uris,
            readonly=self._options.readonly,
            early=begun,
        )
        if begun is None:
            await client.watch(Watch())
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
