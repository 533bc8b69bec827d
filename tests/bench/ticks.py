"""One tick of the worker over 1 000 machines beside the calls that it cannot do without, in one process."""

import asyncio
import gc
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import libvirt

from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.sampler import Sampler
from clonebox_tui.providers import provider_for
from tests.bench.figures import Figure, median

MACHINES = 1_000
_BULK = libvirt.VIR_DOMAIN_STATS_STATE | libvirt.VIR_DOMAIN_STATS_CPU_TOTAL
_NOWAIT = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT

Call = Callable[[], Awaitable[object]]
Pairs = list[tuple[float, float]]


def measure(repetitions: int) -> Iterator[Figure]:
    """libvirt's mock driver in the daemon (as real machines are) and in this process; simulated machines."""
    count = 4 * repetitions
    with tempfile.TemporaryDirectory(prefix="cbb-", dir="/tmp") as folder:
        node = Path(folder) / "node.xml"
        node.write_text(node_of(MACHINES))
        bare = "bare libvirt calls"
        over_socket = _beside(f"test+unix://{node}", _bare_calls, count)
        yield _figure("libvirt mock over a socket", asyncio.run(over_socket), bare, 1.5)
        # No way to a daemon: the calls cost next to nothing, so these two show what the sampler itself costs.
        yield _figure(
            "libvirt mock in process", asyncio.run(_beside(f"test://{node}", _bare_calls, count)), bare
        )
    simulated = f"simulated://demo?machines={MACHINES}"
    pairs = asyncio.run(_beside(simulated, _provider_calls, count))
    yield _figure("simulated", pairs, "its counters and host")


def node_of(machines: int) -> str:
    """The file of a `test:///FILE` connection with so many running domains."""
    domains = "".join(
        f"<domain type='test'><name>m{number:04d}</name><memory>1048576</memory><vcpu>1</vcpu>"
        "<os><type>hvm</type></os></domain>"
        for number in range(machines)
    )
    return f"<node>{domains}</node>"


def _figure(name: str, pairs: Pairs, other_name: str, budget: float | None = None) -> Figure:
    ours, other = (median(pair[side] * 1000 for pair in pairs) for side in (0, 1))
    return Figure(f"one tick, {MACHINES} machines, {name}", "ms", ours, other, other_name, budget)


async def _beside(uri: str, bare: Callable[[Fleet, str], Call], repetitions: int) -> Pairs:
    """A tick as with a front end that looks at one machine, in turn with the bare calls."""
    fleet = Fleet(provider_for)
    fleet.add(uri)
    try:
        if not await fleet.opened(60):
            raise RuntimeError(f"{uri} did not open: {fleet.connections[uri].problem}")
        sampler = Sampler(fleet)
        sampler.watch("bench", {next(iter(fleet.machines))})
        calls = bare(fleet, uri)
        for call in (sampler.tick, calls):
            await call()
        return [(await _seconds(sampler.tick), await _seconds(calls)) for _ in range(repetitions)]
    finally:
        await fleet.close()


async def _seconds(call: Call) -> float:
    gc.collect()
    at = time.perf_counter()
    await call()
    return time.perf_counter() - at


def _provider_calls(fleet: Fleet, uri: str) -> Call:
    provider = fleet.provider(uri)

    async def calls() -> None:
        await asyncio.gather(provider.counters(frozenset()), provider.host())

    return calls


def _bare_calls(_fleet: Fleet, uri: str) -> Call:
    """State of all in one call; the mock has no CPU in bulk, so that each domain has to be asked."""
    connection = libvirt.open(uri)

    def ask() -> None:
        for domain, _ in connection.getAllDomainStats(_BULK, _NOWAIT):
            domain.info()

    async def calls() -> None:
        await asyncio.to_thread(ask)

    return calls
