"""The benchmark can be trusted where it reads: escape sequences, /proc, budgets, the table."""

import json
import os
import sys

import pytest

from tests.bench.__main__ import MEASUREMENTS, main
from tests.bench.figures import Figure, median
from tests.bench.processes import children, cpu_seconds, memory, parsed_memory
from tests.bench.report import document, table
from tests.bench.terminal import Terminal, words_in
from tests.bench.ticks import node_of


def test_words_are_found_between_escape_sequences() -> None:
    assert words_in(b"\x1b[38;2;1;2;3mem\x1b[1mpty\x1b]8;;http://x\x1b\\!\x1b[?2026$p") == b"empty!"


def test_memory_is_read_in_bytes() -> None:
    assert parsed_memory("Rss:   12 kB\nPss: 3 kB\nName: x\n") == {"Rss": 12288, "Pss": 3072}
    assert memory(os.getpid())["Rss"] >= memory(os.getpid())["Pss"] > 0


def test_cpu_time_of_a_process_grows_with_its_work() -> None:
    before = cpu_seconds(os.getpid())
    while cpu_seconds(os.getpid()) <= before:  # the kernel counts in hundredths of a second
        sum(range(100_000))
    assert cpu_seconds(2**22 + 1) == 0.0, "no such process"
    assert os.getpid() not in children(os.getpid())


@pytest.mark.parametrize(
    ("figure", "met"),
    [
        (Figure("a", "s", 1.3, 1.0, "x", 1.3), True),
        (Figure("a", "s", 1.31, 1.0, "x", 1.3), False),
        (Figure("a", "s", 1.14, 1.0, "x", 1.1, 0.05), True),
        (Figure("a", "KB", 0.6, budget=0.6), True),
        (Figure("a", "B/s", 0.1, budget=0), False),
        (Figure("a", "s", 9.0, 1.0, "x"), None),
        (Figure("a", "machines", 31, 6, "x", 30, at_least=True), True),
        (Figure("a", "machines", 29, budget=30, at_least=True), False),
    ],
)
def test_a_budget_bounds_the_ratio_or_the_figure_itself(figure: Figure, met: bool | None) -> None:
    assert figure.met is met


def test_the_table_and_the_document_tell_the_same() -> None:
    figures = [Figure("start", "CPU s", 0.2, 0.16, "empty app", 1.3), Figure("exit", "s", 0.3, budget=0.2)]
    lines = table(figures).splitlines()
    assert [line.count("|") for line in lines] == [8] * 4
    assert "≤ 1.3 ×" in lines[2]
    assert "NOT MET" in lines[3]
    told = json.loads(document(figures))["figures"]
    assert [each["met"] for each in told] == [True, False]
    assert median([3, 1, 2]) == 2


def test_a_program_is_driven_and_timed() -> None:
    script = "import sys, time; print('rea' + 'dy'); key = sys.stdin.read(1); print('got', key)"
    with Terminal((sys.executable, "-c", script), dict(os.environ), 40, 5) as terminal:
        assert 0 < terminal.wait_for_word(b"ready") < 30
        press = terminal.press("q\r", longest=10)
        assert press is not None
        assert press.first_ms > 0
        assert "got q" in terminal.text


def test_the_mock_of_libvirt_has_as_many_machines_as_asked_for() -> None:
    assert node_of(3).count("<domain ") == 3


def test_a_name_that_is_not_known_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nonsense"]) == 2
    told = capsys.readouterr().err
    assert all(name in told for name in MEASUREMENTS)
