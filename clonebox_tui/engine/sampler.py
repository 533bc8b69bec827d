"""Ticks: once a second while somebody looks, once a minute otherwise; one frame for all connections.

A connection whose call has not come back is left out of the tick and never asked twice; its machines keep
their last readings and the frame goes out without it.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Collection, Coroutine, Hashable
from functools import partial

from clonebox_tui.engine.feed import Feed, aligned
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.guest_network import GuestNetwork
from clonebox_tui.engine.history import Recall, Remembering, SampleStore, history
from clonebox_tui.engine.rings import Rings
from clonebox_tui.model.connection import HostReading, Link
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.rpc import HistoryWanted, Samples
from clonebox_tui.model.sample import Reading, Series

IDLE_INTERVAL = 60.0
"""Seconds between ticks while nobody watches: enough for history."""

OTHERS_WATCHED, OTHERS_IDLE = 2, 30
"""Machines off screen whose costly counters a tick reads in turn (10-15 ms each on real QEMU)."""

STALE_SECONDS = 15.0
"""A connection that has not answered for so long has gaps, not its last readings for ever."""

TRAFFIC_AFTER_SECONDS = 2.0
"""What this host's disks and network carry is read once the first list has gone out."""

WHOLE_SECONDS = 30.0
"""Every so often a frame has all readings: a front end that was too slow for one is right again then."""

Subscriber = Callable[[Samples], None]
Drawn = tuple[int | None, ...]

_log = logging.getLogger(__name__)


class Sampler:
    """Lives on the fleet's event loop. `begin` it, `close` it; everything else may be called at any time."""

    def __init__(
        self,
        fleet: Fleet,
        store: SampleStore | None = None,
        clock: Callable[[], float] = time.time,
        interval: float = 1.0,
    ) -> None:
        self._fleet = fleet
        self._store = store
        self._clock = clock
        self._interval = interval
        self._network = GuestNetwork()
        self._feeds: dict[str, Feed] = {}
        self._calls: dict[str, asyncio.Task[None]] = {}
        self._asked_at: dict[str, float] = {}
        self._rings = Rings()
        self._watched: dict[Hashable, frozenset[str]] = {}
        self._drawn: dict[str, Drawn] = {}
        self._hosts: dict[str, HostReading | None] = {}
        self._whole_at = 0.0
        self._begun_at = time.monotonic()
        self._subscribers: list[Subscriber] = []
        self._minute = int(clock() // 60)
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    # -- life ----------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Tick from now on."""
        self._spawn(self._tick_for_ever())

    async def close(self) -> None:
        """Tick no more; calls under way are let go."""
        self._network.close()
        for task in (*self._tasks, *self._calls.values()):
            task.cancel()
        await asyncio.gather(*self._tasks, *self._calls.values(), return_exceptions=True)

    def _spawn(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _tick_for_ever(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self.tick()
            except Exception:  # noqa: BLE001 root of sampling: one bad tick must not be the last
                _log.exception("a tick failed")
            pause = aligned(self._clock(), self._interval) if self._watched else IDLE_INTERVAL
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()

    # -- who looks -----------------------------------------------------------------------------------

    def watch(self, client: Hashable, ids: Collection[str]) -> bool:
        """What a front end has on screen (may be nothing); replaces what it said before, if it did."""
        if not self._watched:
            self._wake.set()
        known = client in self._watched
        self._watched[client] = frozenset(ids)
        return known

    def unwatch(self, client: Hashable) -> None:
        """A front end looks no more."""
        self._watched.pop(client, None)

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Get a frame a tick, with what changed as drawn; call the answer to stop. A new front end takes
        `current` first."""
        self._subscribers.append(subscriber)

        def leave() -> None:
            if subscriber in self._subscribers:
                self._subscribers.remove(subscriber)

        return leave

    def current(self, only: Collection[str] | None = None) -> Samples:
        """A whole frame: every machine's (or only these) and every host's last reading."""
        readings = tuple(
            reading
            for feed in self._feeds.values()
            for id, reading in feed.readings.items()
            if only is None or id in only
        )
        hosts = tuple(feed.host for feed in self._feeds.values() if feed.host is not None)
        return Samples(self._clock(), readings, hosts)

    async def history(self, wanted: HistoryWanted) -> Series:
        """Past readings of one machine; of a host by the URI of its connection."""
        ring = self._rings.get(wanted.machine)
        recall = self._recall_of(wanted.machine)
        return await history(wanted, self._clock(), self._interval, ring, self._store, recall)

    def _recall_of(self, machine: str) -> Recall | None:
        if machine in self._feeds:
            host = self._feeds[machine].provider
            return host.host_past if isinstance(host, Remembering) else None
        try:
            provider, uuid = self._fleet.provider_of(machine)
        except ProblemError:
            return None  # the link is down: the rings and the store know what they know
        return partial(provider.past, uuid) if isinstance(provider, Remembering) else None

    # -- ticking -------------------------------------------------------------------------------------

    async def tick(self) -> None:
        """Ask every connection that is not still busy, wait a little, tell what changed."""
        watched = frozenset[str]().union(*self._watched.values())
        asked = [self._ask(uri, watched) for uri in self._ready()]
        if asked:
            await asyncio.wait(asked, timeout=self._interval / 2)
        now = self._clock()
        self._tell(now)
        if int(now // 60) != self._minute:
            self._close_minute(now)

    def _ready(self) -> list[str]:
        """Connections that are up and have answered the last time."""
        self._follow_connections()
        ready: list[str] = []
        for uri, feed in self._feeds.items():
            call = self._calls.get(uri)
            up = self._fleet.connections[uri].link is Link.UP
            if call is None or call.done():
                if up:
                    ready.append(uri)
                else:
                    feed.interrupted()
            elif not up or asyncio.get_running_loop().time() - self._asked_at[uri] > STALE_SECONDS:
                feed.interrupted()
        return ready

    def _follow_connections(self) -> None:
        providers = {provider.uri: provider for provider in self._fleet.providers}
        for uri in [uri for uri, feed in self._feeds.items() if providers.get(uri) is not feed.provider]:
            del self._feeds[uri]
            call = self._calls.pop(uri, None)
            if call is not None:
                call.cancel()
        for uri, provider in providers.items():
            if uri not in self._feeds:
                self._feeds[uri] = Feed(provider, self._network)

    def _ask(self, uri: str, watched: frozenset[str]) -> asyncio.Task[None]:
        self._asked_at[uri] = asyncio.get_running_loop().time()
        self._calls[uri] = call = asyncio.create_task(self._read(self._feeds[uri], watched))
        return call

    async def _read(self, feed: Feed, watched: frozenset[str]) -> None:
        detailed = feed.choose(watched, OTHERS_WATCHED if self._watched else OTHERS_IDLE)
        try:
            counters, host = await asyncio.gather(feed.provider.counters(detailed), feed.provider.host())
        except ProblemError as error:
            _log.debug("sampling %s: %s %s", feed.provider.uri, error.problem.what, error.problem.why)
            feed.interrupted()
            return
        except Exception:  # noqa: BLE001 root of one connection's reading: others go on
            _log.exception("sampling %s failed", feed.provider.uri)
            feed.interrupted()
            return
        feed.take(counters, watched, self._fleet.machines.get)
        now = self._clock()
        self._rings.push_all(now, feed.readings, watched)
        whole = time.monotonic() - self._begun_at >= TRAFFIC_AFTER_SECONDS
        self._rings.push(now, feed.take_host(host, whole), seen=True)

    def _tell(self, now: float) -> None:
        whole = now - self._whole_at >= WHOLE_SECONDS
        if whole:
            self._whole_at = now
        changed: list[Reading] = []
        drawn: dict[str, Drawn] = {}
        for feed in self._feeds.values():
            for id, reading in feed.readings.items():
                drawn[id] = seen = as_drawn(reading)
                if whole or self._drawn.get(id) != seen:
                    changed.append(reading)
        for gone in self._drawn.keys() - drawn.keys():
            self._rings.drop(gone)
        self._drawn = drawn
        hosts = {uri: feed.host for uri, feed in self._feeds.items()}
        new_hosts = tuple(host for uri, host in hosts.items() if host and host != self._hosts.get(uri))
        self._hosts = hosts
        if changed or new_hosts:
            frame = Samples(now, tuple(changed), new_hosts)
            for subscriber in tuple(self._subscribers):
                subscriber(frame)

    def _close_minute(self, now: float) -> None:
        minute, self._minute = self._minute, int(now // 60)
        rows = [(minute, reading) for feed in self._feeds.values() for reading in feed.close_minute()]
        if rows and self._store is not None:
            self._spawn(self._keep(self._store, rows))

    async def _keep(self, store: SampleStore, rows: list[tuple[int, Reading]]) -> None:
        try:
            await store.rollup(rows)
        except (ProblemError, OSError) as error:
            _log.warning("%d samples were not kept: %s", len(rows), error)


def as_drawn(reading: Reading) -> Drawn:
    """What of a reading can be seen: whole percents, MiB, KiB a second."""
    used, total = reading.memory_used_bytes, reading.memory_total_bytes
    if used is None and reading.disk_read_rate is None and reading.net_rx_rate is None:
        return (None if reading.cpu_percent is None else round(reading.cpu_percent),)
    return (
        None if reading.cpu_percent is None else round(reading.cpu_percent),
        None if used is None else used >> 20,
        None if total is None else total >> 20,
        *(
            None if rate is None else int(rate) >> 10
            for rate in (
                reading.disk_read_rate, reading.disk_write_rate, reading.net_rx_rate, reading.net_tx_rate,
            )
        ),
    )  # fmt: skip
