"""Proves that ended jobs are told once, whoever started them, not again after a loss, aloud by choice."""

from pathlib import Path

import msgspec
import pytest

from clonebox_tui.client import LinkBack, LinkLost
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.problem import Code, Problem
from clonebox_tui.model.rpc import JobsChanged, Welcome
from clonebox_tui.tui.notices import Notices, beginning, left_running, notice_of, notices_of
from clonebox_tui.tui.presentation.glyphs import UNICODE
from tests.tui.conftest import Opened, face_of, screen_text, settled
from tests.tui.fake_fleet import FLEET, NOW, clone_job
from tests.tui.fake_wire import FakeWire

HOSTILE = "clone \x1b]52;c;aGk=\x07\x1b[31mred"


def _ended(number: int = 1, state: JobState = JobState.SUCCEEDED) -> Job:
    return Job(
        f"other-{number}", "machine.start", f"Start shop {number}", state, NOW - 60,
        started_at=NOW - 60, ended_at=NOW - 1,
    )  # fmt: skip


async def test_a_job_that_somebody_else_started_is_told_when_it_ends(opened: Opened, wire: FakeWire) -> None:
    async with opened(messages=True) as pilot:
        wire.tell(JobsChanged(2, (msgspec.structs.replace(_ended(), state=JobState.RUNNING, ended_at=None),)))
        await settled(pilot)
        assert "succeeded" not in screen_text(pilot)
        wire.tell(JobsChanged(3, (_ended(),)))
        await settled(pilot)
        assert "✔ Start shop 1" in screen_text(pilot)
        assert "succeeded after 59 s" in screen_text(pilot)


async def test_nothing_is_told_of_jobs_that_ended_before_or_while_the_worker_was_away(
    opened: Opened, wire: FakeWire
) -> None:
    wire.jobs = [_ended(number) for number in range(9)]
    async with opened(messages=True) as pilot:
        wire.tell(LinkLost(Problem(Code.WORKER_UNAVAILABLE, "The worker went away.")))
        wire.jobs += [_ended(number) for number in range(9, 20)]
        wire.tell(JobsChanged(2, tuple(wire.jobs)))
        wire.tell(LinkBack(Welcome("0", 1, 1, may_change=True, demo=True)))
        await settled(pilot)
        wire.tell(JobsChanged(3, tuple(wire.jobs)))
        await settled(pilot)
        assert not face_of(pilot)._notifications


async def test_a_job_that_began_and_ended_in_one_message_is_told(opened: Opened, wire: FakeWire) -> None:
    async with opened(messages=True) as pilot:
        wire.tell(JobsChanged(2, (_ended(),)))
        await settled(pilot)
        assert len(face_of(pilot)._notifications) == 1


async def test_a_job_seen_running_is_told_although_it_ended_during_the_loss(
    opened: Opened, wire: FakeWire
) -> None:
    running = clone_job(FLEET[2])
    wire.jobs = [running]
    async with opened(messages=True) as pilot:
        wire.tell(LinkLost(Problem(Code.WORKER_UNAVAILABLE, "The worker went away.")))
        wire.jobs = [msgspec.structs.replace(running, state=JobState.ROLLED_BACK, ended_at=NOW)]
        wire.tell(LinkBack(Welcome("0", 1, 1, may_change=True, demo=True)))
        await settled(pilot)
        assert "✖ clone build" in screen_text(pilot)
        assert len(face_of(pilot)._notifications) == 1


async def test_many_ends_at_once_are_one_message(opened: Opened, wire: FakeWire) -> None:
    jobs = tuple(
        _ended(number, JobState.FAILED if number == 2 else JobState.SUCCEEDED) for number in range(7)
    )
    async with opened(messages=True) as pilot:
        wire.tell(JobsChanged(2, jobs))
        await settled(pilot)
        assert len(face_of(pilot)._notifications) == 1
        assert "7 jobs ended" in screen_text(pilot)
        assert "6 succeeded, 1 failed" in screen_text(pilot)


async def test_the_bell_rings_only_once_it_was_chosen_and_the_choice_is_kept(
    opened: Opened, wire: FakeWire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    async with opened(messages=True) as pilot:
        face = face_of(pilot)
        face.notices = Notices(tmp_path)
        assert face._driver is not None
        monkeypatch.setattr(face._driver, "write", written.append)
        wire.tell(JobsChanged(2, (_ended(1),)))
        await settled(pilot)
        assert "\a" not in "".join(written)
        await pilot.press("B")
        written.clear()
        wire.tell(JobsChanged(3, (_ended(2),)))
        await settled(pilot)
        assert "".join(written).count("\a") == 1
    assert Notices(tmp_path).way == "bell"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"TERM": "xterm-256color"}, "\x1b]9;CloneBox: {}\a"),
        ({"TERM": "linux"}, "\a"),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/t,1,0"}, "\x1bPtmux;\x1b\x1b]9;CloneBox: {}\a\x1b\\"),
    ],
)
def test_a_terminal_is_sent_what_it_knows_and_nothing_a_title_may_hold(
    environment: dict[str, str], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "settings.toml").write_text('theme = "dark"\nnotify = "osc9"\n')
    title, text, _ = notice_of(msgspec.structs.replace(_ended(), title=HOSTILE), UNICODE)
    sent = Notices(tmp_path).sequence(f"{title}: {text}")
    head, _, tail = expected.partition("{}")
    assert sent.startswith(head)
    assert sent.endswith(tail)
    said = sent.removeprefix(head).removesuffix(tail)
    assert said.isprintable()
    assert ";" not in said


@pytest.mark.parametrize("settings", ["", "notify = 3", 'notify = "siren"', "not toml ["])
def test_anything_else_in_the_settings_means_a_message_alone(settings: str, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(settings)
    assert Notices(tmp_path).sequence("x") == ""


def test_severity_says_how_it_ended() -> None:
    states = (JobState.SUCCEEDED, JobState.CANCELLED, JobState.ROLLED_BACK)
    assert [notice_of(_ended(1, state), UNICODE)[2] for state in states] == [
        "information",
        "warning",
        "error",
    ]
    assert notices_of([], UNICODE) == []


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_message_over_a_dialog_leaves_all_of_it_to_be_read(
    opened: Opened, size: tuple[int, int]
) -> None:
    async with opened(size=size, messages=True) as pilot:
        await pilot.press("G", "k", "p")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("y")
        await settled(pilot)
        [toast] = pilot.app.screen.query("Toast")
        dialog = pilot.app.screen.query_one(".dialog")
        assert "Copied" in screen_text(pilot)
        assert not toast.region.overlaps(dialog.region)


def test_what_was_copied_is_shown_in_a_few_lines() -> None:
    assert beginning("one\ntwo") == "one\ntwo"
    assert beginning("\n".join("abcdefghij")) == "a\nb\nc\nd\ne\nf…"
    assert beginning("x" * 500) == "x" * 400 + "…"


def test_who_leaves_is_told_how_many_jobs_go_on() -> None:
    assert left_running(0) is None
    assert (left_running(1) or "").startswith("1 job keeps running:")
    assert (left_running(2) or "").startswith("2 jobs keep running:")
