"""The search for the first bad state: along one line of the tree, in as few looks as halving takes."""

import math

import pytest

from clonebox_tui.engine.fork.lineage import between, middle, most_boots
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.model.snapshot import Snapshot


def _line(count: int) -> list[Snapshot]:
    return [
        Snapshot(f"s{at}", float(at), f"s{at - 1}" if at else "", current=at == count - 1)
        for at in range(count)
    ]


def test_states_between_are_those_of_one_line() -> None:
    snapshots = [*_line(4), Snapshot("side", 9.0, "s1")]
    assert between(snapshots, "s0", "s3") == ("s1", "s2", "s3")
    assert between(snapshots, "s1", "") == ("s2", "s3", "")
    assert between(snapshots, "s0", "side") == ("s1", "side")
    assert between(snapshots, "s3", "") == ("",)


@pytest.mark.parametrize(("good", "bad"), [("s3", "s0"), ("s2", "s2"), ("side", "s3")])
def test_a_bad_one_that_does_not_descend_is_refused(good: str, bad: str) -> None:
    with pytest.raises(ProblemError) as caught:
        between([*_line(4), Snapshot("side", 9.0, "s1")], good, bad)
    assert caught.value.problem.code is Code.USAGE


@pytest.mark.parametrize("count", range(1, 70))
def test_every_first_bad_one_is_found_in_as_few_looks_as_halving_takes(count: int) -> None:
    for wanted in range(count):
        first, last, looks = 0, count - 1, 0
        while first < last:
            at = middle(first, last)
            looks += 1
            first, last = (at + 1, last) if at < wanted else (first, at)
        assert first == wanted
        assert looks <= most_boots(count) == math.ceil(math.log2(count))
