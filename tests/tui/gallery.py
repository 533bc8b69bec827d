"""Screens with everything that is hard to draw by differences: a worst case that no real screen is."""

from random import Random
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen, Screen
from textual.widgets import DataTable, Input, Label, OptionList, Static, TextArea

from clonebox_tui.tui.compositor import DifferenceApp

WORDS = (
    "plain",
    "ünïcödé",
    "测试机器",
    "mixed 中 and ascii",
    "🙂 smile",
    "e\u0301 combined",
    "⣿⡇⠃ graph",
    "[b]bold[/] [reverse]turned[/] [u]under[/] [dim]dim[/]",
    "[link='https://example.org']a link[/link] beside",
    "[@click=app.bell]click[/] [on red] red ground [/]",
    "",
)


class Dialog(ModalScreen[None]):
    """Dims what is behind it."""

    CSS = """
    Dialog {align: center middle; background: #204060 50%;}
    #box {width: 50%; height: 9; border: round green; background: $surface;}
    """
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "dismiss", "close")]

    def compose(self) -> ComposeResult:
        """A box with a field."""
        with Vertical(id="box"):
            yield Label("对话 dialog 🙂")
            yield Input("type 这里")
            yield OptionList("one", "二", "three")


class Other(Screen[None]):
    """Quite another picture."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "app.pop_screen", "back")]

    def compose(self) -> ComposeResult:
        """Text and a table."""
        yield TextArea("line 一\nline two\n\nfour 🙂 four", id="area")
        yield DataTable()

    def on_mount(self) -> None:
        """Rows."""
        table = self.query_one(DataTable)
        table.add_columns("name", "名前", "n")
        table.add_rows([(WORDS[n % 4], WORDS[(n + 2) % 4], n) for n in range(30)])


class Gallery(DifferenceApp):
    """`shuffle` changes something at random."""

    CSS = """
    #side {width: 30%; border: heavy blue; border-title-color: yellow;}
    #faint {opacity: 40%; tint: red 30%;}
    #texts {width: 1fr;}
    Static {height: 2;}
    """

    def compose(self) -> ComposeResult:
        """A list beside texts."""
        with Horizontal():
            yield OptionList(*[f"row {n} {'中文🙂'[n % 3]}" for n in range(60)], id="side")
            with Vertical(id="texts"):
                for number in range(5):
                    yield Static(WORDS[number], id=f"text{number}")
                yield Static("faint 中 text", id="faint")
                yield Input("an input 文", id="field")

    def on_mount(self) -> None:
        """A wide title."""
        self.query_one("#side").border_title = "标题 title"

    def shuffle(self, chance: Random) -> None:
        """Other words, classes, sizes; a toast."""
        screen = self.screen_stack[0]
        for _ in range(chance.randint(1, 3)):
            number = chance.randrange(5)
            text = screen.query_one(f"#text{number}", Static)
            text.update(chance.choice(WORDS) * chance.randint(1, 4))
            text.styles.text_style = chance.choice(["none", "bold", "italic reverse", "underline"])
        what = chance.randrange(8)
        if what == 0:
            self.notify(chance.choice(WORDS[:6]), title="通知", timeout=600, markup=False)
        elif what == 1:
            self.clear_notifications()
        elif what == 2:
            screen.query_one("#side").styles.width = chance.choice(["30%", "41", "17", "50%"])
        elif what == 3:
            screen.query_one("#texts").styles.background = chance.choice(["black", "#223344", "white"])
        elif what == 4:
            screen.query_one(f"#text{chance.randrange(5)}").display = chance.random() < 0.6
