"""kill -9 while files are removed: the next worker removes the rest, and nothing stays in the trash."""

import pytest

from clonebox_tui.model.job import JobState
from tests.faults.choice import ALL
from tests.faults.real import RealWorld
from tests.faults.site import Site

pytestmark = [pytest.mark.qemu, pytest.mark.timeout(900)]

REMOVALS = range(1, 6) if ALL else (2, 4)
"""Files of an entry: disk, key, their folder, the description, its folder."""


@pytest.mark.parametrize("number", REMOVALS)
async def test_a_purge_that_was_killed_is_finished(real: RealWorld, site: Site, number: int) -> None:
    subject = real.trash_purge()
    await subject.prepare()
    job = await site.attempt(subject.act, f"kill tidy {number}")
    left = await site.look_again()
    assert job is not None
    assert job.state is JobState.SUCCEEDED
    assert "the worker died" in job.note
    assert not [each for each in left if "/trash" in each or real.name in each]


@pytest.mark.parametrize("number", [1, 2])
async def test_a_machine_brought_back_leaves_no_entry(real: RealWorld, site: Site, number: int) -> None:
    subject = real.trash_restore()
    await subject.prepare()
    job = await site.attempt(subject.act, f"kill tidy {number}")
    left = await site.look_again()
    assert job is not None
    assert job.state is JobState.SUCCEEDED
    assert "the worker died" in job.note
    assert not [each for each in left if "/trash" in each]
    assert any(each.endswith(f"machines/{real.name}/disk.qcow2") for each in left)
