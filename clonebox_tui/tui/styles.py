"""Finds the stylesheets: inside the package when installed from a wheel, beside it in a source tree."""

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


@cache
def folder() -> Path:
    """The folder with `tokens.tcss`."""
    places = (_PACKAGE / "styles", _PACKAGE.parent / "styles")
    return next((place for place in places if (place / "tokens.tcss").is_file()), places[0])


@cache
def stylesheet(*names: str) -> str:
    """These files as one, the tokens first: variables count only within one text."""
    files = [folder() / name for name in ("tokens.tcss", *names)]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def cockpit_stylesheet() -> str:
    """What the first picture needs; dialogs bring their own."""
    return stylesheet("app.tcss", "widgets/panes.tcss", "widgets/bars.tcss", "screens/cockpit.tcss")


def furniture_stylesheet() -> str:
    """What the other panes need: parsed after the first picture, when they are put beside the list."""
    return stylesheet("screens/furniture.tcss")
