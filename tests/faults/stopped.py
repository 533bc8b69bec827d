"""A worker that stands still at one of its points while the world is changed under it, and then goes on."""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.site import Site
from tests.worker.conftest import worker_pid

_LOOK_SECONDS = 0.002


@dataclass
class StoppingSite(Site):
    """A site whose failpoints are `stop KIND NUMBER`; `meanwhile` is done while the worker stands still."""

    meanwhile: Callable[[], None] = field(default=lambda: None)
    stood: int = 0
    """How often it stood still in the last attempt."""

    @contextlib.contextmanager
    def armed(self, failpoint: str) -> Iterator[None]:
        """Watch the worker beside the test."""
        over, self.stood = threading.Event(), 0
        watcher = threading.Thread(target=self._watch, args=(worker_pid(self.where), over))
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()

    def _watch(self, pid: int, over: threading.Event) -> None:
        while not over.wait(_LOOK_SECONDS):
            if _stands_still(pid):
                try:
                    self.meanwhile()
                    self.stood += 1
                finally:
                    os.kill(pid, signal.SIGCONT)
                return


def _stands_still(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    except OSError:
        return False
