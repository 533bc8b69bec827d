"""How far a full sweep is: a line now and then, and a record with which a broken off run goes on."""

import os
import time
from pathlib import Path

_RECORD = os.environ.get("CLONEBOX_FAULTS_RECORD", "")
"""A file with one line for each point that held; those in it are not tried again."""

_TELL_SECONDS = 20.0


class Course:
    """One sweep's way through its `points`."""

    def __init__(self, name: str, points: list[str]) -> None:
        self._name = name
        self._record = Path(_RECORD) if _RECORD else None
        known = self._known()
        self.before = [point for point in points if f"{name}: {point}" in known]
        self.left = [point for point in points if f"{name}: {point}" not in known]
        self._held = 0
        self._began = self._told = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long it took so far."""
        return time.monotonic() - self._began

    def held(self, point: str) -> None:
        """The world was whole after this one."""
        self._held += 1
        if self._record is not None:
            self._record.parent.mkdir(parents=True, exist_ok=True)
            with self._record.open("a") as file:
                file.write(f"{self._name}: {point}\n")
        now = time.monotonic()
        if now - self._told > _TELL_SECONDS:
            self._told = now
            to_go = self.seconds / self._held * (len(self.left) - self._held)
            print(
                f"{self._name}: {self._held} of {len(self.left)} held, {to_go / 60:.0f} min to go", flush=True
            )

    def _known(self) -> set[str]:
        if self._record is None or not self._record.exists():
            return set()
        return set(self._record.read_text().splitlines())
