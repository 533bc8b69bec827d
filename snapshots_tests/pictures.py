"""Draws the pictures of the documentation: the demo fleet of a worker of its own, seed and clock fixed.

    scripts/screenshots [FOLDER]

Each picture is an SVG as Textual exports it, made self-contained, and a PNG of the same by rsvg-convert
(Debian's librsvg2-bin). Two runs differ at most in how many ticks a graph holds, and in the clock and
the id of a job.
"""

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from textual.pilot import Pilot

from clonebox_tui.client import Client
from clonebox_tui.client.events import Event
from clonebox_tui.model.places import Places, places
from clonebox_tui.model.rpc import STOP, Samples, StopWorker, Watch
from clonebox_tui.tui.face import Face
from clonebox_tui.tui.session import Session
from snapshots_tests.project import FOLDER, ProjectWire
from snapshots_tests.stories import DARK, LIGHT, SMALL, WIDE, cockpit, still, story

MOMENT = 1_767_261_600.0
"""2026-01-01 10:00 UTC, at which the fleet and the cockpit stand still."""

URI = f"simulated://demo?machines=12&seed=7&frozen={MOMENT:.0f}"
TICKS = 12
_WORKER_SECONDS = 30.0


@dataclass(frozen=True)
class Picture:
    """What is pressed before a picture is taken; `.` waits for stillness."""

    name: str
    size: tuple[int, int]
    keys: tuple[str, ...] = ()
    theme: str = DARK


_NAME = (*["backspace"] * 16, *"before", "minus", *"release")
ON_THE_FLEET = (
    Picture("cockpit", WIDE),
    Picture("cockpit-light", WIDE, theme=LIGHT),
    Picture("cockpit-80x24", SMALL),
    Picture("graphs-80x24", SMALL, ("2",)),
    Picture("snapshots-80x24", SMALL, ("p",)),
    Picture("restore-80x24", SMALL, ("p", ".", "R", ".")),
    Picture("jobs-80x24", SMALL, ("p", ".", "t", ".", *_NAME, "enter", ".", "J", ".")),
    Picture("host-80x24", SMALL, ("H", ".")),
    Picture("exec-80x24", SMALL, ("x", ".", *"uname", "space", *"-a", "enter", ".", *"df", "enter", ".")),
    Picture("help-80x24", SMALL, ("question_mark",)),
)

_FORM = ("n", ".", "ctrl+u", *FOLDER, "enter", ".", "enter", ".")
OF_THE_WIZARD = (
    Picture("wizard-1-where-80x24", SMALL, _FORM[: -len(("enter", ".", "enter", "."))]),
    Picture("wizard-2-what-80x24", SMALL, (*_FORM[:-2], "j", "j", "j")),
    Picture("wizard-3-how-80x24", SMALL, _FORM),
    Picture("wizard-4-plan-80x24", SMALL, (*_FORM, "enter", ".")),
    Picture("wizard-5-build-80x24", SMALL, (*_FORM, "enter", ".", "enter", ".")),
)


class Held:
    """A connection to the worker that tells of the first ticks only, so that a picture stands still."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.ticks = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._client, name)

    def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """As the client does, without what comes after the last tick that counts."""

        def hear(event: Event) -> None:
            if isinstance(event, Samples):
                self.ticks += 1
                if self.ticks > TICKS:
                    return
            listener(event)

        return self._client.listen(hear)


def _face(where: Places, theme: str) -> tuple[Face, list[Held]]:
    held: list[Held] = []

    async def connect() -> Held:
        client = await Client.connect(
            where, demo=True, worker_arguments=("--machines", "12", "--seed", "7", "--connect", URI)
        )
        await client.watch(Watch())
        held.append(Held(client))
        return held[-1]

    face = Face(connect, Session(clock=lambda: MOMENT))  # type: ignore[arg-type]
    face.theme = theme
    face.animation_level = "none"
    return face, held


async def _until(pilot: Pilot[None], true: Callable[[], bool]) -> None:
    async with asyncio.timeout(_WORKER_SECONDS):
        while not true():  # noqa: ASYNC110 another process decides
            await asyncio.sleep(0.05)
    await pilot.pause()


async def _press(pilot: Pilot[None], keys: tuple[str, ...]) -> None:
    for key in keys:
        await (still(pilot) if key == "." else pilot.press(key))
    await still(pilot)


async def _on_the_fleet(where: Places, picture: Picture) -> str:
    face, held = _face(where, picture.theme)
    async with face.run_test(size=picture.size) as pilot:
        await _until(pilot, lambda: bool(face.session.machines))
        await _press(pilot, ("G",))
        await _until(pilot, lambda: held[-1].ticks >= TICKS)
        await _press(pilot, picture.keys)
        return face.export_screenshot(title="clonebox-tui")


async def _of_the_wizard(picture: Picture) -> str:
    wire = ProjectWire()
    face = cockpit(wire, picture.theme)
    scene: Callable[[Pilot[None]], Awaitable[None]] = story(wire, *picture.keys)
    async with face.run_test(size=picture.size) as pilot:
        await scene(pilot)
        return face.export_screenshot(title="clonebox-tui")


def self_contained(svg: str) -> str:
    """No font from elsewhere; a system's monospace as wide as the cells (12.2 of a cell's 20 pixels), and
    blanks kept at the beginning of a text, as every renderer has to be told."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = svg.replace("font-family: Fira Code, monospace;", "font-family: DejaVu Sans Mono, monospace;")
    svg = svg.replace("font-size: 20px;", "font-size: 20.26px;")
    svg = re.sub(r"<text ([^>]*)>([\u2800-\u28ff](?:[\u2800-\u28ff]|&#160;)*)</text>", _narrower, svg)
    return svg.replace("<svg ", '<svg xml:space="preserve" ', 1)


def _narrower(found: re.Match[str]) -> str:
    # Braille comes from a proportional font, of which a sign is 0.732 of the size wide.
    dots = found[2].replace("&#160;", "\u2800")
    return f'<text style="font-size: 16.66px" {found[1]}>{dots}</text>'


def _keep(folder: Path, picture: Picture, svg: str) -> None:
    drawn = folder / f"{picture.name}.svg"
    drawn.write_text(self_contained(svg), "utf-8")
    subprocess.run(["rsvg-convert", str(drawn), "-o", str(drawn.with_suffix(".png"))], check=True)
    sys.stdout.write(f"{drawn}\n")


async def draw(folder: Path) -> None:
    """Draw all pictures into a folder, with a worker that lives and dies with them."""
    where = places(os.environ, os.getuid(), demo=True)
    for picture in ON_THE_FLEET:
        _keep(folder, picture, await _on_the_fleet(where, picture))
    client = await Client.connect(where, demo=True, spawn=False)
    await client.call(STOP, StopWorker(force=True))
    await client.close()
    for picture in OF_THE_WIZARD:
        _keep(folder, picture, await _of_the_wizard(picture))


def main(folder: str) -> None:
    """Draw them in a home of its own."""
    if shutil.which("rsvg-convert") is None:
        sys.exit("rsvg-convert is missing: apt-get install librsvg2-bin")
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="cbx-", dir="/tmp") as home:
        for name in [name for name in os.environ if name.startswith(("CLONEBOX_", "XDG_", "NO_COLOR"))]:
            del os.environ[name]
        os.environ.update(
            HOME=home, CLONEBOX_RUNTIME_DIR=f"{home}/run", TZ="UTC", LANG="C.UTF-8", COLORTERM="truecolor"
        )
        asyncio.run(draw(target))


if __name__ == "__main__":
    main(sys.argv[1])
