"""Text for terminals that have only ASCII, as wide as it was: what stands beside it stays in its place."""

from rich.cells import get_character_cell_size

from clonebox_tui.model.terminal import signs_in_ascii

_LIKE = {
    "+": "╭╮╰╯┌┐└┘├┤┬┴┼✓✔",
    "-": "─━╌▔",
    "|": "│┃▌▐▎▊▏▕",
    "#": "█▇▆▅▄▃▂▓",
    "_": "▁",
    "*": "•●",
    "x": "✖✕",
    ">": "▶▸",
    "v": "▼",
    "^": "▲",
}


class _Cells(dict[int, str]):
    """Looked up by `str.translate`; what was seen once is known."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        like = signs_in_ascii(character)
        if not like.isascii():
            like = "?" * get_character_cell_size(character)
        self[code] = like
        return like


_TABLE = _Cells({ord(character): like for like, characters in _LIKE.items() for character in characters})


def in_ascii_cells(text: str) -> str:
    """The text in ASCII, each character as many cells wide as before; escape sequences stay as they are."""
    return text if text.isascii() else text.translate(_TABLE)
