"""Handlers whose imports cost more than a worker's start may: made when their act is first asked for."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Generic

from clonebox_tui.engine.act import A_contra, Handler, Step
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.rpc import Context


class LateHandler(Generic[A_contra]):
    """Stands for the handler that `make` imports and constructs, off the event loop and once."""

    def __init__(self, make: Callable[[], Handler[A_contra]]) -> None:
        self._make = make
        self._made: Handler[A_contra] | None = None

    def lane(self, act: A_contra) -> str:
        """The real one's lane; whoever asks has planned the act before."""
        if self._made is None:
            self._made = self._make()
        return self._made.lane(act)

    async def plan(self, act: A_contra, context: Context | None) -> Plan:
        """The real one's plan."""
        return await (await self._handler()).plan(act, context)

    async def steps(self, act: A_contra, memory: Mapping[str, object]) -> Sequence[Step]:
        """The real one's steps."""
        return await (await self._handler()).steps(act, memory)

    async def result(self, act: A_contra, memory: Mapping[str, object]) -> dict[str, object]:
        """The real one's result."""
        return await (await self._handler()).result(act, memory)

    async def _handler(self) -> Handler[A_contra]:
        if self._made is None:
            made = await asyncio.to_thread(self._make)
            if self._made is None:
                self._made = made
        return self._made
