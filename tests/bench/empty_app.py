"""The other thing: the least a Textual app can be, so that only what we add is counted as ours."""

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.widgets import Static


class Empty(App[None]):
    """One word on an empty screen; `q` leaves."""

    BINDINGS: ClassVar[list[tuple[str, str, str]]] = [("q", "quit", "quit")]  # type: ignore[assignment]

    def compose(self) -> ComposeResult:
        """The word the benchmark waits for."""
        yield Static("empty-ready")


if __name__ == "__main__":
    Empty().run()
