"""The marks that are drawn, in two sets: one for UTF-8 terminals, one for everything else."""

from collections.abc import Mapping

import msgspec

from clonebox_tui.model.machine import State
from clonebox_tui.model.terminal import draws_utf8


class Glyphs(msgspec.Struct, frozen=True):
    """Single-cell marks. `sparks` and `bars` go from empty to full."""

    states: Mapping[State, str]
    sparks: str
    full: str
    empty: str
    busy: str
    host: str
    foreign: str
    marked: str
    now: str
    done: str
    failed: str
    pending: str
    undone: str
    more: str
    column: str
    arrow: str
    ascii: bool = False

    def rails(self, rails: str) -> str:
        """The lines left of a tree's item, in this set."""
        if not self.ascii:
            return rails
        return rails.replace("├─", "|-").replace("└─", "`-").replace("│", "|")

    def bar(self, fraction: float, width: int) -> str:
        """A bar of `width` cells, filled by `fraction` (0–1)."""
        filled = round(max(0.0, min(1.0, fraction)) * width)
        return self.full * filled + self.empty * (width - filled)


UNICODE = Glyphs(
    states={
        State.RUNNING: "●", State.PAUSED: "‖", State.STOPPING: "◐", State.OFF: "○",
        State.CRASHED: "✖", State.SUSPENDED: "◌", State.UNKNOWN: "?",
    },
    sparks="▁▂▃▄▅▆▇█", full="▓", empty="░", busy="◐", host="⌂", foreign="◇", marked="▌",
    now="◆", done="✔", failed="✖", pending="·", undone="↶", more="⎇", column="│", arrow="›",
)  # fmt: skip

ASCII = Glyphs(
    states={
        State.RUNNING: "*", State.PAUSED: "=", State.STOPPING: "~", State.OFF: "o",
        State.CRASHED: "x", State.SUSPENDED: "z", State.UNKNOWN: "?",
    },
    sparks="_.-~=+*#", full="#", empty=".", busy="~", host="@", foreign="^", marked=">",
    now="@", done="+", failed="x", pending=".", undone="<", more="&", column="|", arrow=">", ascii=True,
)  # fmt: skip


def glyphs_for(environment: Mapping[str, str]) -> Glyphs:
    """The set for a terminal: ASCII on the Linux console and wherever the locale is not UTF-8."""
    return UNICODE if draws_utf8(environment) else ASCII
