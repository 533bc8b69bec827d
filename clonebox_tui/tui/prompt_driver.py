"""Textual's driver for Linux terminals, except that leaving does not wait: the stock one polls for 0.2 s.

And only ASCII leaves it where the terminal has nothing else: Textual's own parts (the palette, messages,
scrollbars) know Unicode alone.

Private in part (`exit_event`, the loop of the input thread), so it is used for one version only: see
`compositor.usable`.
"""

import os
import selectors
import threading
from codecs import getincrementaldecoder
from typing import Any

from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

from clonebox_tui.tui.presentation.ascii_cells import in_ascii_cells
from clonebox_tui.tui.presentation.glyphs import UNICODE

_TICK_SECONDS = 0.1
"""How often the parser looks whether an escape key was pressed alone; Textual's own interval."""


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

    def write(self, data: str) -> None:
        """Draw."""
        ascii_only = getattr(self._app, "glyphs", UNICODE).ascii
        super().write(in_ascii_cells(data) if ascii_only else data)

    def run_input_thread(self) -> None:
        """Pass on what is typed until the exit event is set."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")().decode
        with selectors.SelectSelector() as selector:
            for descriptor in (self.fileno, self.exit_event.reader):
                selector.register(descriptor, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                ready = [key.fd for key, _ in selector.select(_TICK_SECONDS)]
                # Half a character is no text yet, and no text would be the end of all input.
                if self.fileno in ready and (text := decode(os.read(self.fileno, 4096))):
                    for event in parser.feed(text):
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)
        try:
            for event in parser.feed(""):
                self.process_message(event)
        except (EOFError, ParseError):
            # What was typed last is half a sequence: nobody waits for the rest.
            return
