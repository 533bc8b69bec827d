"""A clone that lacks something is there, and still says so by its exit code."""

from clonebox_tui.cli.acting import exit_code, lacks_of
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.problem import Exit


def _done(result: dict[str, object] | None) -> Job:
    return Job("1", "machine.clone", "Clone", JobState.SUCCEEDED, 0.0, result=result)


def test_what_is_lacking_makes_a_clone_not_ready() -> None:
    job = _done({"machine": "m", "lacks": ["package x: not there"]})
    assert lacks_of(job) == ("package x: not there",)
    assert exit_code(job) == Exit.TIMED_OUT


def test_nothing_lacking_is_done() -> None:
    assert exit_code(_done({"machine": "m", "lacks": []})) == Exit.DONE
    assert exit_code(_done(None)) == Exit.DONE
