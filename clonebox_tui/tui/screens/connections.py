"""All connections: how each is, why one is down and when it is tried again; keys to add and to leave one."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from clonebox_tui.model.remote import host_labels
from clonebox_tui.tui.connecting import Connecting
from clonebox_tui.tui.presentation.connection_text import connection_lines, connection_row
from clonebox_tui.tui.presentation.glyphs import Glyphs
from clonebox_tui.tui.presentation.runs import Runs, clean
from clonebox_tui.tui.screens.full_screen import FullScreen, TitleBar
from clonebox_tui.tui.session import Changes, Session
from clonebox_tui.tui.widgets.bars import KeyBar, KeyHint
from clonebox_tui.tui.widgets.row_view import RowView
from clonebox_tui.tui.widgets.text_view import TextView


class ConnectionList(RowView):
    """Connections by their URIs."""

    def __init__(self, session: Session, glyphs: Glyphs) -> None:
        super().__init__(id="connection-list", classes="pane")
        self._session = session
        self._glyphs = glyphs
        self._labels: dict[str, str] = {}
        self.border_title = "Connections"

    def relist(self) -> None:
        """There are these now."""
        rows = sorted(self._session.connections)
        self._labels = host_labels(rows)
        if rows != self.rows:
            self.show(rows)
        self.redraw(rows)

    def runs_of(self, row: str, width: int) -> Runs:
        """One connection."""
        connection = self._session.connections[row]
        longest = max(map(len, self._labels.values()))
        now, label = self._session.clock(), self._labels[row]
        return connection_row(connection, label, longest, now, width, self._glyphs)

    def empty_runs(self, y: int, width: int) -> Runs:
        """All were left."""
        del width
        return ((" none: ", "dim"), ("a", "key"), (" adds one", "dim")) if y == 0 else ()


class ConnectionsScreen(FullScreen):
    """The list, and beside or below it the connection under the cursor."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 Textual declares it per instance
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "add", show=False),
        Binding("D", "remove", "leave it", show=False),
        Binding("r", "retry", "try now", show=False),
        Binding("t", "trust", "accept its key", show=False),
        Binding("C", "leave", "back", show=False),
    ]

    def __init__(self, session: Session, glyphs: Glyphs, connecting: Connecting) -> None:
        super().__init__()
        self._session = session
        self._connecting = connecting
        self._list = ConnectionList(session, glyphs)
        self._text = TextView((), id="connection-text", classes="pane")

    def compose(self) -> ComposeResult:
        """List and text."""
        yield TitleBar("connections")
        with Horizontal(id="connections-body"):
            yield self._list
            yield self._text
        yield KeyBar(self._hints)

    def _hints(self) -> list[KeyHint]:
        trust = [("t", "accept its key")] if "ssh://" in self._list.cursor else []
        about = [("j k", "move"), ("a", "add"), ("D", "leave"), ("r", "try now")]
        return [*about, *trust, ("tab", "scroll the text"), ("esc", "back")]

    def on_mount(self) -> None:
        """Show what is known; ages grow."""
        self._again()
        self._list.focus()
        self.set_interval(1.0, self._again)

    def heard(self, changes: Changes) -> None:
        """News came while this screen is open."""
        if changes.connections and self.is_mounted:
            self._again()

    def _again(self) -> None:
        self._list.relist()
        self._draw()

    @on(RowView.Moved, "#connection-list")
    def _draw(self) -> None:
        self.query_one(KeyBar).update_lines()
        connection = self._session.connections.get(self._list.cursor)
        if connection is None:
            self._text.put(())
            self._text.border_title = ""
            return
        count = sum(each.connection == connection.uri for each in self._session.machines.values())
        self._text.border_title = clean(connection.uri.partition("?")[0]).replace("[", r"\[")
        self._text.put(connection_lines(connection, count, self._session.clock()))

    def action_add(self) -> None:
        """Ask for a URI and connect to it."""
        self._connecting.add()

    def action_remove(self) -> None:
        """Leave the connection under the cursor."""
        if self._list.cursor:
            self._connecting.remove(self._list.cursor)

    def action_retry(self) -> None:
        """Try the connection under the cursor now."""
        if self._list.cursor:
            self._connecting.retry(self._list.cursor)

    def action_trust(self) -> None:
        """Show the host key of the connection under the cursor."""
        if self._list.cursor:
            self._connecting.trust(self._list.cursor)
