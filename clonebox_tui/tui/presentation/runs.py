"""Lines as runs of (text, ink): what presentation hands to widgets, with cell-true fitting.

An ink is a role (`text`, `dim`, `ok` …), never a colour: `inks.py` turns it into a style.
"""

from rich.cells import cell_len, set_cell_size

Run = tuple[str, str]
"""Text and the name of its ink."""

Runs = tuple[Run, ...]
"""One line."""


def width_of(runs: Runs) -> int:
    """Cells a line takes."""
    return sum(cell_len(text) for text, _ in runs)


def clean(text: str) -> str:
    """The text without control characters: guests and configurations are untrusted input."""
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


def heading(text: str) -> str:
    """The text as a border's title, which Textual would take as markup, and write as it stands."""
    return clean(text).replace("[", r"\[")


def fit(text: str, width: int) -> str:
    """Exactly `width` cells: padded with spaces, or cut with an ellipsis."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return text + " " * (width - cell_len(text))
    return set_cell_size(text, width - 1) + "…"


_NAME_END_CELLS = 6


def fit_name(text: str, width: int) -> str:
    """As `fit`, but cut in the middle: names often differ in nothing but their ends (`shop-1`, `shop-2`)."""
    if cell_len(text) <= width:
        return fit(text, width)
    end = ""
    for sign in reversed(text):
        if cell_len(sign + end) > min(_NAME_END_CELLS, width // 3):
            break
        end = sign + end
    return fit(text, width - cell_len(end)) + end


def crop(runs: Runs, width: int) -> Runs:
    """The runs cut to at most `width` cells, with an ellipsis where something was cut."""
    if width_of(runs) <= width:
        return runs
    kept: list[Run] = []
    left = width
    for text, ink in runs:
        size = cell_len(text)
        if size < left:
            kept.append((text, ink))
            left -= size
            continue
        kept.append((fit(text + " ", left), ink))
        break
    return tuple(kept)


def justify(left: Runs, right: Runs, width: int, ink: str = "text") -> Runs:
    """`left` and `right` at the two ends of a line; the left one is cut when they collide."""
    space = width - width_of(right)
    if space < 2:
        return crop(left, width)
    cut = crop(left, space - 1)
    return (*cut, (" " * (space - width_of(cut)), ink), *right)
