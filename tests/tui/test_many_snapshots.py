"""Two hundred snapshots in one chain: each is readable, and a key repaints two lines of them."""

import pytest

from clonebox_tui.model.rpc import OnMachine, Snapshots
from clonebox_tui.model.snapshot import Snapshot
from clonebox_tui.tui.face import Face
from tests.tui.conftest import Opened, screen_text, settled
from tests.tui.fake_fleet import FLEET, NOW
from tests.tui.fake_wire import FakeWire

CHAIN = tuple(
    Snapshot(f"auto-{at:03}", NOW - 3600.0 * (200 - at), f"auto-{at - 1:03}" if at else "", current=at == 199)
    for at in range(200)
)


class ChainWire(FakeWire):
    """Every machine has them."""

    def _snapshot_list(self, params: object) -> Snapshots:
        assert isinstance(params, OnMachine)
        return Snapshots(params.machine, CHAIN)


@pytest.fixture
def wire() -> FakeWire:
    return ChainWire()


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_each_of_a_long_chain_can_be_read_and_reached(
    opened: Opened, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(size) as pilot:
        face = pilot.app
        assert isinstance(face, Face)
        face.cockpit.machine_list.put_cursor(FLEET[0].id)
        await settled(pilot)
        await pilot.press("p")
        await settled(pilot)
        tree = face.cockpit.snapshot_tree
        assert "Snapshots 200" in screen_text(pilot)
        assert tree.cursor == "auto-199"
        assert "auto-199" in screen_text(pilot)
        drawn: list[str] = []
        runs_of = tree.runs_of

        def counted(row: str, width: int) -> object:
            drawn.append(row)
            return runs_of(row, width)

        monkeypatch.setattr(tree, "runs_of", counted)
        await pilot.press("k")
        await settled(pilot)
        assert tree.cursor == "auto-198"
        assert set(drawn) <= {"auto-198", "auto-199"}
        for key, at in (("home", "auto-000"), ("j", "auto-001"), ("h", "auto-000")):
            await pilot.press(key)
            await settled(pilot)
            assert tree.cursor == at
            assert at in screen_text(pilot)
        for _ in range(8):
            await pilot.press("pagedown")
        await settled(pilot)
        assert tree.cursor in screen_text(pilot)
        assert int(tree.cursor.removeprefix("auto-")) > 40
