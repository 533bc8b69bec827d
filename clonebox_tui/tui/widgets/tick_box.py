"""A box to tick whose mark comes and goes: Textual's own always shows one, and tells by its colour alone."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Button, Checkbox


class TickBox(Checkbox, inherit_bindings=False):
    """`[x]` or `[ ]`, and what it is about. Space ticks; enter is the form's, as on all its fields."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "toggle_button", show=False),
        Binding("enter", "agree", show=False),
    ]

    def action_agree(self) -> None:
        """Press the form's own button."""
        self.screen.query_one("#go", Button).press()

    @property
    def _button(self) -> Content:
        style = self.get_visual_style("toggle--button")
        return Content.assemble((f"[{'x' if self.value else ' '}]", style))
