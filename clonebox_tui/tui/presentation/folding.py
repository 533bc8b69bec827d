"""Long lines folded at spaces, indented like their beginning, so that nothing is hidden in a dialog."""

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


def fold(runs: Runs, width: int, hanging: int = 0) -> list[Runs]:
    """The line in pieces of at most `width` cells; a line that fits is left as it is.

    What is folded begins at the cell `hanging`; without one, a little right of where the line began.
    """
    if width_of(runs) <= width:
        return [runs]
    plain = "".join(text for text, _ in runs)
    indent = " " * min(hanging or len(plain) - len(plain.lstrip(" ")) + 3, width // 3)
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
