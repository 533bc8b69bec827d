"""A problem as lines: what, why, next, and the details that come with it."""

from clonebox_tui.model.problem import Problem
from clonebox_tui.tui.presentation.runs import Runs, clean


def problem_lines(problem: Problem) -> list[Runs]:
    """Everything a problem says, with its code, which the docs explain."""
    lines: list[Runs] = [((clean(problem.what), "strong"),)]
    if problem.why:
        lines += [(), (("why    ", "dim"), (clean(problem.why), "text"))]
    if problem.next:
        lines += [(), (("next   ", "dim"), (clean(problem.next), "ok"))]
    if problem.details:
        lines += [(), *(((f"  {clean(line)}", "dim"),) for line in problem.details)]
    return [*lines, (), (("code   ", "dim"), (problem.code.value, "dim"))]
