"""Textual's driver for Linux terminals, except that leaving does not wait: the stock one polls for 0.2 s.

It also asks the terminal how far it has read, and keeps its answers from being taken for keys.

Esc with another key close behind is two keys. Terminals send the same bytes for alt and a key, for which
Textual takes them: it drops the esc, and so esc and enter over a slow line would say yes to a question.

Private in part (`exit_event`, the loop of the input thread), so it is used for one version only: see
`compositor.usable`.
"""

import contextlib
import os
import re
import selectors
import threading
import time
from codecs import getincrementaldecoder
from typing import Any

from textual._parser import ParseError
from textual._xterm_parser import BRACKETED_PASTE_START, XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key, Paste

from clonebox_tui.tui.line import MODE, STATUS, Line

_TICK_SECONDS = 0.1
"""How often the parser looks whether an escape key was pressed alone; Textual's own interval."""


_STATUS_ANSWER = re.compile("\x1b\\[[03]n")
_MODE_ANSWER = re.compile(r"\x1b\[\?2026;\d\$y")
_BEGUN = ("\x1b", "\x1b[", "\x1b[0", "\x1b[3")
"""How an answer may begin; the rest of it is not a key."""
_ESC_ALONE = re.compile("\x1b(?=[\\r\\t !-NP-Zac-eg-z\\\\-`{-~\xa0-\U0010ffff]|\\Z)")
"""Not before what begins a sequence (`[`, `O`), nor alt with b, f, backspace, known from shells for words."""
_NEVER = re.compile("(?!)")
"""For those who gave a key with alt to an action."""
_FIRST_BYTES = 120
"""About what the modes take that Textual sets at first."""
_LONGEST_WAIT_SECONDS = 0.3


class _WakingEvent(threading.Event):
    """An event that can be waited for together with a terminal: `reader` is readable while it is set."""

    def __init__(self) -> None:
        super().__init__()
        self.reader, self._writer = os.pipe()

    def set(self) -> None:
        """Wake up whoever waits."""
        if not self.is_set():
            os.write(self._writer, b"!")
        super().set()

    def clear(self) -> None:
        """From now on nobody is woken up."""
        if self.is_set():
            os.read(self.reader, 1)
        super().clear()


class PromptDriver(LinuxDriver):
    """Reads keys as the stock driver does, and stops as soon as it is told to."""

    def __init__(self, *words: Any, **options: Any) -> None:
        super().__init__(*words, **options)
        self.exit_event: _WakingEvent = _WakingEvent()
        self._line: Line | None = getattr(self._app, "line", None)
        self._kept = ""
        self._pasting = False
        own_keys = self._app._keymap.values()
        self._escapes = _NEVER if any("alt+" in keys for keys in own_keys) else _ESC_ALONE
        self._settled = threading.Event()

    def start_application_mode(self) -> None:
        """Set the modes, and ask for the first time."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._line is not None:
            # Textual has asked for the mode by itself.
            self._line.begun(_FIRST_BYTES)
            self.write(STATUS)
            self.flush()

    def disable_input(self) -> None:
        """Wait for an answer that is on its way: the shell would take it for something typed."""
        line = self._line
        if line is not None and line.waiting and line.latency < _LONGEST_WAIT_SECONDS:
            self._settled.clear()
            self._settled.wait(min(_LONGEST_WAIT_SECONDS, line.latency + 0.02))
        super().disable_input()

    def _tell(self) -> None:
        app: Any = self._app
        if app.awaits_line:
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                self._loop.call_soon_threadsafe(app.call_later, app.line_answered)

    def _typed(self, text: str, whole: bool) -> str:
        """What was typed; `whole`: nothing more came for a while, so what looks begun is all there is."""
        text, self._kept = self._kept + text, ""
        line = self._line
        if line is not None:
            text = self._without_answers(text, line)
        if not whole:
            begun = _BEGUN if line is not None and line.waiting else _BEGUN[:1]
            self._kept = next((each for each in begun if text.endswith(each)), "")
        return text.removesuffix(self._kept)

    def _without_answers(self, text: str, line: Line) -> str:
        text, count = _STATUS_ANSWER.subn("", text)
        if count or _MODE_ANSWER.search(text):
            line.answered(STATUS if count else MODE, time.monotonic())
            self._settled.set()
            self._tell()
        return text

    def _hear(self, parser: XTermParser, text: str) -> None:
        """Pass on keys, those close behind an esc apart from it; what is pasted stays whole."""
        self._pasting = self._pasting or BRACKETED_PASTE_START in text
        for number, part in enumerate([text] if self._pasting else self._escapes.split(text)):
            if number:
                self.process_message(Key("escape", "\x1b"))
            # No text would be the end of all input.
            for event in parser.feed(part) if part else ():
                self._pasting = self._pasting and not isinstance(event, Paste)
                self.process_message(event)

    def run_input_thread(self) -> None:
        """Pass on what is typed until the exit event is set."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")().decode
        with selectors.SelectSelector() as selector:
            for descriptor in (self.fileno, self.exit_event.reader):
                selector.register(descriptor, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                ready = [key.fd for key, _ in selector.select(_TICK_SECONDS)]
                text = decode(os.read(self.fileno, 4096)) if self.fileno in ready else ""
                self._hear(parser, self._typed(text, whole=self.fileno not in ready))
                for event in parser.tick():
                    self.process_message(event)
        try:
            for event in parser.feed(""):
                self.process_message(event)
        except (EOFError, ParseError):
            # What was typed last is half a sequence: nobody waits for the rest.
            return
