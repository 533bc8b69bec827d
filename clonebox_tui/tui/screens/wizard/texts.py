"""The wizard's lines: the survey of the host, detected items, the plan with its file. Pure."""

from clonebox_tui.model.environment import DetectedItem, DetectedKind
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.rpc import Check, Survey
from clonebox_tui.tui.presentation.amounts import size
from clonebox_tui.tui.presentation.glyphs import Glyphs
from clonebox_tui.tui.presentation.plan_text import cost_lines, step_lines
from clonebox_tui.tui.presentation.runs import Run, Runs, clean, fit, justify
from clonebox_tui.tui.screens.wizard.state import Draft

_INKS = {"ok": "ok", "warning": "warn", "problem": "bad"}
_NAME_CELLS = 19  # qemu-system-x86_64 and a space
VALUE_CELL = _NAME_CELLS + 3
"""Where what was found stands in a line of the survey."""


def survey_lines(survey: Survey, glyphs: Glyphs) -> list[Runs]:
    """What this host can do; each lack with its fix."""
    marks = {"ok": glyphs.done, "warning": "!", "problem": glyphs.failed}
    lines: list[Runs] = []
    for check in survey.checks:
        ink = _INKS.get(check.state, "text")
        mark = marks.get(check.state, "·")
        lines.append(
            ((f" {mark} ", ink), (fit(clean(check.name), _NAME_CELLS), "text"), (clean(check.found), "dim"))
        )
        if check.state != "ok":
            lines += _remedies(check)
    limits = survey.limits
    free = f"{size(limits.memory_available_bytes)} of {size(limits.memory_bytes)} memory free"
    lines += [
        (),
        (
            (" " * 3, "dim"),
            (fit("this host", _NAME_CELLS), "text"),
            (f"{limits.cpus} CPUs · {free} · {size(limits.disk_free_bytes)} disk free", "dim"),
        ),
        (
            (" " * 3, "dim"),
            (fit("acceleration", _NAME_CELLS), "text"),
            (survey.accelerator, "ok" if survey.accelerator == "kvm" else "warn"),
            (f"  {clean(survey.accelerator_reason)}", "dim"),
        ),
    ]
    return lines


def _remedies(check: Check) -> list[Runs]:
    indent = " " * VALUE_CELL
    lines: list[Runs] = []
    if check.fix:
        fixable: tuple[Run, ...] = ((" · f here fixes it", "accent"),) if check.fixable else ()
        lines.append(((indent, "dim"), (f"fix: {clean(check.fix)}", "warn"), *fixable))
    if check.package:
        lines.append(((indent, "dim"), (f"Debian package: {check.package}", "warn")))
    return lines


def item_runs(draft: Draft, item: DetectedItem, width: int, glyphs: Glyphs) -> Runs:
    """One detected item: whether it is chosen, its name, how sure."""
    if item.kind is DetectedKind.NOTICE:
        mark, ink = "  ! ", "warn"
    elif not draft.may_choose(item):
        mark, ink = (f"  {glyphs.pending} ", "dim") if not item.secret else ("  - ", "warn")
    else:
        chosen = draft.is_chosen(item)
        mark, ink = (f" [{glyphs.done if chosen else ' '}]", "ok" if chosen else "dim")
    left: Runs = ((f"  {mark} ", ink), (clean(item.name), "text" if ink != "dim" else "dim"))
    word = "held back" if item.secret else item.confidence.value
    return justify(left, ((f"{word} ", "warn" if item.secret else "dim"),), width)


def group_runs(draft: Draft, title: str, items: list[DetectedItem], width: int) -> Runs:
    """The heading of a kind, with how many of it are chosen."""
    able = [item for item in items if draft.may_choose(item)]
    chosen = sum(draft.is_chosen(item) for item in able)
    count = f"{chosen} of {len(able)} " if able else f"{len(items)} "
    return justify(((f" {title}", "title"),), ((count, "dim"),), width)


def evidence_lines(item: DetectedItem | None) -> list[Runs]:
    """Why we think so; on a heading, what its keys do."""
    if item is None:
        return [(("space chooses or drops all of a kind · h folds it, l unfolds it", "dim"),)]
    lines: list[Runs] = [((clean(item.evidence), "text"),)]
    if item.held_back:
        lines.append(((f"held back: {clean(item.held_back)}", "warn"),))
    return lines


def plan_text(plan: Plan) -> list[Runs]:
    """What will be done: warnings, steps with their calls, cost."""
    lines: list[Runs] = [(("! ", "warn"), (clean(warning), "warn")) for warning in plan.warnings]
    lines += [()] if lines else []
    for number, step in enumerate(plan.steps, 1):
        lines += step_lines(number, step)
    return [*lines, (), *cost_lines(plan)]


def file_text(draft: Draft, plan: Plan) -> list[Runs]:
    """The project file that will be written; for one that is there already, what the plan notes of it."""
    if draft.prepared is not None and draft.prepared.existing:
        noted = [((clean(line), "dim"),) for note in plan.notes for line in note.splitlines()]
        return [(("The folder's own project file is used as it stands.", "text"),), (), *noted]
    return [((clean(line), "dim"),) for line in draft.config_text.splitlines()]
