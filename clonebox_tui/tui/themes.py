"""Themes of our own: few colours, each with a meaning; every ink is readable on every ground (4.5:1).

Borders and rules (`ink-line`) carry no words: only the theme of high contrast draws them as strongly.
"""

from textual.theme import Theme

DARK = Theme(
    name="clonebox-dark",
    dark=True,
    primary="#6cb2f0",
    secondary="#8b98a8",
    accent="#c3a6e8",
    success="#6cc792",
    warning="#e3b868",
    error="#ec7a80",
    foreground="#d7dde5",
    background="#10151b",
    surface="#161d25",
    panel="#1c252f",
    variables={
        "ink-dim": "#93a0af",
        "ink-line": "#34414f",
        "ink-cpu": "#6cb2f0",
        "ink-memory": "#6cc792",
        "ink-disk": "#e3b868",
        "ink-net": "#c3a6e8",
        "ink-cursor": "#1c3450",
        "ink-cursor-blurred": "#1e2833",
    },
)

LIGHT = Theme(
    name="clonebox-light",
    dark=False,
    primary="#0b62b0",
    secondary="#5c6875",
    accent="#7a3fa8",
    success="#166c3e",
    warning="#865700",
    error="#b8283a",
    foreground="#20272e",
    background="#fcfcfa",
    surface="#f3f4f2",
    panel="#e8ebee",
    variables={
        "ink-dim": "#56626e",
        "ink-line": "#c3cad1",
        "ink-cpu": "#0b62b0",
        "ink-memory": "#166c3e",
        "ink-disk": "#865700",
        "ink-net": "#7a3fa8",
        "ink-cursor": "#cfe3f7",
        "ink-cursor-blurred": "#e6ebf0",
    },
)

HIGH_CONTRAST = Theme(
    name="clonebox-high-contrast",
    dark=True,
    primary="#6fd3ff",
    secondary="#e0e0e0",
    accent="#ffa8ff",
    success="#5cff8f",
    warning="#ffe14d",
    error="#ff9a9a",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#303030",
    variables={
        "ink-dim": "#e0e0e0",
        "ink-line": "#a8a8a8",
        "ink-cpu": "#6fd3ff",
        "ink-memory": "#5cff8f",
        "ink-disk": "#ffe14d",
        "ink-net": "#ffa8ff",
        "ink-cursor": "#003a80",
        "ink-cursor-blurred": "#303030",
    },
)

SIXTEEN = Theme(
    name="clonebox-16",
    dark=True,
    primary="#55ffff",
    secondary="#aaaaaa",
    accent="#ff55ff",
    success="#55ff55",
    warning="#ffff55",
    error="#ff55ff",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#000000",
    variables={
        "ink-dim": "#aaaaaa",
        "ink-line": "#555555",
        "ink-cpu": "#55ffff",
        "ink-memory": "#55ff55",
        "ink-disk": "#ffff55",
        "ink-net": "#ff55ff",
        "ink-cursor": "#0000aa",
        "ink-cursor-blurred": "#0000aa",
    },
)
"""The sixteen colours of a console, as rich maps them; red is not readable on the blue of the cursor."""

PREFIX = "clonebox-"
"""Before the names people use, so that Textual's own themes are never meant."""

SHIPPED = (DARK, LIGHT, HIGH_CONTRAST, SIXTEEN)


def short(theme: str) -> str:
    """The name as people use it."""
    return theme.removeprefix(PREFIX)
