"""The table a person reads, and the same as JSON."""

import json
import os
import platform
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version

from tests.bench.figures import Figure

_HEAD = ("what", "ours", "other", "ratio", "budget", "", "note")


def _number(value: float | None, unit: str = "") -> str:
    if value is None:
        return ""
    digits = 3 if abs(value) < 1 else 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    return f"{value:.{digits}f}{f' {unit}' if unit else ''}"


def _budget(figure: Figure) -> str:
    if figure.budget is None:
        return ""
    if figure.other is None or figure.at_least:
        return f"{'≥' if figure.at_least else '≤'} {figure.budget:g} {figure.unit}"
    more = f" + {figure.allowance:g} {figure.unit}" if figure.allowance else ""
    return f"≤ {figure.budget:g} ×{more}"


def cells_of(figure: Figure) -> tuple[str, ...]:
    """A figure as a row of the table."""
    other = _number(figure.other, figure.unit)
    verdict = {None: "", True: "met", False: "NOT MET"}[figure.met]
    return (
        figure.name,
        _number(figure.ours, figure.unit),
        f"{other} ({figure.other_name})" if other else "",
        _number(figure.ratio),
        _budget(figure),
        verdict,
        figure.note,
    )


def table(figures: Sequence[Figure]) -> str:
    """All figures as a Markdown table."""
    rows = [_HEAD, *map(cells_of, figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    rows.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    )


def surroundings() -> str:
    """What it was measured on, and how busy that was at the end."""
    load = "–".join(f"{each:.0f}" for each in sorted(os.getloadavg()))
    return (
        f"{os.cpu_count()} cores, load {load}, guests emulated, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, Textual {version('textual')}, {date.today().isoformat()}"
    )


def document(figures: Sequence[Figure]) -> str:
    """All figures and what they were measured on, as JSON."""
    return json.dumps(
        {
            "surroundings": surroundings(),
            "figures": [
                {
                    "name": each.name, "unit": each.unit, "ours": each.ours, "other": each.other,
                    "other_name": each.other_name, "ratio": each.ratio, "budget": each.budget,
                    "allowance": each.allowance, "at_least": each.at_least, "met": each.met,
                    "note": each.note,
                }
                for each in figures
            ],
        },
        indent=1,
    )  # fmt: skip
