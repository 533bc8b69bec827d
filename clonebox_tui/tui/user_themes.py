"""A person's own themes: `themes/NAME.toml` in the configuration folder, colours by what they mean."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from textual.theme import Theme

from clonebox_tui.model.plain import clean_text
from clonebox_tui.model.problem import Code, Problem, ProblemError, problem
from clonebox_tui.tui.own_files import read_toml
from clonebox_tui.tui.themes import DARK, LIGHT, PREFIX, SHIPPED, short

FOLDER = "themes"

MOST_THEMES = 100

COLOURS = {
    "background": "background", "surface": "surface", "panel": "panel", "text": "foreground",
    "accent": "primary", "ok": "success", "warn": "warning", "bad": "error",
    "dim": "ink-dim", "line": "ink-line", "cursor": "ink-cursor", "cursor-blurred": "ink-cursor-blurred",
    "cpu": "ink-cpu", "memory": "ink-memory", "disk": "ink-disk", "network": "ink-net",
}  # fmt: skip
"""The words of a theme file, and what they are called inside."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    """When each theme's file was last written, and its size: another answer means that one has changed."""
    try:
        with os.scandir(folder / FOLDER) as entries:
            found = {each.name: each.stat() for each in entries if each.name.endswith(".toml")}
    except OSError:
        return {}
    return {name: (stat.st_mtime_ns, stat.st_size) for name, stat in found.items()}


def load_themes(folder: Path, known: Mapping[str, Theme] | None = None) -> tuple[list[Theme], list[Problem]]:
    """The themes of a configuration folder by name, and what is wrong with those that cannot be used.

    Of a file that has become wrong the theme stays as it is `known` (by name).
    """
    themes: list[Theme] = []
    problems: list[Problem] = []
    for path in sorted((folder / FOLDER).glob("*.toml"))[:MOST_THEMES]:
        try:
            themes.append(_theme(path))
        except ProblemError as error:
            problems.append(error.problem)
            before = (known or {}).get(PREFIX + path.stem)
            themes += [before] if before and before not in SHIPPED else []
    return themes, problems


def _theme(path: Path) -> Theme:
    words = read_toml(path)
    name = path.stem
    if not _NAME.fullmatch(name) or name in {short(theme.name) for theme in SHIPPED}:
        why = "it is the name of a theme that is there" if _NAME.fullmatch(name) else ""
        raise problem(
            Code.CONFIG_INVALID, f"{path}: a theme cannot be called {name}.", why=why,
            next="Names are small letters, digits and dashes.",
        )  # fmt: skip
    dark = words.pop("dark", True)
    if not isinstance(dark, bool):
        raise problem(
            Code.CONFIG_INVALID, f"{_at(path, 'dark')}: dark is true or false.",
            next="Write dark = true, or dark = false.",
        )  # fmt: skip
    for word, value in words.items():
        _check(path, word, value)
    return _over(DARK if dark else LIGHT, PREFIX + name, {COLOURS[word]: str(words[word]) for word in words})


def _check(path: Path, word: str, value: object) -> None:
    if word not in COLOURS:
        known = ", ".join(("dark", *COLOURS))
        what = f"{_at(path, word)}: {clean_text(word)} is no colour here."
        raise problem(Code.CONFIG_INVALID, what, next=f"Known: {known}.")
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise problem(
            Code.CONFIG_INVALID, f"{_at(path, word)}: {word} wants a colour.",
            why=f"it is {clean_text(repr(value))[:60]}", next=f'For example: {word} = "#6cb2f0"',
        )  # fmt: skip


def _at(path: Path, word: str) -> str:
    """The file with the line on which a word is set."""
    begins = re.compile(rf"""\s*\[?\s*["']?{re.escape(word)}["']?\s*(=|\.|\])""")
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    number = next((number for number, line in enumerate(lines, 1) if begins.match(line)), 0)
    return f"{path}:{number}" if number else str(path)


def _over(base: Theme, name: str, colours: dict[str, str]) -> Theme:
    """`base` with other colours; a graph follows the role whose colour it has in `base`."""

    def own(role: str, before: str | None) -> str | None:
        return colours.get(role, before)

    follow = {"ink-cpu": "primary", "ink-memory": "success", "ink-disk": "warning"}
    inks = {
        ink: colours.get(ink) or colours.get(follow.get(ink, ""), before)
        for ink, before in base.variables.items()
    }
    return Theme(
        name=name, dark=base.dark, primary=colours.get("primary", base.primary),
        secondary=own("ink-dim", base.secondary), accent=own("ink-net", base.accent),
        success=own("success", base.success), warning=own("warning", base.warning),
        error=own("error", base.error), foreground=own("foreground", base.foreground),
        background=own("background", base.background), surface=own("surface", base.surface),
        panel=own("panel", base.panel), variables=inks,
    )  # fmt: skip
