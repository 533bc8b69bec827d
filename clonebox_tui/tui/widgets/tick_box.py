"""A box to tick whose mark comes and goes: Textual's own always shows one, and tells by its colour alone."""

from textual.content import Content
from textual.widgets import Checkbox


class TickBox(Checkbox):
    """`[x]` or `[ ]`, and what it is about."""

    @property
    def _button(self) -> Content:
        style = self.get_visual_style("toggle--button")
        return Content.assemble((f"[{'x' if self.value else ' '}]", style))
