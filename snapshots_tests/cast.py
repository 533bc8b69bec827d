"""Records docs/tour.cast: the main ways through the cockpit, in a real terminal, on a simulated fleet.

    scripts/cast [FILE]        asciinema play docs/tour.cast

An asciicast of version 2. Each step has its length, whatever machine records it: what takes longer is told
faster, what is over sooner is watched until then. Two recordings differ in figures and clock alone.
"""

import codecs
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.terminal import Terminal

COLUMNS, ROWS = 112, 32
FLEET = ("--demo", "--machines", "12", "--seed", "7")
HOME = Path("/tmp/mia")  # noqa: S108 it is seen in the picture, so it has one name
_SEEN_SECONDS = 1.0
"""What a step leads to is looked at for so long at least."""

_CHUNK_SECONDS = 0.04
"""What is written within so long is one event."""


@dataclass(frozen=True)
class Step:
    """Keys, what is on the screen then (a regular expression), and how long all of it takes in the cast."""

    keys: tuple[str, ...]
    until: str
    seconds: float
    pause: float = 0.0
    """Between two keys, where they shall be followed."""


def _typed(text: str) -> tuple[str, ...]:
    return tuple(text)


TOUR = (
    Step((), r"12 machines", 3.0),
    Step(("j", "j", "j"), r"Snapshots", 2.5, 0.4),
    Step(("/",), r"regex", 0.8),
    Step(_typed("web"), r"1 of 12|\d of 12", 1.6, 0.15),
    Step(("enter",), r"web-dev", 1.2),
    Step(("2", "enter"), r"\[10 min\]", 3.0, 0.5),
    Step(("]", "]"), r"\[6 h\]", 2.0, 0.7),
    Step(("H", "H", "H", "h", "h"), r"ago", 2.5, 0.3),
    Step(("esc", "p"), r"before|base", 2.0, 0.6),
    Step(("t",), r"Take a snapshot", 1.5),
    Step((*["backspace"] * 15, *_typed("before-release")), r"before-release", 2.5, 0.04),
    Step(("enter",), r"Take  y", 3.0),
    Step(("y",), r"✔ Take snapshot before-release", 3.0),
    Step(("R",), r"Restore  y", 4.0),
    Step(("y",), r"✔ Restore web-dev", 4.0),
    Step(("esc", "esc"), r"n clone", 1.2, 0.4),
    Step(("n",), r"Which folder", 2.5),
    Step(("enter",), r"chosen of", 4.0),
    Step(("j", "j", "j"), r"Evidence", 1.5, 0.3),
    Step(("enter",), r"processors", 2.5),
    Step(("enter",), r"build it", 4.5),
    Step(("enter",), r"▓|░", 3.0),
    Step((), r"is ready", 5.0),
    Step((), r"is ready", 2.5),
    Step(("enter",), r"shop", 3.0),
    Step(("H",), r"host .* graphs", 4.0),
    Step(("esc", "ctrl+p"), r"│", 1.2, 0.5),
    Step(_typed("jobs"), r"Jobs: ", 1.6, 0.15),
    Step(("enter",), r"Jobs \d", 2.5, 0.5),
    Step(("j",), r"do again", 2.0),
    Step(("esc", "\x14"), r"Theme: light", 3.0, 0.4),
    Step(("\x14", "\x14", "\x14"), r"Theme: dark", 2.5, 0.6),
)


@dataclass
class Tape:
    """Takes the place of what feeds the terminal's screen, and keeps all that passes, with its moment."""

    stream: Any
    heard: list[tuple[float, bytes]] = field(default_factory=list)

    def feed(self, data: bytes) -> None:
        """Keep it, and hand it on."""
        self.heard.append((time.monotonic(), data))
        self.stream.feed(data)


def _watch(terminal: Terminal, seconds: float) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        terminal.pump(left)


def _play(terminal: Terminal, tape: Tape, step: Step) -> Iterator[tuple[float, bytes]]:
    """Do a step; what was written, by its share of the step (0–1)."""
    begun = time.monotonic()
    for key in step.keys:
        terminal.press(key)
        _watch(terminal, step.pause)
    terminal.wait_for(step.until, 60)
    _watch(terminal, max(_SEEN_SECONDS, step.seconds - (time.monotonic() - begun)))
    real = max(step.seconds, time.monotonic() - begun)
    heard, tape.heard[:] = list(tape.heard), []
    for at, data in heard:
        yield min(1.0, (at - begun) / real), data


def record(environment: Mapping[str, str], project: Path) -> list[tuple[float, str]]:
    """Seconds and what is written then."""
    events: list[tuple[float, str]] = []
    decode = codecs.getincrementaldecoder("utf-8")().decode
    begin = 0.0
    command = [sys.executable, "-m", "clonebox_tui", *FLEET]
    with Terminal(command, environment, COLUMNS, ROWS, cwd=project) as terminal:
        tape = Tape(terminal._stream)
        terminal._stream = tape  # type: ignore[assignment]
        for step in TOUR:
            for share, data in _play(terminal, tape, step):
                at, text = begin + share * step.seconds, decode(data)
                if events and begin <= events[-1][0] and at - events[-1][0] < _CHUNK_SECONDS:
                    events[-1] = (events[-1][0], events[-1][1] + text)
                else:
                    events.append((at, text))
            begin += step.seconds
        events.append((begin, ""))
        terminal.press("q")
    return events


def write(file: Path, events: list[tuple[float, str]]) -> None:
    """As an asciicast."""
    header = {
        "version": 2, "width": COLUMNS, "height": ROWS, "duration": round(events[-1][0], 3),
        "title": "clonebox-tui", "env": {"TERM": "xterm-256color"},
    }  # fmt: skip
    lines = [json.dumps(header)]
    lines += [json.dumps([round(at, 3), "o", text], ensure_ascii=False) for at, text in events]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _project() -> Path:
    project = HOME / "shop"
    project.mkdir(parents=True)
    (project / "package.json").write_text('{"name": "shop"}\n')
    (project / "main.py").write_text("print('shop')\n")
    subprocess.run(["git", "init", "-q", "-b", "main", str(project)], check=True)
    return project


def main(target: Path) -> None:
    """Record it in a home of its own, with a worker that lives and dies with it."""
    if HOME.exists():
        sys.exit(f"{HOME} is there already: it would be the home in the picture")
    kept = {
        name: value for name, value in os.environ.items()
        if not name.startswith(("CLONEBOX_", "XDG_", "NO_COLOR", "SSH_", "TMUX", "LC_"))
    }  # fmt: skip
    source = str(Path(__file__).resolve().parents[1])
    environment = {
        **kept, "HOME": str(HOME), "CLONEBOX_RUNTIME_DIR": str(HOME / ".run"), "PYTHONPATH": source,
        "TZ": "UTC",
    }  # fmt: skip
    project = _project()
    try:
        write(target, record(environment, project))
    finally:
        stop = [sys.executable, "-m", "clonebox_tui", "--demo", "worker", "stop", "--force"]
        subprocess.run(stop, env=environment, check=False, capture_output=True)
        subprocess.run(["rm", "-rf", str(HOME)], check=True)
    sys.stdout.write(f"{target}: {target.stat().st_size // 1024} KiB\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
