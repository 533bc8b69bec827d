"""Images are imported and removed by jobs; one that a disk stands on stays, and rubbish does not."""

import hashlib
import os
import subprocess
import time
from pathlib import Path

import pytest

from clonebox_tui.engine.image_acts import (
    ABANDONED_SECONDS,
    BuildHandler,
    ImportHandler,
    RemoveHandler,
    listed,
)
from clonebox_tui.engine.images.store import ImageStore, References
from clonebox_tui.engine.jobs import JobRunner
from clonebox_tui.model.acts import Act, BuildImage, ImportImage, RemoveImage
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.store.database import Database
from clonebox_tui.store.jobs import JobStore


class Shop:
    """A store of images in the test's own folder, with a runner for its acts."""

    def __init__(self, world: Path) -> None:
        self.store = ImageStore(world / "images")
        self.store.folder.mkdir()
        self.needed: References = {}
        self.disk = world / "Some Disk.qcow2"
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", str(self.disk), "8M"], check=True)
        self.handlers = {
            ImportImage: ImportHandler(lambda _: self.store),
            RemoveImage: RemoveHandler(lambda _: self.store, self.references, lambda _: None),
            BuildImage: BuildHandler(lambda _: self.store),
        }

    async def references(self) -> References:
        return self.needed

    async def do(self, world: Path, act: Act) -> Job:
        database = await Database.open(world / "jobs.sqlite")
        try:
            runner = JobRunner(JobStore(database), self.handlers)
            return await runner.wait((await runner.run(act)).id)
        finally:
            await database.close()


@pytest.fixture
def shop(world: Path) -> Shop:
    return Shop(world)


async def test_a_file_becomes_an_image_with_its_users(world: Path, shop: Shop) -> None:
    digest = hashlib.sha512(shop.disk.read_bytes()).hexdigest()
    job = await shop.do(world, ImportImage(str(shop.disk), sha512=digest))
    assert (job.state, job.result) == (JobState.SUCCEEDED, {"image": "some-disk"})
    [image] = await listed(shop.store, shop.references)
    assert (image.name, image.kind, image.used_by) == ("some-disk", "imported", ())
    shop.needed = {image.path: ("web",)}
    [image] = await listed(shop.store, shop.references)
    assert image.used_by == ("web",)


async def test_a_wrong_checksum_leaves_nothing(world: Path, shop: Shop) -> None:
    job = await shop.do(world, ImportImage(str(shop.disk), sha512="0" * 128))
    assert job.state is JobState.ROLLED_BACK
    assert job.problem is not None
    assert job.problem.code is Code.CHECKSUM_MISMATCH
    assert [name for name in os.listdir(shop.store.folder) if not name.endswith(".lock")] == []  # noqa: PTH208


async def test_an_image_in_use_is_not_removed_and_a_free_one_is(world: Path, shop: Shop) -> None:
    await shop.do(world, ImportImage(str(shop.disk), name="base"))
    [image] = await listed(shop.store, shop.references)
    shop.needed = {image.path: ("web",)}
    with pytest.raises(ProblemError) as refused:
        await shop.do(world, RemoveImage("base"))
    assert refused.value.problem.code is Code.IMAGE_IN_USE
    assert refused.value.problem.details == ("web",)
    shop.needed = {}
    job = await shop.do(world, RemoveImage("bas"))
    assert (job.state, job.result) == (JobState.SUCCEEDED, {"image": "base"})
    assert await listed(shop.store, shop.references) == ()


@pytest.mark.parametrize(
    ("source", "code"), [("relative.qcow2", Code.USAGE), ("/nowhere/at/all.qcow2", Code.FILE_NOT_FOUND)]
)
async def test_a_source_that_is_not_there_is_refused_before_a_job_begins(
    world: Path, shop: Shop, source: str, code: Code
) -> None:
    with pytest.raises(ProblemError) as refused:
        await shop.do(world, ImportImage(source))
    assert refused.value.problem.code is code


async def test_what_was_abandoned_is_swept_and_what_is_under_way_stays(world: Path, shop: Shop) -> None:
    abandoned, under_way = shop.store.folder / ".building-old", shop.store.folder / ".importing-new"
    for folder in (abandoned, under_way):
        folder.mkdir()
    long_ago = time.time() - ABANDONED_SECONDS - 60
    os.utime(abandoned, (long_ago, long_ago))
    await shop.do(world, ImportImage(str(shop.disk)))
    assert not abandoned.exists()
    assert under_way.exists()
