"""What the cockpit leaves out while the line to the terminal is slow: motion, graphs, most of the ticks."""

import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clonebox_tui.tui.face import Face
    from clonebox_tui.tui.session import Changes

TICK_SECONDS = 5.0
"""How often figures are drawn on a slow line."""

_FOLLOW_AFTER_SECONDS, _SLOW_FOLLOW_AFTER_SECONDS = 0.15, 1.0


class Thrift:
    """`tell` it how the line is; `put_off` says of news whether drawing it can wait."""

    def __init__(self, face: "Face", slow: bool) -> None:
        self._face = face
        self._motion = face.animation_level
        self._drawn_at = 0.0
        face.session.slow_line = slow
        self._animate()

    def tell(self, slow: bool) -> None:
        """The line is slow now, or good again: everything is drawn accordingly."""
        self._face.session.slow_line = slow
        self._animate()
        cockpit = self._face.cockpit
        cockpit.machine_list.refresh()
        cockpit.details.update_lines()
        cockpit.header.update_lines()

    def _animate(self) -> None:
        # Motion costs bytes, and bytes cost time; over ssh they always do.
        still = self._face.session.slow_line or "SSH_CONNECTION" in os.environ
        self._face.animation_level = "none" if still else self._motion

    @property
    def follow_after_seconds(self) -> float:
        """The other panes follow the cursor once it has rested for this long."""
        return _SLOW_FOLLOW_AFTER_SECONDS if self._face.session.slow_line else _FOLLOW_AFTER_SECONDS

    def put_off(self, changes: "Changes") -> bool:
        """Whether these are figures only, and the last ones were drawn a moment ago."""
        if not (changes.sampled and self._face.session.slow_line):
            return False
        now = time.monotonic()
        if now - self._drawn_at < TICK_SECONDS:
            return True
        self._drawn_at = now
        return False
