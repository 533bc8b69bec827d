"""What the host's own disks and network cards carry, as rates between two looks; libvirt tells of neither."""

import time
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from clonebox_tui.model.connection import HostReading

_BLOCK, _NET = Path("/sys/block"), Path("/sys/class/net")

Counted = tuple[int | None, int | None, int | None, int | None]
"""Bytes read, written, received, sent since the host was started; None where it does not tell."""


def is_this_host(uri: str) -> bool:
    """Whether a connection's machines run here; not those of a named host, nor a simulation's."""
    parts = urlsplit(uri)
    return parts.scheme != "simulated" and not parts.netloc


class HostTraffic:
    """Remembers the counters of its last look."""

    def __init__(self) -> None:
        self._before: tuple[float, Counted] | None = None

    def added_to(self, reading: HostReading) -> HostReading:
        """The reading with the four rates since the last call; gaps at the first one."""
        now, counted = time.monotonic(), _counted()
        before, self._before = self._before, (now, counted)
        if before is None or now <= before[0]:
            return reading
        names = ("disk_read_rate", "disk_write_rate", "net_rx_rate", "net_tx_rate")
        rates = {
            name: (new - old) / (now - before[0])
            for name, old, new in zip(names, before[1], counted, strict=True)
            if old is not None and new is not None and new >= old
        }
        return msgspec.structs.replace(reading, **rates)


def _counted() -> Counted:
    # Imported here: the first list has to be there before anything else is worth its time.
    import psutil

    disks = psutil.disk_io_counters(perdisk=True) or {}
    cards = psutil.net_io_counters(pernic=True) or {}
    # What lies on a disk (device mapper, loop) or on a card (bridges, taps) would count twice.
    read_from = [disks[name] for name in disks if (_BLOCK / name / "device").exists()]
    real = [name for name in cards if (_NET / name / "device").exists()]
    carried = [cards[name] for name in real or [name for name in cards if name != "lo"]]
    return (
        sum(disk.read_bytes for disk in read_from) if read_from else None,
        sum(disk.write_bytes for disk in read_from) if read_from else None,
        sum(card.bytes_recv for card in carried) if carried else None,
        sum(card.bytes_sent for card in carried) if carried else None,
    )
