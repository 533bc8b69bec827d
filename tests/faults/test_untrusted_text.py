"""Whatever names, descriptions and logs hold, no control sequence reaches the terminal and no line breaks."""

import io
import sys
from collections.abc import Callable

import msgspec
import pytest
from rich.cells import cell_len

from clonebox_tui.cli import output
from clonebox_tui.model.job import Job, JobState, JobStep, Progress
from clonebox_tui.model.machine import Machine, MachineDetails, State
from clonebox_tui.model.plain import LONGEST_LINE, clean_line, clean_text
from clonebox_tui.model.plan import Plan, PlanStep
from clonebox_tui.model.problem import Code, Problem
from clonebox_tui.model.snapshot import Snapshot
from clonebox_tui.tui.presentation.glyphs import UNICODE
from clonebox_tui.tui.presentation.job_line import ended_runs, running_runs
from clonebox_tui.tui.presentation.job_text import job_lines, job_row
from clonebox_tui.tui.presentation.log_line import log_runs
from clonebox_tui.tui.presentation.machine_facts import fact_lines, summary
from clonebox_tui.tui.presentation.machine_row import Row, row_runs
from clonebox_tui.tui.presentation.output import OutputLines
from clonebox_tui.tui.presentation.plan_text import plan_lines
from clonebox_tui.tui.presentation.problem_text import problem_lines
from clonebox_tui.tui.presentation.runs import Runs, fit
from clonebox_tui.tui.presentation.snapshot_row import snapshot_facts, snapshot_runs, tree_rows
from tests.faults.hostile import HOSTILE, raw_in

WIDTH = 60


def test_there_are_sixty_kinds() -> None:
    assert len(HOSTILE) >= 60


def test_a_cleaned_line_is_printable_and_bounded() -> None:
    for kind, text in HOSTILE.items():
        for cleaned in (clean_text(text), clean_line(text.encode("utf-8", "surrogatepass"))):
            assert raw_in(cleaned) == [], kind
            assert "\n" not in cleaned, kind
            assert len(cleaned) <= LONGEST_LINE, kind


def test_commands_print_nothing_raw(capsys: pytest.CaptureFixture[str]) -> None:
    for kind, text in HOSTILE.items():
        output.table(("NAME", "SIZE>"), [(text, "1"), ("web", text)])
        output.pairs([("name", text)])
        output.say(f"{text}: done.")
        output.complain(Problem(Code.INTERNAL, text, text, text, (text,)), as_json=False)
        said = capsys.readouterr()
        assert raw_in(said.out + said.err) == [], kind
        assert len(said.out.splitlines()) == 5, kind


def test_json_holds_the_text_and_prints_nothing_raw(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, text in HOSTILE.items():
        if kind == "surrogate":
            continue  # no text that came over the wire can hold one
        written = io.StringIO()
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stdout", written)
            output.write_json({"name": text})
        assert raw_in(written.getvalue()) == [], kind
        assert msgspec.json.decode(written.getvalue()) == {"name": text}, kind


def _machine(text: str) -> Machine:
    return Machine("c/u", text, State.RUNNING, "qemu:///system", "u", 1, 1)


def _job(text: str) -> Job:
    trouble = Problem(Code.INTERNAL, text, text, text, (text,))
    return Job(
        "1", "machine.clone", text, JobState.FAILED, 0.0, "c/u", text, 0.0, 1.0, (JobStep("one", text),),
        Progress(text, 1, 2), trouble, note=text,
    )  # fmt: skip


def _snapshots(text: str) -> list[Runs]:
    snapshot = Snapshot(text, 0.0, "", text, current=True)
    branches = tree_rows((snapshot,)).values()
    return [snapshot_runs(branch, WIDTH, 1.0, UNICODE) for branch in branches]


def _logged(text: str) -> list[Runs]:
    lines = OutputLines()
    return [*lines.take(text.encode("utf-8", "replace") + b"\n", b""), log_runs(clean_text(text), None)]


def _plan(text: str) -> list[Runs]:
    step = PlanStep("one", text, text, text)
    return plan_lines(Plan("machine.clone", text, (step,), "", undo=text, warnings=(text,), notes=(text,)))


def _details(text: str) -> list[Runs]:
    details = MachineDetails(_machine(text), addresses=(text,), networks=(text,))
    return [*fact_lines(details), summary(details.machine, details, 1.0)]


SHOWN: dict[str, Callable[[str], list[Runs]]] = {
    "list": lambda text: [row_runs(Row(_machine(text)), WIDTH, UNICODE)],
    "details": _details,
    "snapshots": _snapshots,
    "job lines": lambda text: [running_runs((_job(text),), UNICODE), ended_runs(_job(text), UNICODE)],
    "job": lambda text: job_lines(_job(text), [text], 1.0, UNICODE),
    "jobs": lambda text: [job_row(_job(text), WIDTH, 1.0, UNICODE)],
    "log": _logged,
    "plan": _plan,
    "problem": lambda text: problem_lines(Problem(Code.INTERNAL, text, text, text, (text,))),
}


@pytest.mark.parametrize("where", SHOWN)
def test_the_cockpit_shows_nothing_raw(where: str) -> None:
    for kind, text in HOSTILE.items():
        for line in SHOWN[where](text):
            assert [repr(part) for part, _ in line if not part.isprintable()] == [], kind


def test_a_row_keeps_its_width() -> None:
    for kind, text in HOSTILE.items():
        row = row_runs(Row(_machine(text)), WIDTH, UNICODE)
        assert sum(cell_len(part) for part, _ in row) == WIDTH, kind
        assert cell_len(fit(clean_text(text), 20)) == 20, kind


def test_a_snapshot_s_facts_are_texts_for_one_line_each() -> None:
    for text in HOSTILE.values():
        for _, value in snapshot_facts(Snapshot("first", 0.0, description=text), 1.0):
            assert clean_text(value).isprintable()
