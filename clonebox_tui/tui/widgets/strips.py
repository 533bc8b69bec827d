"""Runs to a Strip of exact width: the last step before the screen, and the one place that knows ASCII."""

from collections.abc import Mapping

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from clonebox_tui.tui.presentation.ascii_cells import in_ascii_cells
from clonebox_tui.tui.presentation.runs import Runs, crop, width_of


def strip_of(
    runs: Runs, width: int, styles: Mapping[str, Style], ascii_only: bool = False, over: Style | None = None
) -> Strip:
    """The line, cut or padded to `width` cells; `over` is laid over every style (a cursor)."""
    line = crop(runs, width)
    if ascii_only:
        line = tuple((in_ascii_cells(text), ink) for text, ink in line)
    segments = [Segment(text, styles.get(ink) or styles["text"]) for text, ink in line]
    segments.append(Segment(" " * (width - width_of(line)), styles["text"]))
    if over is not None:
        segments = [Segment(each.text, (each.style or over) + over) for each in segments]
    return Strip(segments, width)
