"""The recorded tour is what the page says: an asciicast that any player takes, short, small, and complete."""

import json
import re
from pathlib import Path

import pyte

CAST = Path(__file__).parents[2] / "docs" / "tour.cast"

SEEN = (
    "12 machines", "regex", "6 h", "Take a snapshot of web-dev", "Restore  y", "Which folder", "chosen of",
    "build it", "is ready", "host › ", "do again", "Theme: light",
)  # fmt: skip
"""In this order."""


def test_the_tour_shows_the_main_ways_in_order_within_its_bounds() -> None:
    header, *events = map(json.loads, CAST.read_text(encoding="utf-8").splitlines())
    assert header["version"] == 2
    assert header["duration"] <= 90
    assert CAST.stat().st_size <= 2**20
    moments = [at for at, _, _ in events]
    assert moments == sorted(moments)
    assert moments[-1] <= header["duration"]
    screen = pyte.Screen(header["width"], header["height"])
    stream = pyte.Stream(screen)
    wanted = list(SEEN)
    for _, kind, text in events:
        assert kind == "o"
        stream.feed(text)
        shown = "\n".join(screen.display)
        while wanted and wanted[0] in shown:
            del wanted[0]
    assert wanted == []


def test_nothing_of_whoever_recorded_it_is_in_it() -> None:
    text = CAST.read_text(encoding="utf-8")
    assert not re.search(r"/root|/work|/home/(?!dev)|Traceback", text)
