"""Numbers as people read them: sizes, rates, times, always with their unit."""

_BINARY = ("B", "KiB", "MiB", "GiB", "TiB")
_DECIMAL = ("B", "kB", "MB", "GB", "TB")


def _scaled(value: float, base: float, units: tuple[str, ...]) -> tuple[float, str]:
    for unit in units[:-1]:
        # 999.5 would print as a fourth digit.
        if value < base * 0.9995:
            return value, unit
        value /= base
    return value, units[-1]


def _digits(value: float) -> str:
    return f"{value:.1f}" if value < 99.95 and value != int(value) else f"{value:.0f}"


def size(count: int | None) -> str:
    """Bytes in binary units, e.g. `1.1 GiB`; nothing when unknown."""
    if count is None:
        return ""
    value, unit = _scaled(float(count), 1024, _BINARY)
    return f"{_digits(value)} {unit}"


def gibibytes(count: int | None) -> str:
    """Bytes as a bare number of GiB with one decimal, e.g. `1.1`."""
    return "–" if count is None else f"{count / 1024**3:.1f}"


def byte_rate(rate: float | None) -> str:
    """Bytes a second in decimal units, e.g. `3.2 MB/s`; a dash for a gap."""
    if rate is None:
        return "–"
    value, unit = _scaled(rate, 1000, _DECIMAL)
    return f"{_digits(round(value, 1))} {unit}/s"


def bit_rate(rate: float | None) -> str:
    """Bytes a second shown as bits a second, as networks are rated: `12 Mb/s`."""
    if rate is None:
        return "–"
    value, unit = _scaled(rate * 8, 1000, ("b", "kb", "Mb", "Gb"))
    return f"{_digits(round(value, 1))} {unit}/s"


def percent(value: float | None) -> str:
    """A whole percentage, four cells wide; blank for a gap."""
    return "    " if value is None else f"{value:3.0f}%"


def duration(seconds: float) -> str:
    """The largest unit that says it: `12 s`, `4 min`, `3 h`, `2 d`."""
    seconds = max(0.0, seconds)
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    if seconds < 36 * 3600:
        return f"{seconds / 3600:.0f} h"
    return f"{seconds / 86400:.0f} d"


def next_try(seconds: float) -> str:
    """When a lost host is tried again; the time over, it is being tried, and a hung one takes long."""
    return f"retry in {duration(seconds)}" if seconds >= 0.5 else "retrying"


def number(count: int) -> str:
    """A count with its thousands apart: `1 000`."""
    return f"{count:,}".replace(",", " ")


def plural(count: int, noun: str) -> str:
    """`1 machine`, `2 machines`."""
    return f"{number(count)} {noun}{'' if count == 1 else 's'}"
