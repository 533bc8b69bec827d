"""What holds the panes: they cover it, so drawing its ground line by line would be for nothing."""

from textual.containers import Horizontal, Vertical


class Across(Horizontal):
    """Panes side by side."""

    BLANK = True


class Down(Vertical):
    """Panes one below the other."""

    BLANK = True
