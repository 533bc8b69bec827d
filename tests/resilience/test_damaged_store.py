"""A damaged store of jobs is told where a person looks: in the cockpit until it was seen, and by doctor."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from clonebox_tui.client import Client
from clonebox_tui.model.places import Places
from clonebox_tui.model.problem import Code
from clonebox_tui.model.rpc import JOBS, TROUBLE_SEEN, Nothing
from tests.resilience.cockpit import cockpit
from tests.worker.conftest import Join, join, where

__all__ = ["join", "where"]


@pytest.fixture
def damaged(where: Places) -> Path:
    """A store that is none."""
    where.state.mkdir(parents=True)
    where.database.write_bytes(b"no database at all" * 300)
    return where.database


async def test_it_is_told_until_somebody_has_seen_it(damaged: Path, where: Places, join: Join) -> None:
    async def trouble(client: Client) -> object:
        return (await client.call(JOBS, Nothing())).trouble

    client = await join()
    told = (await client.call(JOBS, Nothing())).trouble
    assert told is not None
    assert told.code is Code.STORE_DAMAGED
    (aside,) = damaged.parent.glob("*.damaged-*")
    assert told.details == (f"Set aside: {aside}",)
    assert await trouble(await join()) == told
    await client.call(TROUBLE_SEEN, Nothing())
    assert await trouble(client) is None
    assert aside.exists()


def _checks() -> dict[str, dict[str, str]]:
    command = [sys.executable, "-m", "clonebox_tui", "--demo", "doctor", "--json"]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    return {check["name"]: check for check in json.loads(said.stdout)["checks"]}


def test_doctor_names_what_was_set_aside_as_long_as_it_lies_there(damaged: Path) -> None:
    check = _checks()["store"]
    (aside,) = damaged.parent.glob("*.damaged-*")
    assert check["state"] == "warning"
    assert str(aside) in check["found"]
    aside.unlink()
    assert _checks()["store"]["state"] == "ok"


@pytest.mark.slow
@pytest.mark.usefixtures("damaged")
def test_the_cockpit_shows_it_once_it_was_closed_never_again(world: Path) -> None:
    with cockpit(world) as terminal:
        terminal.wait_for("Reading the list of jobs failed", 60)
        terminal.wait_for(r"sqlite\.damaged-")
        terminal.press("esc")
        terminal.wait_for("12 machines", 60)
        terminal.wait_for("Reading the list", absent=True)
        terminal.press("q")
        assert terminal.ended() == 0
        with cockpit(world) as again:
            again.wait_for("12 machines", 60)
            again.wait_for("Snapshots", 60)
            again.pump(1)
            assert "Reading the list" not in again.text
