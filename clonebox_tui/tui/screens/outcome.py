"""How an act on several machines went where it did not go well everywhere: what failed, and on which."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from clonebox_tui.tui.presentation.amounts import plural
from clonebox_tui.tui.presentation.runs import Runs, clean, heading
from clonebox_tui.tui.screens.dialog import Dialog
from clonebox_tui.tui.widgets.bars import KeyBar
from clonebox_tui.tui.widgets.text_view import TextView


class OutcomeScreen(Dialog[None]):
    """`failures`: names of machines by what happened and what to do next; `done`: those that are well."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,q", "leave", "back", show=False),
        Binding("y", "copy", "copy", show=False),
    ]

    def __init__(
        self, title: str, failures: Mapping[tuple[str, str], Sequence[str]], done: Sequence[str]
    ) -> None:
        super().__init__()
        self._title = title
        self._failures = failures
        self._done = done

    def _lines(self) -> list[Runs]:
        lines: list[Runs] = []
        for (what, following), names in sorted(self._failures.items(), key=lambda pair: -len(pair[1])):
            lines.append(((f"{plural(len(names), 'machine')}: ", "bad"), (clean(what), "text")))
            lines.append((("  ", "text"), (clean(", ".join(sorted(names))), "strong")))
            lines += [(("  Next: ", "dim"), (clean(following), "text"))] if following else []
            lines.append(())
        if self._done:
            lines.append((("Done: ", "ok"), (clean(", ".join(sorted(self._done))), "dim")))
        return lines

    def compose(self) -> ComposeResult:
        """What failed, and how to leave."""
        with Vertical(classes="dialog -danger") as box:
            box.border_title = heading(self._title)
            yield TextView(self._lines(), classes="dialog-text", ground="surface")
            yield KeyBar(lambda: [("j k", "scroll"), ("y", "copy"), ("esc", "back")])

    def action_copy(self) -> None:
        """All of it."""
        from clonebox_tui.tui.face import Face

        if isinstance(self.app, Face):
            self.app.copy_visibly(f"{self._title}\n{self.query_one(TextView).plain_text}")
