"""The sentence for a terminal in which nothing sensible can be drawn."""

from collections.abc import Sequence

from clonebox_tui.tui.presentation.runs import Runs
from clonebox_tui.tui.widgets.lines import Lines

_WORDS = ("This terminal is too small.", "CloneBox needs 60 × 15 cells.", "Make it larger, or press q.")


class TooSmall(Lines):
    """Shown by the stylesheet instead of everything else."""

    def lines(self, width: int, height: int) -> Sequence[Runs]:
        """The sentence, cut to what there is."""
        inks = ("warn", "text", "dim")
        del width
        return [((f" {text}", ink),) for text, ink in zip(_WORDS, inks, strict=True)][:height]
