"""The question before one act is done to several machines: how many, which, and what the way back is."""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from clonebox_tui.model.filtering import state_word
from clonebox_tui.tui.batch import Planned, unnamed
from clonebox_tui.tui.presentation.amounts import plural
from clonebox_tui.tui.presentation.runs import Runs, clean, heading
from clonebox_tui.tui.screens.consent import Consent
from clonebox_tui.tui.widgets.text_view import TextView

WITHOUT_TYPING = 20
"""More machines than these want the words typed, as does what wants a name typed for one."""

_ALIGNED_CELLS = 32
"""Names up to this length stand in a column."""


class BulkScreen(Consent[tuple[Planned, ...]]):
    """The machines to go on with, or None. Those the act cannot be done to are named and left out."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pagedown,ctrl+d", "scroll(8)", "down", show=False, priority=True),
        Binding("pageup,ctrl+u", "scroll(-8)", "up", show=False, priority=True),
    ]

    def __init__(self, verb: str, planned: Sequence[Planned]) -> None:
        self._verb = verb
        self._planned = sorted(planned, key=lambda each: (each.plan is None, each.machine.name.lower()))
        self._able = tuple(each for each in self._planned if each.plan is not None)
        self._title = f"{verb} {plural(len(self._able), 'machine')}"
        final = any(each.plan is not None and each.plan.confirm for each in planned)
        must_type = self._able and (final or len(self._able) > WITHOUT_TYPING)
        super().__init__(self._able, self._title.lower() if must_type else "")

    def _lines(self) -> list[Runs]:
        longest = max((cell_len(clean(each.machine.name)) for each in self._planned), default=0)
        width = min(longest, _ALIGNED_CELLS)
        return [*self._warnings(), *(self._line(each, width) for each in self._planned)]

    @staticmethod
    def _line(each: Planned, width: int) -> Runs:
        name = clean(each.machine.name)  # whole, however long: it is what is asked about
        name += " " * (width - cell_len(name))
        if each.problem is None:
            return ((name, "text"), (f"  {state_word(each.machine)}", "dim"))
        why = each.problem.why or each.problem.what
        return ((name, "dim"), ("  left out: ", "warn"), (clean(why), "dim"))

    def _warnings(self) -> list[Runs]:
        """What is said of several but for their names, once: below it the machines must be seen."""
        warnings: dict[str, list[str]] = {}
        backs: dict[tuple[str, bool], list[str]] = {}
        for each in self._able:
            if each.plan is None:
                continue
            for text in each.plan.warnings:
                warnings.setdefault(unnamed(text, each.machine.name, "M"), []).append(text)
            if each.plan.undo:
                words = unnamed(each.plan.undo, each.machine.name, "M")
                backs.setdefault((words, each.plan.reversible), []).append(each.plan.undo)
        lines: list[Runs] = [(("! ", "warn"), (_once(said), "warn")) for said in warnings.values()]
        lines += [
            (("way back  ", "dim"), (_once(said), "ok" if can else "bad")) for (_, can), said in backs.items()
        ]
        return [*lines, ()] if lines else []

    def compose(self) -> ComposeResult:
        """Names, the words to type where they are wanted, then the buttons."""
        with Vertical(classes="dialog -danger" if self._phrase else "dialog") as box:
            box.border_title = heading(self._title)
            yield TextView(self._lines(), classes="dialog-text", ground="surface")
            word = self._verb if self._phrase else f"{self._verb}  y"
            yield from self._phrase_and_buttons(word)

    def _may_go(self, typed: str) -> bool:
        return bool(self._able) and super()._may_go(typed.strip().lower())


def _once(said: Sequence[str]) -> str:
    """The first of texts that differ in the machine's name alone; as it stands where none names one."""
    others = len(said) - 1 if len(set(said)) > 1 else 0
    return clean(said[0]) + (f" (the same for {plural(others, 'other')})" if others else "")
