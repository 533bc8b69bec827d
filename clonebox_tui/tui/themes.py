"""Two themes of our own, dark and light: few colours, each with a meaning."""

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
        "ink-dim": "#7f8c9b",
        "ink-line": "#34414f",
        "ink-cpu": "#6cb2f0",
        "ink-memory": "#6cc792",
        "ink-disk": "#e3b868",
        "ink-net": "#c3a6e8",
        "ink-cursor": "#24405c",
        "ink-cursor-blurred": "#1e2833",
    },
)

LIGHT = Theme(
    name="clonebox-light",
    dark=False,
    primary="#0b62b0",
    secondary="#5c6875",
    accent="#7a3fa8",
    success="#1a7544",
    warning="#8f5d00",
    error="#b8283a",
    foreground="#20272e",
    background="#fcfcfa",
    surface="#f3f4f2",
    panel="#e8ebee",
    variables={
        "ink-dim": "#64707d",
        "ink-line": "#c3cad1",
        "ink-cpu": "#0b62b0",
        "ink-memory": "#1a7544",
        "ink-disk": "#8f5d00",
        "ink-net": "#7a3fa8",
        "ink-cursor": "#cfe3f7",
        "ink-cursor-blurred": "#e6ebf0",
    },
)
