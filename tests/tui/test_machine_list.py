"""The list of machines: how many are in view, whose names are whole, and in which groups they stand."""

import msgspec
import pytest

from clonebox_tui.model.machine import State
from clonebox_tui.model.rpc import FleetChanged
from clonebox_tui.tui.presentation.glyphs import UNICODE
from clonebox_tui.tui.presentation.grouping import Grouping, grouped, heading_runs, is_heading, next_grouping
from clonebox_tui.tui.presentation.machine_row import Row, columns_of, job_word, row_runs
from clonebox_tui.tui.presentation.runs import width_of
from tests.tui.conftest import Opened, face_of, screen_text, settled
from tests.tui.fake_fleet import clone_job, machine, reading
from tests.tui.fake_wire import FakeWire

LONG = "customer-portal-staging"


def many(count: int = 40) -> FakeWire:
    names = [LONG, *(f"node-{number:02d}" for number in range(count - 1))]
    return FakeWire(tuple(machine(number, name) for number, name in enumerate(names, 1)))


@pytest.mark.parametrize("wire", [many()])
async def test_thirty_machines_are_in_view_with_their_whole_names(opened: Opened, wire: FakeWire) -> None:
    async with opened(size=(120, 40)) as pilot:
        wire.sample()
        await settled(pilot)
        lines = screen_text(pilot).splitlines()
        shown = [
            each.name for each in wire.machines.values() if any(f" {each.name} " in line for line in lines)
        ]
        assert len(shown) >= 30
        assert LONG in shown
        (line,) = [line for line in lines if f" {LONG} " in line and "GiB" in line[:45]]
        assert "%" in line[:45]


@pytest.mark.parametrize("longest", [3, 14, 22, 60])
def test_a_row_is_exactly_as_wide_as_its_list(longest: int) -> None:
    one = msgspec.structs.replace(machine(1, "n" * longest), tags=("web",), group="shop")
    row = Row(one, reading(one), bytes([1, 2, 3, 4]))
    for width in range(8, 150):
        assert width_of(row_runs(row, width, UNICODE, longest)) == width
        columns = columns_of(width, longest)
        if columns.spark or columns.labels:
            assert columns.name >= min(longest, 36)


@pytest.mark.parametrize("name", ["web-dev-before-upgrade-with-all", "数据库-测试-机器-很长的名字-很长的"])
def test_long_names_that_differ_at_their_ends_can_be_told_apart(name: str) -> None:
    rows = [row_runs(Row(machine(number, f"{name}-{number}")), 41, UNICODE, 36) for number in (1, 2)]
    names = ["".join(text for text, _ in row).split("   ")[0].rstrip() for row in rows]
    assert names[0] != names[1]
    assert all(f"-{number}" in shown and "…" in shown for number, shown in enumerate(names, 1))
    assert [width_of(row) for row in rows] == [41, 41]


@pytest.mark.parametrize(
    ("act", "word"),
    [("machine.delete", "delete"), ("snapshot.delete", "snapshot"), ("snapshot.restore", "restore")],
)
def test_what_is_done_to_a_snapshot_is_not_said_of_its_machine(act: str, word: str) -> None:
    assert job_word(msgspec.structs.replace(clone_job(machine(1, "a")), act=act)) == word


def test_what_gives_way_first() -> None:
    widths = [columns_of(width, 20) for width in (26, 30, 40, 46, 50, 80)]
    assert [(each.figures, bool(each.spark), bool(each.labels)) for each in widths] == [
        (False, False, False),
        (True, False, False),
        (True, False, False),
        (True, True, False),
        (True, True, False),
        (True, True, True),
    ]


SHOP = msgspec.structs.replace(machine(1, "a"), group="shop", tags=("web", "z"))
OTHER = msgspec.structs.replace(machine(2, "b", State.OFF), tags=("web", "z"))
NONE = machine(3, "c", State.OFF)


@pytest.mark.parametrize(
    ("grouping", "titles"),
    [
        (Grouping.NOTHING, []),
        (Grouping.GROUP, [("shop", 1), ("in no group", 2)]),
        (Grouping.TAG, [("web z", 2), ("without tags", 1)]),
        (Grouping.HOST, [("qemu:///session", 3)]),
        (Grouping.STATE, [("off", 2), ("running", 1)]),
    ],
)
def test_groups(grouping: Grouping, titles: list[tuple[str, int]]) -> None:
    rows = grouped((SHOP, OTHER, NONE), grouping)
    assert sorted(row for row in rows if not is_heading(row)) == [SHOP.id, OTHER.id, NONE.id]
    lines = ["".join(text for text, _ in heading_runs(row, 40)) for row in rows if is_heading(row)]
    assert [(line[:-3].strip(), int(line[-3:])) for line in lines] == titles
    assert all(len(line) == 40 for line in lines)


def test_the_groupings_go_round() -> None:
    seen = [Grouping.NOTHING]
    while (following := next_grouping(seen[-1])) is not Grouping.NOTHING:
        seen.append(following)
    assert len(seen) == len(Grouping)


async def test_a_list_that_a_broken_expression_emptied_says_so(opened: Opened) -> None:
    async with opened(size=(80, 24)) as pilot:
        await pilot.press("slash", *"zz[", "enter")
        await settled(pilot)
        text = screen_text(pilot)
        assert "no machine matches the filter" in text
        assert "not a regular expression: unterminated character set" in text
        await pilot.press("escape", "slash", *"zz", "enter")
        await settled(pilot)
        assert "not a regular" not in screen_text(pilot)


def test_thousands_are_told_alike() -> None:
    rows = grouped([machine(count, f"m{count}") for count in range(1, 1201)], Grouping.STATE)
    assert "1 200" in "".join(text for text, _ in heading_runs(rows[0], 40))


@pytest.mark.parametrize("wire", [FakeWire((SHOP, OTHER, NONE))])
async def test_the_cursor_goes_over_headings_and_follows_its_machine(opened: Opened, wire: FakeWire) -> None:
    async with opened(size=(120, 40)) as pilot:
        face = face_of(pilot)
        shown = face.cockpit.machine_list
        shown.group_by(Grouping.GROUP)
        await settled(pilot)
        assert shown.cursor == SHOP.id
        for keys, expected in ((["j"], OTHER), (["g"], SHOP), (["k"], SHOP), (["G"], NONE), (["j"], NONE)):
            await pilot.press(*keys)
            assert shown.cursor == expected.id, keys
        moved = msgspec.structs.replace(NONE, group="attic")
        wire.tell(FleetChanged(2, (moved,)))
        await settled(pilot)
        assert shown.machine_rows == [NONE.id, SHOP.id, OTHER.id]
        assert shown.cursor == face.session.selected == NONE.id
        assert "attic" in screen_text(pilot)
