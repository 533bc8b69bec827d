"""The store survives damage and other versions, and forgets what is old."""

import os
import stat
from pathlib import Path

import pytest

from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.model.sample import Reading
from clonebox_tui.store.database import Database
from clonebox_tui.store.jobs import JobStore
from clonebox_tui.store.samples import KEPT_MINUTES, SampleStore


def _set_aside(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.damaged-*"))


async def test_a_new_store_is_private_and_opens_again(world: Path) -> None:
    path = world / "deep" / "store.sqlite"
    for _ in range(2):
        database = await Database.open(path)
        assert await JobStore(database).newest(10) == ()
        await database.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("damage", [b"not a database at all" * 500, b""])
async def test_a_damaged_store_is_set_aside_and_a_new_one_begins(world: Path, damage: bytes) -> None:
    path = world / "store.sqlite"
    path.write_bytes(damage)
    database = await Database.open(path)
    assert await JobStore(database).newest(10) == ()
    await database.close()
    kept = _set_aside(world)
    assert len(kept) == (1 if damage else 0)
    assert all(each.read_bytes() == damage for each in kept)


async def test_a_store_with_a_torn_page_is_set_aside(world: Path) -> None:
    path = world / "store.sqlite"
    database = await Database.open(path)
    store = SampleStore(database)
    for minute in range(300):
        await store.rollup([(minute, Reading("simulated://x/machine", 1.0))])
    await database.close()
    content = bytearray(path.read_bytes())
    content[4096 * 2 : 4096 * 4] = os.urandom(4096 * 2)
    path.write_bytes(content)
    database = await Database.open(path)
    assert await SampleStore(database).past("simulated://x/machine", 0, 999) == []
    await database.close()
    assert len(_set_aside(world)) == 1


async def test_the_store_of_a_newer_program_is_refused_and_left_alone(world: Path) -> None:
    path = world / "store.sqlite"
    database = await Database.open(path)
    await database.run(lambda file: file.execute("PRAGMA user_version=999").fetchall())
    await database.close()
    before = path.read_bytes()
    with pytest.raises(ProblemError) as refused:
        await Database.open(path)
    assert refused.value.problem.code is Code.VERSION_MISMATCH
    assert path.read_bytes() == before


async def test_samples_come_back_in_order_and_a_day_is_kept(world: Path) -> None:
    database = await Database.open(world / "store.sqlite")
    store = SampleStore(database)
    minutes = [1_000_000, 1_000_000 + KEPT_MINUTES - 5, 1_000_000 + KEPT_MINUTES + 50]
    for minute in minutes:
        await store.rollup([(minute, Reading("m", float(minute))), (minute, Reading("other", 0.0))])
    kept = await store.past("m", 0, 2_000_000)
    assert [minute for minute, _ in kept] == minutes[1:]
    assert [reading.cpu_percent for _, reading in kept] == [float(minute) for minute in minutes[1:]]
    await database.close()
