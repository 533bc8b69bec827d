"""Lines of a comparison: a row for everything that differs, and the text that belongs to it."""

from collections.abc import Iterator

from clonebox_tui.model.difference import Difference, FactChange, FileChange, Kind
from clonebox_tui.tui.presentation.amounts import plural, size
from clonebox_tui.tui.presentation.runs import Runs, clean, fit

_MARKS = {Kind.ADDED: ("+", "ok"), Kind.REMOVED: ("-", "bad"), Kind.CHANGED: ("~", "warn")}
_WHAT_CELLS = 16
_WIDE = 64
"""Cells from which on a row also says what of a file differs; the text beside always does."""

Row = FactChange | FileChange | str
"""A change, or a heading."""


def rows_of(found: Difference) -> dict[str, Row]:
    """All rows by their id, in order: headings, then what stands below them."""
    rows: dict[str, Row] = {}
    kinds = (("Packages", found.packages), ("Services", found.services), ("Users", found.users))
    for heading, facts in kinds:
        if facts:
            rows[heading] = f"{heading} {len(facts)}"
            rows.update({f"{heading}\0{each.name}": each for each in facts})
    if found.files:
        rows["Files"] = f"Files {len(found.files)}{'+' if found.truncated else ''}"
        rows.update({f"Files\0{each.path}": each for each in found.files})
    return rows


def row_runs(row: Row, width: int) -> Runs:
    """One row."""
    if isinstance(row, str):
        return ((f" {row}", "strong"),)
    mark, ink = _MARKS[row.kind]
    if isinstance(row, FactChange):
        name = min(max(12, width // 2), 40)
        value = row.after or row.before if row.kind is not Kind.CHANGED else f"{row.before} → {row.after}"
        return ((f"  {mark} ", ink), (fit(clean(row.name), name), "text"), (f" {clean(value)}", "dim"))
    amount = size(row.size_after if row.size_after is not None else row.size_before)
    what = ", ".join(row.what) if row.kind is Kind.CHANGED else "folder" if "folder" in row.what else ""
    tail = (fit(f" {what}", _WHAT_CELLS) if width >= _WIDE else "") + f"{amount:>9}"
    room = max(8, width - 5 - len(tail))
    return ((f"  {mark} ", ink), (_fit_path(clean(row.path), room), "text"), (f"{tail} ", "dim"))


def text_of(row: Row, found: Difference) -> list[Runs]:
    """What is known of a row beyond its line: for a text, what changed in it."""
    if isinstance(row, str):
        return _summary(found)
    if isinstance(row, FactChange):
        words = [("before", row.before), ("after", row.after)]
        return [((f"{name:<8}", "dim"), (clean(value) or "not there", "text")) for name, value in words]
    return list(_file(row))


def _file(change: FileChange) -> Iterator[Runs]:
    yield ((clean(change.path), "strong"),)
    sizes = [size(each) or "–" for each in (change.size_before, change.size_after)]
    words = [change.kind.value, ", ".join(change.what)]
    if change.size_before is not None or change.size_after is not None:
        words.append(" → ".join(sizes) if change.kind is Kind.CHANGED else sizes[change.kind is Kind.ADDED])
    yield ((" · ".join(word for word in words if word), "dim"),)
    yield ()
    for line in change.text.splitlines()[2:]:
        yield ((clean(line.expandtabs(4)), _ink(line)),)
    if change.note:
        yield ((change.note, "dim"),)


def _ink(line: str) -> str:
    inks = {"+": "ok", "-": "bad", "@": "accent"}
    return inks.get(line[:1], "text")


def _summary(found: Difference) -> list[Runs]:
    lines: list[Runs] = [((f"{found.before or 'now'} → {found.after or 'now'}", "strong"),), ()]
    counts = [
        (len(found.packages or ()), "package"),
        (len(found.services or ()), "service"),
        (len(found.users or ()), "user"),
        (len(found.files), "file"),
    ]
    lines += [((plural(count, noun), "text"),) for count, noun in counts if count]
    if found.empty:
        lines.append((("Nothing differs.", "text"),))
    if found.used_before_bytes is not None and found.used_after_bytes is not None:
        more = found.used_after_bytes - found.used_before_bytes
        sign = "+" if more >= 0 else "−"
        used = f"{size(found.used_before_bytes)} → {size(found.used_after_bytes)} ({sign}{size(abs(more))})"
        lines += [(), (("disk used  ", "dim"), (used, "text"))]
    lines += [(), (("compared   ", "dim"), (clean(", ".join(found.paths)), "text"))]
    lines.append((("source     ", "dim"), (found.source, "text")))
    if found.truncated:
        lines.append((("There is more than is looked at.", "warn"),))
    return [*lines, *(((note, "dim"),) for note in found.notes)]


def _fit_path(path: str, width: int) -> str:
    """The end of a path says more than its beginning."""
    return fit(path, width) if len(path) <= width else f"…{fit(path[len(path) - width + 1 :], width - 1)}"
