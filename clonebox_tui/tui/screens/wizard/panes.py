"""The wizard's five panes; each shows one step of the draft and holds no state of its own."""

from collections.abc import Mapping, Sequence
from math import inf
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Label, TextArea

from clonebox_tui.model.job import Job
from clonebox_tui.model.problem import Problem
from clonebox_tui.tui.presentation.glyphs import Glyphs
from clonebox_tui.tui.presentation.job_text import job_lines
from clonebox_tui.tui.presentation.runs import Runs, heading
from clonebox_tui.tui.screens.wizard.form import FIELDS, Field, texts_of
from clonebox_tui.tui.screens.wizard.items import ItemTree
from clonebox_tui.tui.screens.wizard.state import Draft
from clonebox_tui.tui.screens.wizard.texts import (
    VALUE_CELL,
    evidence_lines,
    file_text,
    plan_text,
    survey_lines,
)
from clonebox_tui.tui.widgets.row_view import RowView
from clonebox_tui.tui.widgets.text_view import TextView

_FAULTS_SHOWN = 6


class Pane(Vertical):
    """A step on screen."""

    hints: ClassVar[Sequence[tuple[str, str]]] = ()
    """Keys that apply here."""

    def __init__(self, draft: Draft, glyphs: Glyphs) -> None:
        super().__init__(classes="wizard-pane")
        self.draft = draft
        self.glyphs = glyphs
        self.shown_at = inf
        """Since when all of it is there, as time.monotonic() counts."""

    def first(self) -> Widget:
        """What has the focus when the step opens."""
        raise NotImplementedError

    def renew(self) -> None:
        """The draft changed."""


class WherePane(Pane):
    """The folder, and what this host can do."""

    hints = (("enter", "next"), ("tab", "folder or host"), ("f", "fix"), ("esc", "leave"))

    def compose(self) -> ComposeResult:
        """A folder to type, the survey below."""
        yield Label("Which folder's environment shall be cloned?", classes="wizard-title")
        yield Input(self.draft.directory, id="wizard-folder", compact=True)
        yield Label("", id="wizard-folder-fault", classes="wizard-fault", markup=False)
        yield TextView((), id="wizard-survey", classes="wizard-text", hanging=VALUE_CELL)

    def on_mount(self) -> None:
        """Show what is known."""
        self.query_one(TextView).border_title = "What this host can do"
        self.renew()

    def first(self) -> Widget:
        """The folder."""
        return self.query_one("#wizard-folder")

    @property
    def folder(self) -> str:
        """What was typed."""
        return self.query_one("#wizard-folder", Input).value.strip()

    def renew(self) -> None:
        """The survey has come."""
        survey = self.draft.survey
        waiting: list[Runs] = [((f" {self.draft.survey_trouble or 'Looking at this host …'}", "dim"),)]
        self.query_one(TextView).put(waiting if survey is None else survey_lines(survey, self.glyphs))

    def tell_fault(self, problem: Problem) -> None:
        """Why this folder cannot be, and what to do; a project file's every fault."""
        said = " · ".join(part for part in (problem.what, problem.why, problem.next) if part)
        self.query_one("#wizard-folder-fault", Label).update(
            "\n".join((said, *problem.details[:_FAULTS_SHOWN]))
        )


class WhatPane(Pane):
    """The detected environment."""

    hints = (("space", "choose"), ("/", "filter"), ("h l", "fold"), ("enter", "next"), ("esc", "back"))

    BINDINGS: ClassVar[list[BindingType]] = [Binding("slash", "filter", "filter", show=False)]

    def compose(self) -> ComposeResult:
        """Tree, evidence, and a filter that appears when it is asked for."""
        yield ItemTree(self.draft, self.glyphs)
        yield TextView((), id="wizard-evidence", classes="wizard-text")
        yield Input(id="wizard-filter", placeholder="filter", compact=True)

    def on_mount(self) -> None:
        """Show what is there."""
        self.query_one("#wizard-evidence", TextView).border_title = "Evidence"
        self.query_one("#wizard-filter").display = False
        self.renew()

    @property
    def tree_of_items(self) -> ItemTree:
        """The tree."""
        return self.query_one(ItemTree)

    def first(self) -> Widget:
        """The tree."""
        return self.tree_of_items

    def renew(self) -> None:
        """Items came."""
        self.tree_of_items.relist()

    def action_filter(self) -> None:
        """Type what to look for."""
        line = self.query_one("#wizard-filter", Input)
        line.display = True
        line.focus()

    def drop_filter(self) -> bool:
        """Away with the filter; whether there was one."""
        line = self.query_one("#wizard-filter", Input)
        if not line.display:
            return False
        line.value = ""
        line.display = False
        self.tree_of_items.focus()
        return True

    @on(Input.Changed, "#wizard-filter")
    def _typed(self, event: Input.Changed) -> None:
        self.tree_of_items.set_filter(event.value)

    @on(Input.Submitted, "#wizard-filter")
    def _submitted(self, event: Input.Submitted) -> None:
        # Enter keeps the filter and goes to what it found; it must not go to the next step.
        event.stop()
        self.tree_of_items.focus()

    @on(RowView.Moved)
    def _moved(self) -> None:
        tree = self.tree_of_items
        # Where nothing matches the filter there is nothing to tell about either.
        self.query_one("#wizard-evidence", TextView).put(evidence_lines(tree.item) if tree.cursor else ())


class HowPane(Pane):
    """The form."""

    hints = (("enter", "next"), ("tab", "next field"), ("ctrl+n", "next, from shares"), ("esc", "back"))

    class Edited(Message):
        """Something was typed."""

    def compose(self) -> ComposeResult:
        """A line for each field, its fault below it where it has one."""
        assert self.draft.wish is not None  # noqa: S101 the step before makes it
        texts = texts_of(self.draft.wish)
        with VerticalScroll(classes="wizard-form", can_focus=False):
            for field in FIELDS:
                yield from self._lines(field, texts[field.name])
        yield Label("", id="wizard-hint", markup=False)

    @staticmethod
    def _lines(field: Field, text: str) -> ComposeResult:
        with Horizontal(classes="wizard-field -tall" if field.many_lines else "wizard-field"):
            yield Label(field.title, classes="wizard-name")
            if field.many_lines:
                yield TextArea(text, id=f"field-{field.name}", tab_behavior="focus", compact=True)
            else:
                yield Input(text, id=f"field-{field.name}", compact=True)
        fault = Label("", id=f"fault-{field.name}", classes="wizard-fault", markup=False)
        fault.display = False
        yield fault

    def first(self) -> Widget:
        """The name."""
        return self.query_one("#field-name")

    @property
    def texts(self) -> dict[str, str]:
        """What stands in the fields."""
        return {field.name: self._text(field) for field in FIELDS}

    def _text(self, field: Field) -> str:
        if field.many_lines:
            return self.query_one(f"#field-{field.name}", TextArea).text
        return self.query_one(f"#field-{field.name}", Input).value

    def show_faults(self, errors: Mapping[str, str], warnings: Mapping[str, str]) -> None:
        """A sentence below each field it is about."""
        for field in FIELDS:
            label = self.query_one(f"#fault-{field.name}", Label)
            text = errors.get(field.name) or warnings.get(field.name) or ""
            label.update(f"! {text}")
            label.display = bool(text)
            label.set_class(field.name not in errors, "-warning")

    def focus_fault(self, errors: Mapping[str, str]) -> None:
        """Go to the first field that cannot stand."""
        wrong = next((field.name for field in FIELDS if field.name in errors), None)
        if wrong is not None:
            self.query_one(f"#field-{wrong}").focus()

    @on(Input.Changed)
    @on(TextArea.Changed)
    def _edited(self) -> None:
        self.post_message(self.Edited())

    def on_descendant_focus(self) -> None:
        """Say what is wanted in the field that has the focus."""
        focused = self.screen.focused
        name = (focused.id or "").removeprefix("field-") if focused else ""
        hint = next((f"{field.title}: {field.hint}" for field in FIELDS if field.name == name), "")
        self.query_one("#wizard-hint", Label).update(hint)


class PlanPane(Pane):
    """What will be written and done."""

    hints = (
        ("enter", "build it"),
        ("j k", "scroll"),
        ("tab", "steps or file"),
        ("esc", "back, nothing was changed"),
    )

    def compose(self) -> ComposeResult:
        """The steps and the file, side by side where there is room."""
        plan = self.draft.plan
        assert plan is not None  # noqa: S101 the step before makes it
        yield TextView(plan_text(plan), id="wizard-plan", classes="wizard-text")
        yield TextView(file_text(self.draft, plan), id="wizard-file", classes="wizard-text")

    def on_mount(self) -> None:
        """Name the two."""
        plan = self.draft.plan
        title = heading(plan.title) if plan else "Plan"
        self.query_one("#wizard-plan", TextView).border_title = title
        self.query_one("#wizard-file", TextView).border_title = ".clonebox.yaml"

    def first(self) -> Widget:
        """The steps, to scroll."""
        return self.query_one("#wizard-plan")


class BuildPane(Pane):
    """The job, live."""

    hints = (("esc", "leave, it keeps running"), ("c", "cancel"), ("j k", "scroll"))

    def compose(self) -> ComposeResult:
        """The job's text."""
        yield TextView((), id="wizard-build", classes="wizard-text")

    def on_mount(self) -> None:
        """Name it."""
        self.query_one(TextView).border_title = "Build"

    def first(self) -> Widget:
        """The text."""
        return self.query_one(TextView)

    def show_job(self, job: Job, log: Sequence[str], now: float, more: Sequence[Runs]) -> None:
        """Steps, progress, the end of the log, and what stands below them.

        Without the calls, which the plan has shown: so the running step is in view on a small screen, too.
        """
        lines = job_lines(job, log[-12:], now, self.glyphs)
        self.query_one(TextView).put([*lines, *more])
