"""Network figures from inside a guest, where its provider has none (QEMU's own user network).

Asked beside the tick, never in it: an agent that hangs costs its own machine a figure, nothing else.
"""

import asyncio

import msgspec

from clonebox_tui.model.problem import ProblemError
from clonebox_tui.providers.protocol import Provider

TIMEOUT_SECONDS = 2.0
FRESH_SECONDS = 4.0
"""An older figure is a gap."""

PAUSE_SECONDS = 15.0
"""After a failure the agent is left alone for this long."""


class _Statistics(msgspec.Struct, frozen=True, rename="kebab"):
    rx_bytes: int = 0
    tx_bytes: int = 0


class _Interface(msgspec.Struct, frozen=True):
    name: str
    statistics: _Statistics | None = None


class _Known(msgspec.Struct):
    run: int
    at: float = 0.0
    rx_bytes: int = -1
    tx_bytes: int = -1
    rates: tuple[float | None, float | None] = (None, None)
    not_before: float = 0.0
    task: asyncio.Task[None] | None = None


def _now() -> float:
    return asyncio.get_running_loop().time()


class GuestNetwork:
    """Rates by machine id, as fresh as the agents answer."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    def ask(self, machine: str, run: int, provider: Provider, uuid: str) -> None:
        """Ask once more, unless the last question is still open or the agent failed lately."""
        known = self._known.get(machine)
        if known is None or known.run != run:
            if known is not None and known.task is not None:
                known.task.cancel()
            known = self._known[machine] = _Known(run)
        if (known.task is None or known.task.done()) and _now() >= known.not_before:
            known.task = asyncio.create_task(self._ask(known, provider, uuid))

    async def _ask(self, known: _Known, provider: Provider, uuid: str) -> None:
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS + 1):
                answer = await provider.agent(
                    uuid, {"execute": "guest-network-get-interfaces"}, TIMEOUT_SECONDS
                )
            interfaces = msgspec.convert(answer, list[_Interface])
        except (ProblemError, TimeoutError, msgspec.ValidationError):
            known.rates = (None, None)
            known.rx_bytes = known.tx_bytes = -1
            known.not_before = _now() + PAUSE_SECONDS
            return
        counted = [each.statistics for each in interfaces if each.name != "lo" and each.statistics]
        self._take(known, sum(each.rx_bytes for each in counted), sum(each.tx_bytes for each in counted))

    def _take(self, known: _Known, rx_bytes: int, tx_bytes: int) -> None:
        now = _now()
        seconds = now - known.at
        went_back = rx_bytes < known.rx_bytes or tx_bytes < known.tx_bytes
        if known.rx_bytes < 0 or went_back or seconds <= 0 or seconds > 10 * FRESH_SECONDS:
            known.rates = (None, None)
        else:
            known.rates = ((rx_bytes - known.rx_bytes) / seconds, (tx_bytes - known.tx_bytes) / seconds)
        known.at, known.rx_bytes, known.tx_bytes = now, rx_bytes, tx_bytes

    def rates(self, machine: str, run: int) -> tuple[float | None, float | None]:
        """Bytes a second received and sent; gaps where unknown or stale."""
        known = self._known.get(machine)
        if known is None or known.run != run or _now() - known.at > FRESH_SECONDS:
            return None, None
        return known.rates

    def drop(self, machine: str) -> None:
        """Forget a machine."""
        known = self._known.pop(machine, None)
        if known is not None and known.task is not None:
            known.task.cancel()

    def close(self) -> None:
        """Ask nothing more."""
        for machine in tuple(self._known):
            self.drop(machine)
