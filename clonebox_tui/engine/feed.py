"""The readings of one connection: from counters to rates, tick by tick and minute by minute."""

from collections.abc import Callable, Collection, Sequence

import msgspec

from clonebox_tui.engine.guest_network import GuestNetwork
from clonebox_tui.engine.history import averaged
from clonebox_tui.engine.host_traffic import HostTraffic, is_this_host
from clonebox_tui.model.connection import HostReading
from clonebox_tui.model.machine import AgentState, Machine, split_id
from clonebox_tui.model.sample import Counters, Reading, rates
from clonebox_tui.providers.protocol import Provider

FRESH_SECONDS = 90.0
"""What was last asked of a machine that is not on screen is carried on for so long: its memory, and what its
disks and network did between two turns that were no longer apart."""

HELD_SECONDS = 5.0
"""The same of one on screen: libvirt tells nothing costly of a machine while something else talks to it."""


class Feed:
    """Keeps what rates need of one provider's counters. `readings` are the last tick's, by id."""

    def __init__(self, provider: Provider, network: GuestNetwork) -> None:
        self.provider = provider
        self.readings: dict[str, Reading] = {}
        self.host: HostReading | None = None
        self._traffic = HostTraffic() if is_this_host(provider.uri) else None
        self._host_minute: list[Reading] = []
        self._network = network
        self._previous: dict[str, Counters] = {}
        self._minute: dict[str, Counters] = {}
        self._detail: dict[str, Counters] = {}
        self._between: dict[str, Reading] = {}
        self._detail_minute: dict[str, Counters] = {}
        self._turn = 0

    def choose(self, watched: Collection[str], others: int) -> frozenset[str]:
        """UUIDs whose costly counters are read now: what is on screen, and `others` in turn."""
        prefix = f"{self.provider.uri}/"
        chosen = {split_id(id)[1] for id in watched if split_id(id)[0] == self.provider.uri}
        idle = [id for id, counters in self._previous.items() if counters.running and id not in watched]
        for step in range(min(others, len(idle))):
            chosen.add(idle[(self._turn + step) % len(idle)].removeprefix(prefix))
        self._turn = (self._turn + others) % max(1, len(idle))
        return frozenset(chosen)

    def take(
        self, counters: Sequence[Counters], watched: Collection[str], machine: Callable[[str], Machine | None]
    ) -> None:
        """Form the readings of a tick."""
        current = {each.id: each for each in counters}
        previous = self._previous
        readings = {id: rates(previous.get(id), each) for id, each in current.items()}
        for each in counters:
            if each.memory_used_bytes is not None or each.disk_read_bytes is not None:
                self._take_detail(each)
        for id in self._detail.keys() & current.keys():
            seconds = HELD_SECONDS if id in watched else FRESH_SECONDS
            readings[id] = self._carried_on(readings[id], current[id], seconds)
        for id in watched:
            if id in readings and current[id].running and current[id].net_rx_bytes is None:
                readings[id] = self._with_network(readings[id], current[id], machine(id))
        for id in previous.keys() - current.keys():
            self._forget(id)
        self._previous, self.readings = current, readings

    def take_host(self, host: HostReading, whole: bool) -> Reading:
        """The host's reading of a tick, which a history can keep; not `whole`: without disk and network."""
        self.host = self._traffic.added_to(host) if whole and self._traffic else host
        reading = Reading(*msgspec.structs.astuple(self.host))
        self._host_minute.append(reading)
        return reading

    def _forget(self, id: str) -> None:
        self._detail.pop(id, None)
        self._between.pop(id, None)
        self._network.drop(id)

    def _take_detail(self, now: Counters) -> None:
        before = self._detail.get(now.id)
        apart = (now.time_ns - before.time_ns) / 1e9 if before else FRESH_SECONDS
        self._between[now.id] = rates(before if apart <= FRESH_SECONDS else None, now)
        self._detail[now.id] = now

    def _carried_on(self, reading: Reading, now: Counters, seconds: float) -> Reading:
        """The reading, with what it lacks from the machine's last turn, if that is no longer ago."""
        last = self._detail[reading.id]
        if last.run != now.run or (now.time_ns - last.time_ns) / 1e9 > seconds:
            return reading
        id, cpu, *costly = msgspec.structs.astuple(reading)
        known = msgspec.structs.astuple(self._between[id])[2:]
        return Reading(
            id, cpu, *(then if new is None else new for new, then in zip(costly, known, strict=True))
        )

    def _with_network(self, reading: Reading, now: Counters, machine: Machine | None) -> Reading:
        if machine is None or machine.agent is not AgentState.CONNECTED:
            return reading
        received, sent = self._network.rates(reading.id, now.run)
        self._network.ask(reading.id, now.run, self.provider, machine.uuid)
        return msgspec.structs.replace(reading, net_rx_rate=received, net_tx_rate=sent)

    def close_minute(self) -> list[Reading]:
        """Averages since the last call, of the host and of machines that ran: rates between its two ends."""
        host, self._host_minute = averaged(self.provider.uri, self._host_minute), []
        rows = [host] if host else []
        for id, now in self._previous.items():
            before = self._minute.get(id)
            if not now.running or before is None or before.run != now.run:
                continue
            row = rates(before, now)
            detail = self._detail.get(id)
            if detail is not None and detail.run == now.run:
                wide = rates(self._detail_minute.get(id), detail)
                row = msgspec.structs.replace(wide, cpu_percent=row.cpu_percent)
            received, sent = self._network.rates(id, now.run)
            if row.net_rx_rate is None and received is not None:
                row = msgspec.structs.replace(row, net_rx_rate=received, net_tx_rate=sent)
            rows.append(row)
        self._minute, self._detail_minute = self._previous, dict(self._detail)
        return rows

    def interrupted(self) -> None:
        """The link is down: what comes next is a first sample, and until then there are gaps."""
        self._previous, self.readings, self.host = {}, {id: Reading(id) for id in self.readings}, None
        self._minute, self._detail, self._between = {}, {}, {}


def aligned(now: float, interval: float) -> float:
    """Seconds until the next tick: ticks fall on multiples of the interval, so that screens agree."""
    return interval - now % interval
