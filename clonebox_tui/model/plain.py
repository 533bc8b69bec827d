"""Text that came from a guest, a file or a backend, made harmless before a terminal shows it."""

import re
import unicodedata

LONGEST_LINE = 4096
"""Characters kept of one line."""

_CUT = "…"

# ECMA-48 (and xterm's control sequences): CSI, then strings (OSC, DCS, SOS, PM, APC) up to BEL or ST or
# the end, then any other escape; each also by its one-character C1 form.
_SEQUENCES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f]).*?(?:\x07|\x1b\\|\x9c|$)"
    r"|\x1b[ -/]*[0-~]?",
    re.DOTALL,
)

_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories no line may carry: controls, formats (bidi among them), surrogates, private use,
unassigned, line and paragraph separators."""


def clean_line(data: bytes) -> str:
    """One line of anything as printable text of at most `LONGEST_LINE` characters.

    Invalid UTF-8 becomes U+FFFD, tabs become spaces; of what a carriage return overwrites the last is
    kept, as a terminal would show it.
    """
    # Four bytes a character at most, and room for control sequences: more cannot be shown anyway.
    return clean_text(data[: LONGEST_LINE * 16].decode("utf-8", "replace"))


def clean_text(text: str) -> str:
    """`clean_line` for what was decoded already."""
    if not text.isprintable():
        text = _neutral(text)
    return text if len(text) <= LONGEST_LINE else text[: LONGEST_LINE - 1] + _CUT


def _neutral(text: str) -> str:
    text = _SEQUENCES.sub("", text).replace("\n", " ")
    if "\r" in text:
        text = next((part for part in reversed(text.split("\r")) if part.strip()), "")
    text = text.expandtabs(8)
    return "".join(
        character
        for character in text
        if character.isprintable() or unicodedata.category(character) not in _DROPPED
    )
