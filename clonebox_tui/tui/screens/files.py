"""Files of a guest: go through its folders, look at a text, copy out and in."""

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from clonebox_tui.model.acts import Act, CopyFromGuest, CopyToGuest
from clonebox_tui.model.machine import Machine
from clonebox_tui.model.plain import clean_line
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.model.rpc import LIST_FILES, READ_FILE, GuestEntry, GuestFolder, GuestPath, GuestText
from clonebox_tui.tui.acting import Acting
from clonebox_tui.tui.presentation.amounts import duration, size
from clonebox_tui.tui.presentation.problem_text import problem_lines
from clonebox_tui.tui.presentation.runs import Runs, clean, fit, heading
from clonebox_tui.tui.screens.copy_path import CopyPathScreen
from clonebox_tui.tui.screens.full_screen import FullScreen, TitleBar
from clonebox_tui.tui.session import Changes, Session
from clonebox_tui.tui.widgets.bars import KeyBar
from clonebox_tui.tui.widgets.row_view import RowView
from clonebox_tui.tui.widgets.text_view import TextView

_SIZE_CELLS, _AGE_CELLS = 10, 8
_WITH_AGE_CELLS = 44
"""A list that is as wide says also how long ago each was changed."""
_HINTS = (
    ("j k", "move"),
    ("enter", "open"),
    ("h", "up"),
    ("y", "copy out"),
    ("p", "copy in"),
    ("esc", "back"),
)


class FileList(RowView):
    """One folder."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(id="file-list", classes="pane")
        self._clock = clock
        self.entries: dict[str, GuestEntry] = {}
        self.border_title = "Files"

    def take(self, folder: GuestFolder, on: str) -> None:
        """Another folder; the cursor goes to the entry `on`, if there is one."""
        self.entries = {each.name: each for each in folder.entries}
        self.cursor = on if on in self.entries else ""
        self.show(list(self.entries))
        self.redraw(self.rows)
        more = f", {folder.more} more" if folder.more else ""
        self.border_title = heading(f"{len(self.entries)} in {folder.path}{more}")

    def runs_of(self, row: str, width: int) -> Runs:
        """Name, size, and with room for it how old it is."""
        entry = self.entries[row]
        sign, ink = {"folder": ("/", "accent"), "link": ("@", "net")}.get(entry.kind, ("", "text"))
        amount = size(entry.size_bytes) if entry.kind == "file" else ""
        figures = f"{amount:>{_SIZE_CELLS}}"
        if width >= _WITH_AGE_CELLS:
            figures += f"{duration(max(0.0, self._clock() - entry.modified_at)):>{_AGE_CELLS}}"
        room = max(4, width - len(figures) - 2)
        return ((f" {fit(clean(entry.name) + sign, room)}", ink), (f"{figures} ", "dim"))

    def empty_runs(self, y: int, width: int) -> Runs:
        """Nothing, or not yet."""
        del width
        return ((" The folder is empty.", "dim"),) if y == 0 else ()


class FilesScreen(FullScreen):
    """Folders on the left; on the right the text that was opened last."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h,left,backspace", "up", "up", show=False),
        Binding("l,right", "into", "into", show=False),
        Binding("y", "copy_out", "copy out", show=False),
        Binding("p", "copy_in", "copy in", show=False),
        Binding("r", "again", "look again", show=False),
    ]

    def __init__(self, session: Session, machine: Machine, acting: Acting) -> None:
        super().__init__()
        self._session = session
        self._machine = machine
        self._acting = acting
        self._path = "/"
        self._list = FileList(session.clock)

    def compose(self) -> ComposeResult:
        """List and text."""
        yield TitleBar(self._machine.name, "files", self._path)
        with Horizontal(id="files-body"):
            yield self._list
            hint = (("enter opens a folder, or shows a text", "dim"),)
            yield TextView([hint], id="file-text", classes="pane")
        yield KeyBar(lambda: _HINTS)

    def on_mount(self) -> None:
        """From the root on."""
        self._list.focus()
        self._go("/")

    def heard(self, changes: Changes) -> None:
        """News came while this screen is open: show what was copied in, unless a person looks at more."""
        arrived = any(
            each.act == "files.bring" and each.machine == self._machine.id for each in changes.ended
        )
        if (
            arrived
            and self.is_mounted
            and not any(each.group == "files" and each.is_running for each in self.workers)
        ):
            self.action_again()

    # -- looking -----------------------------------------------------------------------------------

    def _go(self, path: str, on: str = "", or_text: bool = False) -> None:
        self.run_worker(self._list_folder(path, on, or_text), group="files", exclusive=True)

    async def _list_folder(self, path: str, on: str, or_text: bool) -> None:
        try:
            folder = await self._session.call(LIST_FILES, GuestPath(self._machine.id, path))
        except ProblemError as error:
            if or_text and error.problem.code is Code.FILE_NOT_FOUND:
                await self._read(path)
            else:
                self._text(path, problem_lines(error.problem))
            return
        self._path = folder.path
        self._list.take(folder, on)
        self.query_one(TitleBar).set_crumbs(self._machine.name, "files", folder.path)

    async def _read(self, path: str) -> None:
        try:
            text = await self._session.call(READ_FILE, GuestPath(self._machine.id, path))
        except ProblemError as error:
            self._text(path, problem_lines(error.problem))
        else:
            self._text(path, text_lines(text))

    def _text(self, path: str, lines: list[Runs]) -> None:
        view = self.query_one("#file-text", TextView)
        view.border_title = heading(path)
        view.put(lines)
        view.scroll_home(animate=False)

    @on(RowView.Chosen, "#file-list")
    def action_into(self) -> None:
        """Enter a folder, look at a file."""
        entry = self._list.entries.get(self._list.cursor)
        if entry is None:
            return
        path = f"{self._path.rstrip('/')}/{entry.name}"
        if entry.kind == "file":
            self.run_worker(self._read(path), group="files", exclusive=True)
        elif entry.kind in ("folder", "link"):
            self._go(path, or_text=entry.kind == "link")
        else:
            self._text(path, [(("A device, a pipe or a socket: there is nothing to look at.", "dim"),)])

    def action_up(self) -> None:
        """The folder above."""
        above, _, name = self._path.rstrip("/").rpartition("/")
        if name:
            self._go(above or "/", name)

    def action_again(self) -> None:
        """Look again."""
        self._go(self._path, self._list.cursor)

    # -- copying -----------------------------------------------------------------------------------

    def action_copy_out(self) -> None:
        """What is under the cursor, to this host."""
        if self._list.cursor in self._list.entries:
            source = f"{self._path.rstrip('/')}/{self._list.cursor}"
            title, where = f"Copy {source} to this host", "To: a folder of this host, or a new name"
            self._ask(title, where, str(Path.cwd()), lambda to: self._out(source, to))

    def action_copy_in(self) -> None:
        """A file of this host, into this folder."""
        what = "A file or folder of this host"
        self._ask(f"Copy into {self._path}", what, f"{Path.cwd()}/", lambda path: self._in(path))

    def _out(self, source: str, target: str) -> Act:
        return CopyFromGuest(self._machine.id, source, target)

    def _in(self, source: str) -> Act:
        return CopyToGuest(self._machine.id, source, self._path)

    def _ask(self, title: str, label: str, proposed: str, make: "CopyPathScreen.Make") -> None:
        if self._session.readonly:
            self.notify("Nothing is changed: started with --readonly.")
            return

        def chosen(act: Act | None) -> None:
            if act is not None:
                self._acting.do(act)

        self.app.push_screen(CopyPathScreen(title, label, proposed, make), chosen)


def text_lines(text: GuestText) -> list[Runs]:
    """A file's beginning, made harmless; of what is no text only that is said."""
    if b"\0" in text.content:
        return [(("This is no text: y copies it out.", "dim"),)]
    lines: list[Runs] = [((clean_line(line), "text"),) for line in text.content.split(b"\n")]
    if text.truncated:
        lines.append((("… the rest is left out: y copies all of it out.", "warn"),))
    return lines
