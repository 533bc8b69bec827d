"""The small form for snapshots a machine takes by itself: how often, and how many are kept."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Label

from clonebox_tui.model.acts import SetSnapshotPolicy
from clonebox_tui.model.machine import Machine
from clonebox_tui.model.snapshot_policy import SnapshotPolicy, fault
from clonebox_tui.tui.presentation.runs import heading
from clonebox_tui.tui.screens.dialog import Dialog
from clonebox_tui.tui.widgets.tick_box import TickBox

_FIELDS = (
    ("every_hours", "Every so many hours, while it runs (0: never)"),
    ("keep_last", "Keep the last so many"),
    ("keep_daily", "Keep the last of each day, for so many days"),
    ("keep_weekly", "Keep the last of each week, for so many weeks"),
)
_BEFORE = ("keep_before", "Keep the last so many of those")


def policy_of(texts: dict[str, str], before_risky: bool = False) -> SnapshotPolicy | str:
    """What was typed as a policy, or a sentence on what is wrong with it."""
    try:
        counts = {
            name: int(texts[name]) for name in ("keep_last", "keep_daily", "keep_weekly", "keep_before")
        }
        policy = SnapshotPolicy(float(texts["every_hours"]), before_risky=before_risky, **counts)
    except ValueError:
        return "Numbers only."
    return fault(policy) or policy


class SnapshotPolicyScreen(Dialog[SetSnapshotPolicy]):
    """The act, or None."""

    def __init__(self, machine: Machine, policy: SnapshotPolicy) -> None:
        super().__init__()
        self._machine = machine
        self._policy = policy

    def compose(self) -> ComposeResult:
        """Five numbers and a box."""
        with Vertical(classes="dialog") as box:
            box.border_title = heading(f"Automatic snapshots of {self._machine.name}")
            for name, title in _FIELDS:
                yield Label(title, classes="dialog-label -form" if name == "every_hours" else "dialog-label")
                yield self._number(name)
            yield TickBox(
                "Before risky acts: a reboot, files put into it",
                self._policy.before_risky,
                id="before_risky",
                compact=True,
            )
            name, title = _BEFORE
            yield Label(title, classes="dialog-label")
            yield self._number(name)
            yield Label("", id="fault", classes="dialog-fault", markup=False)
            with Horizontal(classes="dialog-buttons"):
                yield Button("Cancel  esc", id="cancel", compact=True)
                yield Button("Set  enter", id="go", compact=True)

    def _number(self, name: str) -> Input:
        return Input(f"{getattr(self._policy, name):g}", id=name, compact=True)

    def _typed(self) -> SnapshotPolicy | str:
        texts = {name: self.query_one(f"#{name}", Input).value for name, _ in (*_FIELDS, _BEFORE)}
        return policy_of(texts, self.query_one("#before_risky", TickBox).value)

    @on(Input.Changed)
    @on(TickBox.Changed)
    def _changed(self) -> None:
        found = self._typed()
        self.query_one("#fault", Label).update(found if isinstance(found, str) else "")
        self.query_one("#go", Button).disabled = isinstance(found, str)

    @on(Input.Submitted)
    @on(Button.Pressed, "#go")
    def _go(self) -> None:
        found = self._typed()
        if isinstance(found, SnapshotPolicy):
            self.dismiss(SetSnapshotPolicy(self._machine.id, found, self._policy))

    @on(Button.Pressed, "#cancel")
    def _cancelled(self) -> None:
        self.dismiss(None)
