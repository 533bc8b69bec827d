"""What an image's plan says is what is done: the programs that run on this host, and the folder that goes."""

import subprocess
from pathlib import Path

import pytest

from clonebox_tui.engine.jobs import JobRunner
from clonebox_tui.model.acts import Act, BuildImage, ImportImage, RemoveImage
from clonebox_tui.model.plan import Plan
from clonebox_tui.store.database import Database
from clonebox_tui.store.jobs import JobStore
from tests.engine.spying import programs, run_as_planned
from tests.engine.test_image_acts import Shop


@pytest.fixture
def shop(world: Path) -> Shop:
    return Shop(world)


async def _done(world: Path, shop: Shop, act: Act, monkeypatch: pytest.MonkeyPatch) -> tuple[Plan, list[str]]:
    """The act, planned and run to its end: its plan, and the programs that ran then."""
    database = await Database.open(world / "jobs.sqlite")
    try:
        jobs = JobRunner(JobStore(database), shop.handlers)
        plan = await jobs.plan(act, None)
        with monkeypatch.context() as watched:
            ran = programs(watched)
            await run_as_planned(jobs, act, plan)
        return plan, ran
    finally:
        await database.close()


def _ran(lines: list[str]) -> list[str]:
    """The programs with their first word, what bounds or wraps them aside."""
    tools = [line[line.index("qemu-img ") :] for line in lines if "qemu-img " in line]
    return [" ".join(line.split()[:2]) for line in tools]


def _given(world: Path, shop: Shop, kind: str) -> Path:
    """A disk image of this kind."""
    given = world / f"given.{kind}"
    subprocess.run(["qemu-img", "convert", "-O", kind, str(shop.disk), str(given)], check=True)
    if kind == "raw":  # known by the boot sector that a disk has
        with given.open("r+b") as file:
            file.seek(510)
            file.write(b"\x55\xaa")
    return given


@pytest.mark.parametrize("kind", ["qcow2", "raw", "vmdk"])
async def test_an_import_runs_what_was_planned(
    world: Path, shop: Shop, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = _given(world, shop, kind)
    plan, ran = await _done(world, shop, ImportImage(str(given)), monkeypatch)
    assert _ran(ran) == plan.steps[0].call.split("; ")


async def test_an_address_is_said_to_be_converted_only_where_that_is_needed(
    world: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, ran = await _done(world, shop, ImportImage(shop.disk.as_uri(), name="fetched"), monkeypatch)
    assert plan.steps[0].call == "qemu-img info; qemu-img convert, unless it is qcow2 already"
    assert _ran(ran) == ["qemu-img info"]


async def test_a_removal_names_the_very_folder(
    world: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("base", "other"):
        await shop.do(world, ImportImage(str(shop.disk), name=name))
    before = {path for path in shop.store.folder.iterdir() if path.is_dir()}
    plan, ran = await _done(world, shop, RemoveImage("bas"), monkeypatch)
    gone = before - set(shop.store.folder.iterdir())
    assert [f"rm -r {path}" for path in gone] == [plan.steps[0].call]
    assert ran == []


@pytest.mark.full
async def test_a_build_runs_what_was_planned(
    world: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, ran = await _done(world, shop, BuildImage(), monkeypatch)
    planned = plan.steps[0].call.split(", ")
    assert planned == ["mmdebstrap", "mke2fs -d", "qemu-img convert"]
    # Within namespaces, or under fakeroot: what wraps a program stands before it.
    tools = (("mmdebstrap",), ("mke2fs", "-d"), ("qemu-img", "convert"))
    told = [" ".join(tool) for line in ran for tool in tools if all(f"{word} " in line for word in tool)]
    assert told == planned
