"""Long lines folded at spaces, indented like their beginning, so that nothing is hidden in a dialog."""

from itertools import takewhile

from rich.cells import cell_len, chop_cells

from clonebox_tui.tui.presentation.runs import Run, Runs, width_of


def _words(runs: Runs) -> list[Run]:
    words: list[Run] = []
    for text, ink in runs:
        word = ""
        for character in text:
            if character == " " and word.strip():
                words.append((word, ink))
                word = ""
            word += character
        words.append((word, ink))
    return words


def _beginning(runs: Runs) -> int:
    """The cell below which the rest of a line stands: that of its text, after its mark and its name."""
    before = [text for text, _ in takewhile(lambda run: run[0].endswith(" "), runs[:-1])]
    if before:
        return sum(map(cell_len, before))
    plain = "".join(text for text, _ in runs)
    return len(plain) - len(plain.lstrip(" ")) + 3


def fold(runs: Runs, width: int, hanging: int = 0) -> list[Runs]:
    """The line in pieces of at most `width` cells; a line that fits is left as it is.

    What is folded begins at the cell `hanging`; without one, below its text.
    """
    if width_of(runs) <= width:
        return [runs]
    indent = " " * min(hanging or _beginning(runs), width // 3)
    lines: list[list[Run]] = [[]]
    used = 0
    for word, ink in _words(runs):
        for part in chop_cells(word, width - len(indent)) if cell_len(word) > width - len(indent) else [word]:
            if used + cell_len(part) > width and used:
                lines.append([(indent, ink)])
                used, part = len(indent), part.lstrip(" ")
            lines[-1].append((part, ink))
            used += cell_len(part)
    return [tuple(line) for line in lines]
