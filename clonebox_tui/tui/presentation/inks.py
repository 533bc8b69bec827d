"""Roles to styles: the only place where a line's inks meet the colours of a theme."""

from collections.abc import Mapping

from rich.style import Style

_ROLES = {
    "text": "foreground",
    "dim": "ink-dim",
    "line": "ink-line",
    "ok": "success",
    "warn": "warning",
    "bad": "error",
    "accent": "primary",
    "cpu": "ink-cpu",
    "memory": "ink-memory",
    "disk": "ink-disk",
    "net": "ink-net",
}
"""Ink to theme variable. A user's theme without the `ink-…` ones falls back to the next table."""

_FALLBACK = {
    "ink-dim": "secondary",
    "ink-line": "secondary-muted",
    "ink-cpu": "primary",
    "ink-memory": "success",
    "ink-disk": "warning",
    "ink-net": "accent",
    "ink-cursor": "primary-muted",
    "ink-cursor-blurred": "panel",
}

_BOLD = {"strong": "text", "key": "accent", "title": "text"}
"""Bold inks and what they take their colour from."""


def _colour(variables: Mapping[str, str], name: str) -> str:
    value = variables.get(name) or variables.get(_FALLBACK.get(name, "foreground"), "")
    # Theme variables may carry an opacity ("#fff 60%") or be `auto …`; rich wants plain colours.
    word = value.split()[0] if value else ""
    return word[:7] if word.startswith("#") else "#808080"


def inks(variables: Mapping[str, str], background: str) -> dict[str, Style]:
    """A style for every ink on `background` (a theme variable's name)."""
    back = _colour(variables, background)
    styles = {ink: Style(color=_colour(variables, role), bgcolor=back) for ink, role in _ROLES.items()}
    for ink, plain in _BOLD.items():
        styles[ink] = styles[plain] + Style(bold=True)
    styles["match"] = Style(color=back, bgcolor=_colour(variables, "warning"), bold=True)
    styles["mark"] = Style(
        color=_colour(variables, "foreground"), bgcolor=_colour(variables, "ink-cursor"), bold=True
    )
    return styles
