"""The jobs screen by keys: what ended is done again after its plan was seen, what runs is cancelled."""

import msgspec

from clonebox_tui.model.acts import StartMachine
from clonebox_tui.model.job import JobState, JobStep, StepState
from clonebox_tui.model.log import LogLine
from clonebox_tui.model.rpc import JobLog, JobsChanged
from clonebox_tui.tui.screens.plan import PlanScreen
from tests.tui.conftest import Opened, face_of, screen_text, settled
from tests.tui.fake_fleet import FLEET, NOW, clone_job
from tests.tui.fake_wire import FakeWire

ENDED = msgspec.structs.replace(clone_job(FLEET[4]), state=JobState.FAILED, ended_at=NOW - 3)


async def test_an_ended_job_is_done_again_once_its_plan_was_seen(opened: Opened, wire: FakeWire) -> None:
    wire.jobs = [ENDED]
    async with opened() as pilot:
        await pilot.press("J")
        await settled(pilot)
        assert "r do again" in screen_text(pilot)
        assert "c cancel" not in screen_text(pilot)
        await pilot.press("r")
        await settled(pilot)
        assert isinstance(pilot.app.screen, PlanScreen)
        await pilot.press("enter")
        await settled(pilot)
        assert wire.acts() == []
        await pilot.press("r")
        await settled(pilot)
        await pilot.press("y")
        await settled(pilot)
        assert wire.acts() == [StartMachine(FLEET[4].id)]
        wire.tell(JobsChanged(2, tuple(wire.jobs)))
        await settled(pilot)
        assert "Jobs 2" in screen_text(pilot)


async def test_a_running_job_is_cancelled_not_repeated(opened: Opened, wire: FakeWire) -> None:
    wire.jobs = [clone_job(FLEET[2])]
    async with opened(size=(80, 24), messages=True) as pilot:
        await pilot.press("J")
        await settled(pilot)
        assert "c cancel" in screen_text(pilot)
        assert "1 under way" in screen_text(pilot)
        await pilot.press("r")
        await settled(pilot)
        assert "has not ended" in screen_text(pilot)
        await pilot.press("c")
        await settled(pilot)
        assert "job.cancel" in wire.names()


async def test_a_step_that_was_undone_does_not_look_as_if_it_ran(opened: Opened, wire: FakeWire) -> None:
    steps = (JobStep("define", "Define it", StepState.UNDONE), JobStep("start", "Start it", StepState.FAILED))
    wire.jobs = [msgspec.structs.replace(ENDED, steps=steps)]
    async with opened(size=(80, 24)) as pilot:
        await pilot.press("J")
        await settled(pilot)
        text = screen_text(pilot)
        assert "↶ Define it · undone" in text
        assert "✖ Start it " in text
        assert "◐" not in text


async def test_what_was_run_is_folded_below_its_text(opened: Opened, wire: FakeWire) -> None:
    wire.jobs = [ENDED]
    call = " ".join(f"word-{number}" for number in range(20))
    wire._job_log = lambda params: JobLog(params.job, (LogLine(NOW, f"  run: {call}"),))  # type: ignore[method-assign]
    async with opened(size=(80, 24)) as pilot:
        await pilot.press("at")
        await settled(pilot)
        first, second = [line for line in screen_text(pilot).splitlines() if "word-" in line][:2]
        assert second.index("word-") > next(at for at, sign in enumerate(first) if sign.isalnum())


async def test_read_only_offers_neither(opened: Opened, wire: FakeWire) -> None:
    wire.jobs = [ENDED, clone_job(FLEET[2])]
    async with opened(readonly=True) as pilot:
        await pilot.press("J")
        await settled(pilot)
        assert "do again" not in screen_text(pilot).splitlines()[-1]
        assert "cancel" not in screen_text(pilot).splitlines()[-1]
        await pilot.press("r", "j", "r", "c")
        await settled(pilot)
        assert not {"job.act", "job.cancel", "act.run"} & set(wire.names())
        assert face_of(pilot).screen is not face_of(pilot).cockpit
