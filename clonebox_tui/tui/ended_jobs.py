"""Tells a person that jobs have ended, in the way that was chosen: messages, and a signal to the terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from clonebox_tui.model.job import Job
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.tui.notices import WAYS, notices_of

if TYPE_CHECKING:
    from clonebox_tui.tui.face import Face


class EndedJobs:
    """`notices` of the app knows the way."""

    def __init__(self, face: "Face") -> None:
        self._face = face

    def tell(self, jobs: Sequence[Job]) -> None:
        """These have just ended."""
        face = self._face
        # Why a job that was started here failed is shown in full.
        told = [job for job in jobs if not face.cockpit.acting.explains(job)]
        for title, text, severity in notices_of(told, face.glyphs):
            face.notify(text, title=title, severity=severity, markup=False, timeout=6)
        for title, text, _ in notices_of(jobs, face.glyphs)[:1]:
            self._signal(f"{title}: {text}")

    def _signal(self, text: str) -> None:
        sequence = self._face.notices.sequence(text)
        if sequence and self._face._driver is not None:
            self._face._driver.write(sequence)

    def next_way(self) -> None:
        """The next way to be told of ended jobs, shown at once."""
        try:
            way = self._face.notices.choose_next()
        except ProblemError as error:
            self._face.tell_problem(error.problem)
            return
        self._face.tell(f"Ended jobs are told by {WAYS[way]}.")
        self._signal("ended jobs are told like this")
