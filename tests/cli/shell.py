"""A user's shell in a world of its own: runs the program, remembers what it said, leaves no worker."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

PROGRAM = (sys.executable, "-m", "clonebox_tui")
LONGEST_SECONDS = 150
"""A limit for what hangs: on a host with ten times the load everything takes ten times as long."""
_PLACES = ("config", "state", "cache", "data")


@dataclass(frozen=True)
class Said:
    """How one command ended and what it said."""

    code: int
    stdout: bytes
    stderr: bytes

    @property
    def text(self) -> str:
        """Standard output."""
        return self.stdout.decode()

    @property
    def errors(self) -> str:
        """Standard error."""
        return self.stderr.decode()

    def document(self) -> dict[str, list[dict[str, object]]]:
        """Standard output as the one JSON document it must be."""
        found = json.loads(self.stdout)
        assert isinstance(found, dict)
        return found

    def records(self, key: str) -> list[dict[str, object]]:
        """What stands under the plural key, which must be the only one."""
        document = self.document()
        assert list(document) == [key]
        return document[key]

    def problem(self) -> dict[str, object]:
        """The first problem told on standard error by `--json`."""
        found = json.loads(self.stderr.splitlines()[0])["problems"][0]
        assert isinstance(found, dict)
        return found


class Shell:
    """`before`: words in front of every command, e.g. `--demo`."""

    program: tuple[str, ...] = PROGRAM

    def __init__(self, *before: str) -> None:
        # Directly under /tmp: the path of a UNIX socket must stay short.
        self.root = Path(tempfile.mkdtemp(prefix="cbx-cli-", dir="/tmp"))
        self.before = before
        kept = {name: os.environ[name] for name in ("PATH", "COVERAGE_PROCESS_START") if name in os.environ}
        self.environment = {**kept, "HOME": str(self.root), "LANG": "C.UTF-8", "TZ": "UTC", "COLUMNS": "80"}
        for place in _PLACES:
            self.environment[f"XDG_{place.upper()}_HOME"] = str(self.root / place)
        self.runtime = self.root / "run"
        self.runtime.mkdir(mode=0o700)
        self.environment["CLONEBOX_RUNTIME_DIR"] = str(self.runtime)

    def __call__(self, *words: str, stdin: bytes | int = subprocess.DEVNULL, **variables: str) -> Said:
        """Run one command to its end; nothing it says may look like a crash."""
        ended = subprocess.run(
            [*self.program, *self.before, *words],
            env={**self.environment, **variables},
            cwd=self.root,
            capture_output=True,
            timeout=LONGEST_SECONDS,
            check=False,
            stdin=None if isinstance(stdin, bytes) else stdin,
            input=stdin if isinstance(stdin, bytes) else None,
        )
        said = Said(ended.returncode, ended.stdout, ended.stderr)
        assert b"Traceback" not in said.stdout + said.stderr, said.errors
        return said

    def start(self, *words: str) -> "subprocess.Popen[bytes]":
        """Start a command that is to be interrupted; ctrl+c reaches it as in a terminal."""
        return subprocess.Popen(
            [*self.program, *self.before, *words],
            env=self.environment,
            cwd=self.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # A shell without job control has its children ignore it.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )

    def close(self) -> None:
        """Stop the worker and remove the world."""
        self("worker", "stop", "--force")
        for lock in self.root.rglob("worker.lock"):
            _kill(lock)
        shutil.rmtree(self.root, ignore_errors=True)


def _kill(lock: Path) -> None:
    """End a worker that did not leave: its pid stands in its lock."""
    text = lock.read_text().strip()
    command = Path(f"/proc/{text}/cmdline")
    if text.isdigit() and command.exists() and b"clonebox_tui.worker" in command.read_bytes():
        os.kill(int(text), signal.SIGKILL)
