"""What the cockpit is asked for on its command line, and what it refuses in one sentence."""

import pytest

from clonebox_tui.model.problem import Exit, ProblemError
from clonebox_tui.tui.options import parse


def test_a_theme_is_dark_or_light() -> None:
    assert parse(["--theme", "light"]).theme == "light"
    assert parse(["--theme=dark"]).theme == "dark"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--link=quick"], "auto, slow, fast"),
        (["--machines", "many"], "whole number"),
        (["--connect"], "needs a value"),
        (["--demo", "--connect", "qemu:///system"], "nothing real"),
        (["--nonsense"], "does not know"),
    ],
)
def test_what_makes_no_sense_is_refused(words: list[str], said: str) -> None:
    with pytest.raises(ProblemError, match=said) as refused:
        parse(words)
    assert refused.value.problem.exit_code is Exit.USAGE


def test_a_demo_may_name_a_simulated_fleet() -> None:
    assert parse(["--demo", "--connect", "simulated://demo?seed=3"]).connect == ["simulated://demo?seed=3"]
