"""Proves that every snapshot is drawn once, below its parent, with `now` where the machine stands."""

from hypothesis import given
from hypothesis import strategies as some

from clonebox_tui.model.snapshot import Branch, Snapshot, shortened, tree


def _drawn(branches: tuple[Branch, ...]) -> list[str]:
    return [branch.rails + (branch.snapshot.name if branch.snapshot else "now") for branch in branches]


def test_a_tree_with_branches() -> None:
    snapshots = (
        Snapshot("experiment", 3.0, "before-upgrade"),
        Snapshot("base", 1.0),
        Snapshot("before-upgrade", 2.0, "base", current=True),
        Snapshot("other", 4.0, "base"),
    )
    assert _drawn(tree(snapshots)) == [
        "base",
        "├─before-upgrade",
        "│ ├─experiment",
        "│ └─now",
        "└─other",
    ]


def test_nothing_is_only_now() -> None:
    assert _drawn(tree(())) == ["now"]
    assert tree((), now=False) == ()


def test_a_snapshot_whose_parent_is_gone_is_a_root() -> None:
    assert _drawn(tree((Snapshot("orphan", 1.0, "gone", current=True),))) == ["orphan", "└─now"]


def test_a_chain_of_hundreds() -> None:
    chain = tuple(Snapshot(f"s{n}", float(n), f"s{n - 1}" if n else "") for n in range(2000))
    assert [branch.depth for branch in tree(chain, now=False)] == list(range(2000))


@some.composite
def _forests(draw: some.DrawFn) -> tuple[Snapshot, ...]:
    count = draw(some.integers(0, 20))
    current = draw(some.integers(-1, count - 1)) if count else -1
    made: list[Snapshot] = []
    for number in range(count):
        parent = draw(some.sampled_from(["", *(each.name for each in made)]))
        age = draw(some.floats(0, 100))
        made.append(Snapshot(f"s{number}", age, parent, current=number == current))
    return tuple(draw(some.permutations(made)))


@given(_forests())
def test_every_snapshot_is_drawn_once_below_its_parent(snapshots: tuple[Snapshot, ...]) -> None:
    branches = tree(snapshots)
    names = [branch.snapshot.name if branch.snapshot else "" for branch in branches]
    assert sorted(names) == sorted([*(each.name for each in snapshots), ""])
    depth = {branch.snapshot.name: branch.depth for branch in branches if branch.snapshot}
    for branch in branches:
        assert len(branch.rails) == 2 * branch.depth
        if branch.snapshot is None:
            parent = next((each.name for each in snapshots if each.current), "")
        else:
            parent = branch.snapshot.parent
        assert branch.depth == (depth[parent] + 1 if parent else 0)
        assert not parent or names.index(parent) < branches.index(branch)


def test_of_long_rails_the_nearest_are_drawn() -> None:
    assert shortened("│ └─", 8) == "│ └─"
    assert shortened("  " * 100 + "│ └─", 8) == "…   │ └─"
