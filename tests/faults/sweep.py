"""Tries one act again and again, killed or broken at another of its points each time."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from clonebox_tui.model.acts import Act
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.rpc import Undo
from tests.faults.choice import SEED, chosen
from tests.faults.course import Course
from tests.faults.site import Site

KILLS = ("kill journal", "kill call", "kill during", "kill file", "kill tidy", "kill spawn")
FAILURES = (
    *(f"{action} {kind}" for kind in ("journal", "call", "file", "spawn") for action in ("fail", "fail-on")),
    # An agent that never answers again is waited for, ten minutes in a clone: too long for a sweep.
    "fail agent",
)


@dataclass(frozen=True)
class Subject:
    """An act; `prepare` makes the world as it is before it, from whatever was left."""

    name: str
    act: Act | Undo
    prepare: Callable[[], Awaitable[None]]
    same: bool = False
    """The act only looks: its goal is the world as it was."""
    either: bool = False
    """Nothing takes the act back: one that failed, and says so, may have reached its goal."""


@dataclass(frozen=True)
class Ends:
    """How the world may look when all is over."""

    before: list[str]
    goal: list[str]
    either: bool = False

    def check(self, job: Job | None, found: list[str], when: str, lasting: bool) -> None:
        """All or nothing, and the job says which; what cannot be undone for good is named by it."""
        whole = job is not None and job.state is JobState.SUCCEEDED
        wanted = self.goal if whole else self.before
        lost, extra = sorted(set(wanted) - set(found)), sorted(set(found) - set(wanted))
        failed = job and job.state is JobState.FAILED and job.problem
        told = failed and ((lasting and failed.details) or (self.either and found == self.goal))
        assert found == wanted or told, f"{when} ({_said(job)}): missing {lost}, left {extra}"
        assert job is None or job.state.ended, when


async def sweep(site: Site, subject: Subject, faults: tuple[str, ...], at_most: int) -> Counter[str]:
    """Do the act with each fault at each of its points; how many there were of each fault."""
    ends, points = await _unbroken(site, subject)
    all_of_them = every(points, faults)
    numbers = chosen(len(all_of_them), at_most, subject.name + faults[0])
    course = Course(subject.name, [all_of_them[number - 1] for number in numbers])
    for failpoint in course.left:
        await _try(site, subject, ends, failpoint)
        course.held(failpoint)
    tried = Counter(each.rpartition(" ")[0] for each in (*course.before, *course.left))
    said = f"{len(course.before)} of them before, " if course.before else ""
    print(f"{subject.name}: {tried.total()} of {len(all_of_them)} points: {dict(tried)}, "
          f"{said}{course.seconds:.0f} s")  # fmt: skip
    return tried


def every(points: Counter[str], faults: tuple[str, ...]) -> list[str]:
    """Each fault at each of its points."""
    return [f"{fault} {number}" for fault in faults for number in range(1, _count(points, fault) + 1)]


async def _try(site: Site, subject: Subject, ends: Ends, failpoint: str) -> None:
    when = f"{subject.name}: {failpoint} (seed {SEED})"
    await subject.prepare()
    assert site.inventory() == ends.before, when
    job = await site.attempt(subject.act, failpoint)
    lasting = failpoint.startswith("fail-on") or site.store_fails
    ends.check(job, _now(site, failpoint), when, lasting)
    ends.check(job, await site.look_again(), f"{when}, after another worker", lasting)


async def _unbroken(site: Site, subject: Subject) -> tuple[Ends, Counter[str]]:
    await subject.prepare()
    before = site.inventory()
    job = await site.attempt(subject.act)
    points = site.points
    site.stop()
    ends = Ends(before, site.inventory(), subject.either)
    assert job is not None, site.refused
    assert job.state is JobState.SUCCEEDED, job
    assert (ends.goal == before) is subject.same
    return ends, points


def _now(site: Site, failpoint: str) -> list[str]:
    """A job whose end could not be written is open on disk until another worker comes, and nowhere else."""
    unwritten = site.store_fails or (
        failpoint.startswith("fail") and (" journal " in failpoint or " store-" in failpoint)
    )
    return [each for each in site.inventory() if not (unwritten and each.startswith("open job"))]


def _count(points: Counter[str], fault: str) -> int:
    """How many points of a fault's kind there are; a write that ended well cannot fail any more."""
    action, kind = fault.split()
    wanted = f"{kind} before" if kind == "journal" and action != "kill" else f"{kind} "
    return sum(count for point, count in points.items() if point.startswith(wanted))


def _said(job: Job | None) -> str:
    return f"{job.state.value}: {job.note} {job.problem}" if job else "nothing was written down"
