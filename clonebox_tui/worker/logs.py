"""The worker's log: one JSON document a line, the job's id on every line of a job, bounded in size."""

import asyncio
import json
import logging
import logging.handlers
import os
import time
from pathlib import Path

from clonebox_tui.engine.current_job import current_job

FILE_BYTES = 2 * 1024 * 1024
FILES = 5
"""The running file and four older ones."""

OUTPUT_BYTES = 1024 * 1024
"""What libraries print that know no logging: begun anew above this, and looked at so often:"""
OUTPUT_SECONDS = 10.0

_TEXT_LENGTH = 8_000
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """Formats a record with what was given as `extra`; texts are bounded."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        entry: dict[str, object] = {
            "time": f"{moment}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage()[:_TEXT_LENGTH],
        }
        if job := current_job.get():
            entry["job"] = job
        entry.update((key, value) for key, value in vars(record).items() if key not in _STANDARD)
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)[-_TEXT_LENGTH:]
        return json.dumps(entry, default=str, ensure_ascii=False)


def begin(path: Path, level: int = logging.INFO) -> None:
    """Send all logging of this process to `path`."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=FILE_BYTES, backupCount=FILES - 1, encoding="utf-8"
    )
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    logging.captureWarnings(True)


async def bound_output(path: Path, every_seconds: float = OUTPUT_SECONDS) -> None:
    """Keep the file that this process prints into bounded, for ever; a terminal or pipe is let alone."""
    while True:
        cut_output(path)
        await asyncio.sleep(every_seconds)


def cut_output(path: Path) -> None:
    """Begin the file anew when it has grown too long: it is written by appending."""
    try:
        found = path.stat()
        if found.st_size > OUTPUT_BYTES and os.path.samestat(found, os.fstat(2)):
            os.truncate(path, 0)
    except OSError:
        return  # nothing printed, or a full disk: both without harm
