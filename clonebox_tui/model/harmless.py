"""A guest's terminal output with what could reach beyond the screen taken out: for a console, which needs
the rest of its control sequences.

Taken out: strings (titles, the clipboard by OSC 52, device control), window operations, printing, and the
enquiry that terminals answer with a text of their own.
"""

import codecs
import re

# ECMA-48, and xterm's control sequences: see `plain`, which takes out all of them.
_BEGINS = re.compile(r"[\x05\x1b\x90\x98\x9b\x9d-\x9f]")
_STRING = re.compile(r"\x1b[\]PX^_k]|[\x90\x98\x9d-\x9f]")
_STRING_ENDS = re.compile(r"[\x07\x18\x1a\x9c\r\n]|\x1b\\|\x1b(?=[^\\])")
_CONTROL = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*([@-~])")
_OTHER = re.compile(r"\x1b[ -/]*[0-Z\\`-~]")
_UNFINISHED = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*\Z|\x1b[ -/]*\Z")
_REFUSED = frozenset("it")
_MODES = re.compile(r"(?:\x1b\[|\x9b)\?([0-9;]+)([hl])")
_LONGEST = 256
_HIDDEN_CURSOR = 25
_LEFT_ALONE = frozenset({7, 12})
"""Modes that a terminal has of itself: wrapping, and a blinking cursor."""


class HarmlessStream:
    """Takes bytes as they come, gives the text that a terminal may be shown."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._in_string = False
        self._modes: set[int] = set()
        self._cursor_hidden = False

    def feed(self, data: bytes) -> str:
        """What may be shown of it; a sequence that is not whole yet waits."""
        text, self._rest = self._rest + self._decoder.decode(data), ""
        kept: list[str] = []
        at = 0
        while at < len(text):
            at = self._end_string(text, at) if self._in_string else self._take(text, at, kept)
        shown = "".join(kept)
        self._note_modes(shown)
        return shown

    def farewell(self) -> str:
        """What makes a terminal as it was before: modes a guest's program left switched on."""
        modes = "".join(f"\x1b[?{mode}l" for mode in sorted(self._modes - _LEFT_ALONE))
        cursor = "\x1b[?25h" if self._cursor_hidden else ""
        # The margins of scrolling are reset with the cursor where it is.
        return f"\x1b7\x1b[r\x1b8{modes}{cursor}\x1b[0m\x1b(B\x1b>"

    def _take(self, text: str, at: int, kept: list[str]) -> int:
        begin = _BEGINS.search(text, at)
        if begin is None:
            kept.append(text[at:])
            return len(text)
        start = begin.start()
        kept.append(text[at:start])
        if _STRING.match(text, start):
            self._in_string = True
            return start + (2 if text[start] == "\x1b" else 1)
        control = _CONTROL.match(text, start)
        whole = control or _OTHER.match(text, start)
        if whole is not None:
            if control is None or control[1] not in _REFUSED:
                kept.append(whole[0])
            return whole.end()
        if len(text) - start < _LONGEST and _UNFINISHED.match(text, start):
            self._rest = text[start:]
            return len(text)
        return start + 1

    def _end_string(self, text: str, at: int) -> int:
        end = _STRING_ENDS.search(text, at)
        if end is None:
            self._rest = "\x1b" if text.endswith("\x1b") else ""
            return len(text)
        self._in_string = False
        # An escape that begins something else, and an end of line, are not part of the string.
        return end.start() if end[0] in "\x1b\r\n" else end.end()

    def _note_modes(self, shown: str) -> None:
        for numbers, letter in _MODES.findall(shown):
            for mode in (int(number) for number in numbers.split(";") if number.isdigit()):
                if mode == _HIDDEN_CURSOR:
                    self._cursor_hidden = letter == "l"
                elif letter == "h":
                    self._modes.add(mode)
                else:
                    self._modes.discard(mode)
