"""Counters of all domains in one call, costly ones only for those asked for, and the host's own load.

On real QEMU the balloon and block groups cost 10-15 ms a domain, state and cpu almost nothing.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

import libvirt

from clonebox_tui.model.connection import HostReading
from clonebox_tui.model.machine import machine_id
from clonebox_tui.model.sample import Counters

_CHEAP = libvirt.VIR_DOMAIN_STATS_STATE | libvirt.VIR_DOMAIN_STATS_CPU_TOTAL
_COSTLY = (
    libvirt.VIR_DOMAIN_STATS_BALLOON | libvirt.VIR_DOMAIN_STATS_BLOCK | libvirt.VIR_DOMAIN_STATS_INTERFACE
)
_NOWAIT = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT
_RUNNING = (libvirt.VIR_DOMAIN_RUNNING, libvirt.VIR_DOMAIN_BLOCKED)
_Stats = dict[str, Any]
# A machine that has used more CPU time than this since it began is a simulation (test:///).
_PLAUSIBLE_CPU_NS = 10**9 * 3600 * 24 * 365 * 20


class StatsReader:
    """Reads counters of one connection; remembers what its driver cannot do. One thread at a time."""

    def __init__(self, uri: str, vcpus: Callable[[str], int]) -> None:
        self._uri = uri
        self._vcpus = vcpus
        self._bulk_cpu: bool | None = None
        self._per_domain = {"info", "memory"}
        self._cpu_base: dict[tuple[str, int], int] = {}

    def read(self, connection: libvirt.virConnect, detailed: frozenset[str]) -> list[Counters]:
        """Counters of all domains."""
        if self._bulk_cpu is None:
            self._bulk_cpu = _offers_bulk_cpu(connection)
        rows = connection.getAllDomainStats(_CHEAP, _NOWAIT)
        # Before the costly call, which may take long: CPU is what a person looks at.
        now = time.monotonic_ns()
        named = [(domain, domain.UUIDString(), stats) for domain, stats in rows]
        wanted = [domain for domain, uuid, stats in named if uuid in detailed and _runs(stats)]
        costly = self._costly(connection, wanted)
        return [self._counters(*row, costly.get(row[1]), now) for row in named]

    def _costly(
        self, connection: libvirt.virConnect, wanted: list[libvirt.virDomain]
    ) -> Mapping[str, _Stats]:
        if not wanted:
            return {}
        if not self._bulk_cpu:
            return {domain.UUIDString(): self._memory(domain) for domain in wanted}
        answers = connection.domainListGetStats(wanted, _COSTLY, _NOWAIT)
        return {domain.UUIDString(): stats for domain, stats in answers}

    def _counters(
        self, domain: libvirt.virDomain, uuid: str, cheap: _Stats, stats: _Stats | None, now: int
    ) -> Counters:
        id, vcpus = machine_id(self._uri, uuid), self._vcpus(uuid)
        if not _runs(cheap):
            return Counters(id, now, -1, False, vcpus)
        run = domain.ID()
        cpu = cheap.get("cpu.time") if self._bulk_cpu else self._cpu_time(domain, uuid, run)
        if stats is None:
            return Counters(id, now, run, True, vcpus, cpu)
        return Counters(
            id=id,
            time_ns=now,
            run=run,
            running=True,
            vcpus=vcpus,
            cpu_time_ns=cpu,
            memory_used_bytes=_memory_used(stats),
            memory_total_bytes=_kibibytes(stats.get("balloon.current")),
            disk_read_bytes=_total(stats, "block.", ".rd.bytes"),
            disk_write_bytes=_total(stats, "block.", ".wr.bytes"),
            net_rx_bytes=_total(stats, "net.", ".rx.bytes"),
            net_tx_bytes=_total(stats, "net.", ".tx.bytes"),
        )

    def _cpu_time(self, domain: libvirt.virDomain, uuid: str, run: int) -> int | None:
        """CPU time by a call of its own, for drivers without the bulk group."""
        info = self._try("info", domain.info)
        if info is None:
            return None
        spent = int(info[4])
        if spent > _PLAUSIBLE_CPU_NS:
            spent -= self._cpu_base.setdefault((uuid, run), spent)
        return spent

    def _memory(self, domain: libvirt.virDomain) -> _Stats:
        found = self._try("memory", domain.memoryStats) or {}
        stats = {f"balloon.{name}": value for name, value in found.items()}
        return {**stats, "balloon.current": found.get("actual")}

    def _try(self, name: str, call: Callable[[], Any]) -> Any:
        """The call's answer; None for a domain that cannot answer now, and for ever where unsupported."""
        if name not in self._per_domain:
            return None
        try:
            return call()
        except libvirt.libvirtError as error:
            if error.get_error_code() == libvirt.VIR_ERR_NO_SUPPORT:
                self._per_domain.discard(name)
            return None


def _offers_bulk_cpu(connection: libvirt.virConnect) -> bool:
    """Whether the driver has the group at all: without ENFORCE it is left out in silence."""
    try:
        connection.getAllDomainStats(
            _CHEAP, libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_ENFORCE_STATS | _NOWAIT
        )
    except libvirt.libvirtError as error:
        if error.get_error_code() == libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED:
            return False
        raise
    return True


def _runs(stats: _Stats) -> bool:
    return stats.get("state.state") in _RUNNING


def _memory_used(stats: _Stats) -> int | None:
    available, unused = stats.get("balloon.available"), stats.get("balloon.unused")
    if available is not None and unused is not None:
        return _kibibytes(available - unused)
    return _kibibytes(stats.get("balloon.rss"))


def _kibibytes(number: int | None) -> int | None:
    return None if number is None else number * 1024


def _total(stats: _Stats, start: str, end: str) -> int | None:
    """The sum over all devices; None when no device told."""
    found = [value for name, value in stats.items() if name.startswith(start) and name.endswith(end)]
    return sum(found) if found else None


class HostReader:
    """The host's CPU (averaged since the last reading) and memory."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._before: Mapping[str, int] | None = None
        self._memory_stats = True

    def read(self, connection: libvirt.virConnect) -> HostReading:
        """The load; None where the driver does not tell, and for the CPU at the first reading."""
        used, total = self._memory(connection)
        return HostReading(self._uri, self._cpu(connection), used, total)

    def _cpu(self, connection: libvirt.virConnect) -> float | None:
        try:
            now = connection.getCPUStats(libvirt.VIR_NODE_CPU_STATS_ALL_CPUS)
        except libvirt.libvirtError:
            return None
        before, self._before = self._before, now
        return None if before is None else _busy_percent(before, now)

    def _memory(self, connection: libvirt.virConnect) -> tuple[int | None, int | None]:
        if self._memory_stats:
            try:
                stats = connection.getMemoryStats(libvirt.VIR_NODE_MEMORY_STATS_ALL_CELLS)
            except libvirt.libvirtError:
                self._memory_stats = False
            else:
                free = sum(stats.get(name, 0) for name in ("free", "buffers", "cached"))
                return (stats["total"] - free) * 1024, stats["total"] * 1024
        return None, int(connection.getInfo()[1]) * 1024**2


def _busy_percent(before: Mapping[str, int], now: Mapping[str, int]) -> float | None:
    total = sum(now.values()) - sum(before.values())
    idle = sum(now[name] - before.get(name, 0) for name in ("idle", "iowait") if name in now)
    if total <= 0 or idle < 0:
        return None
    return max(0.0, min(100.0, 100 * (total - idle) / total))
