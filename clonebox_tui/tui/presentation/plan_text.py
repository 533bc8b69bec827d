"""A plan as lines: steps with their exact calls, cost, way back, warnings."""

from clonebox_tui.model.plan import Plan, PlanStep
from clonebox_tui.tui.presentation.amounts import duration, size
from clonebox_tui.tui.presentation.runs import Runs, clean


def step_lines(number: int, step: PlanStep) -> list[Runs]:
    """One step: its title, the call, and what a person could type instead."""
    lines: list[Runs] = [((f"{number:>2} ", "dim"), (clean(step.title), "text"))]
    if step.call:
        lines.append((("   ", "dim"), (clean(step.call), "accent")))
    if step.equivalent:
        lines.append((("   like: ", "dim"), (clean(step.equivalent), "dim")))
    return lines


def _fact(name: str, value: str, ink: str = "text") -> Runs:
    return ((f"{name:<12}", "dim"), (clean(value), ink))


def cost_lines(plan: Plan) -> list[Runs]:
    """Bytes and downtime where there are any, and whether there is a way back."""
    lines = [_fact("needs", size(plan.bytes_needed))] if plan.bytes_needed else []
    if plan.downtime_seconds:
        lines.append(_fact("interrupts", f"about {duration(plan.downtime_seconds)}"))
    back = plan.undo or ("can be undone" if plan.reversible else "It cannot be undone.")
    lines.append(_fact("way back", back, "ok" if plan.reversible else "bad"))
    return lines


def plan_lines(plan: Plan) -> list[Runs]:
    """The whole plan: warnings and cost first, since a small screen may cut the rest."""
    lines: list[Runs] = [(("! ", "warn"), (clean(text), "warn")) for text in plan.warnings]
    lines += [*cost_lines(plan), ()]
    for number, step in enumerate(plan.steps, 1):
        lines += step_lines(number, step)
    if plan.notes:
        lines += [(), *(((clean(note), "dim"),) for note in plan.notes)]
    return lines
