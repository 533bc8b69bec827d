"""Another other thing: a bare Textual DataTable of 5 000 rows, which a large fleet is usually shown in."""

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.widgets import DataTable

ROWS = 5_000


class Table(App[None]):
    """Five columns of text; `q` leaves."""

    BINDINGS: ClassVar[list[tuple[str, str, str]]] = [("q", "quit", "quit")]  # type: ignore[assignment]

    def compose(self) -> ComposeResult:
        """The table alone."""
        yield DataTable(cursor_type="row")

    def on_mount(self) -> None:
        """All rows."""
        table = self.query_one(DataTable)
        table.add_columns("name", "state", "cpu", "memory", "host")
        table.add_rows((f"row-{n:04d}", "running", f"{n % 100}%", f"{n} MiB", "demo") for n in range(ROWS))


if __name__ == "__main__":
    Table().run()
