"""The console in the cockpit: keys reach the guest, what it draws is seen, the way out is always there."""

import asyncio
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.rpc import Chunk
from clonebox_tui.tui.emulator import Emulator
from clonebox_tui.tui.presentation.console_keys import key_bytes
from clonebox_tui.tui.screens.cockpit import Cockpit
from clonebox_tui.tui.screens.console import ConsoleScreen
from clonebox_tui.tui.widgets.console_view import ConsoleView
from tests.tui.conftest import Opened, eventually, screen_text, settled
from tests.tui.fake_wire import FakeChunks, FakeWire


def view(pilot: Pilot[None]) -> ConsoleView:
    """The terminal on the screen."""
    return pilot.app.screen.query_one(ConsoleView)


def line(wire: FakeWire) -> FakeChunks:
    """The console that is open."""
    return wire.streams["console.open"][-1]


def is_open(pilot: Pilot[None]) -> bool:
    """Whether keys go to the guest."""
    return isinstance(pilot.app.screen, ConsoleScreen) and view(pilot).has_focus


async def test_one_logs_in_types_and_leaves(demo: Pilot[None]) -> None:
    await demo.press("c")
    await eventually(demo, lambda: isinstance(demo.app.screen, ConsoleScreen))
    await eventually(demo, lambda: "login:" in view(demo).shown_text)
    assert "ctrl+]" in screen_text(demo).splitlines()[-1]
    await demo.press(*"root", "enter", *"echo", "space", *"q:/c", "backspace", "enter")
    await eventually(demo, lambda: "\nq:/\n" in view(demo).shown_text)
    cursor = [part.text for part in view(demo).render_line(6) if part.style and part.style.reverse]
    assert cursor == [" "], view(demo).shown_text
    # Keys that mean something elsewhere are the guest's here.
    await demo.press("j", "ctrl+q", "ctrl+c", "escape", "ctrl+p", *"exit", "enter")
    await eventually(demo, lambda: "j^C" in view(demo).shown_text)
    assert isinstance(demo.app.screen, ConsoleScreen)
    await demo.press("ctrl+right_square_bracket")
    await eventually(demo, lambda: isinstance(demo.app.screen, Cockpit))
    # The line is free again.
    await demo.press("c")
    await eventually(demo, lambda: "login:" in view(demo).shown_text)


async def test_password_is_shown_once_after_a_question(demo: Pilot[None]) -> None:
    await demo.press(*":password", "enter")
    await eventually(demo, lambda: "kept nowhere" in screen_text(demo))
    await demo.press("escape")
    await demo.press(*":password", "enter")
    await eventually(demo, lambda: "kept nowhere" in screen_text(demo))
    await demo.press("y")
    await eventually(
        demo, lambda: bool(re.search(r"password +[a-z0-9]{5}(-[a-z0-9]{5}){3}", screen_text(demo)))
    )
    await demo.press("escape")
    await eventually(demo, lambda: isinstance(demo.app.screen, Cockpit))


async def test_busy_line_is_taken_over_only_when_asked(opened: Opened, wire: FakeWire) -> None:
    wire.refusals["console.open"] = problem(Code.MACHINE_BUSY, "Somebody else has it.", next="Wait.")
    async with opened() as pilot:
        await pilot.press("c")
        await eventually(pilot, lambda: "Somebody else has it. Wait." in view(pilot).shown_text)
        assert "take it over" in screen_text(pilot)
        del wire.refusals["console.open"]
        await pilot.press("t")
        await eventually(pilot, lambda: "ctrl+]" in screen_text(pilot))
        assert [params.take_over for name, params in wire.asked if name == "console.open"] == [False, True]
        line(wire).queue.put_nowait(Chunk(0, 1, end=True))
        await eventually(pilot, lambda: "the console ended" in view(pilot).shown_text)
        await pilot.press("escape")
        await eventually(pilot, lambda: isinstance(pilot.app.screen, Cockpit))


async def test_past_scrolls_and_stays_where_one_reads(opened: Opened, wire: FakeWire) -> None:
    async with opened(size=(80, 24)) as pilot:
        await pilot.press("c")
        await eventually(pilot, lambda: is_open(pilot))
        lines = b"".join(b"line %d\r\n" % number for number in range(200))
        line(wire).queue.put_nowait(Chunk(0, 1, stdout=lines))
        await eventually(pilot, lambda: "line 199" in view(pilot).shown_text)
        await pilot.press("shift+pageup", "shift+pageup")
        before = view(pilot).shown_text
        assert "line 199" not in before
        line(wire).queue.put_nowait(Chunk(0, 2, stdout=b"more\r\nand more\r\n"))
        await settled(pilot)
        assert view(pilot).shown_text == before
        # Typing leads back to the present.
        await pilot.press("a")
        await eventually(pilot, lambda: "and more" in view(pilot).shown_text)
        assert line(wire).written == b"a"


async def test_terminal_is_as_large_as_the_screen_or_says_so(opened: Opened, wire: FakeWire) -> None:
    wire.refusals["console.resize"] = problem(Code.AGENT_UNAVAILABLE, "No agent.", next="Wait.")
    async with opened(size=(100, 30)) as pilot:
        await pilot.press("c")
        await eventually(pilot, lambda: "stty rows 28 cols 100" in screen_text(pilot))
        del wire.refusals["console.resize"]
        await pilot.resize_terminal(90, 30)
        await eventually(pilot, lambda: "stty" not in screen_text(pilot))
        asked = [params for name, params in wire.asked if name == "console.resize"]
        assert (asked[-1].rows, asked[-1].columns) == (28, 90)


async def test_only_lines_that_changed_are_drawn(opened: Opened, wire: FakeWire) -> None:
    async with opened(size=(80, 24)) as pilot:
        await pilot.press("c")
        await eventually(pilot, lambda: is_open(pilot))
        await settled(pilot)
        drawn: list[int] = []
        widget = view(pilot)
        original = widget.render_line
        widget.render_line = lambda y: (drawn.append(y), original(y))[1]  # type: ignore[method-assign]
        line(wire).queue.put_nowait(Chunk(0, 1, stdout=b"\x1b[7;1Hhere"))
        await eventually(pilot, lambda: "here" in widget.shown_text)
        await settled(pilot)
        assert set(drawn) == {0, 6}


def fed(*pieces: str, columns: int = 20, lines: int = 5) -> Emulator:
    """A terminal that was given these."""
    emulator = Emulator(columns, lines, lambda _text: None)
    for piece in pieces:
        emulator.feed(piece)
    return emulator


def text_of(emulator: Emulator) -> list[str]:
    """Its lines."""
    return ["".join(text for text, _ in emulator.row(y)).rstrip() for y in range(emulator.lines)]


def test_second_screen_and_back() -> None:
    emulator = fed("shell\r\n$ vi", "\x1b[?1049h\x1b[H~ file")
    assert text_of(emulator)[0] == "~ file"
    emulator.feed("\r\n" * 50)
    emulator.feed("\x1b[?1049l\r\ndone")
    assert text_of(emulator)[:3] == ["shell", "$ vi", "done"]
    assert not emulator.past


def test_smaller_keeps_what_the_cursor_is_at() -> None:
    emulator = fed("a\r\nb\r\nc")
    emulator.resize(3, 20)
    assert text_of(emulator) == ["a", "b", "c"]
    emulator.resize(2, 20)
    assert text_of(emulator) == ["b", "c"]
    assert ["".join(text for text, _ in row).rstrip() for row in emulator.past] == ["a"]
    emulator.feed("!")
    assert text_of(emulator)[1] == "c!"


def test_questions_are_answered_and_wide_characters_keep_their_width() -> None:
    answers: list[str] = []
    emulator = Emulator(10, 2, answers.append)
    emulator.feed("测x\x1b[6n")
    assert answers == ["\x1b[1;4R"]
    assert text_of(emulator)[0] == "测x"


ODD = [
    "\x1b[?5A", "\x1b[?1049h", "\x1b[?1049l", "\x1b[9999;9999r", "\x1b[?3h", "\x1b[5T", "\x1bc", "测",
    "\x1b[38;5m", "\x1b[2;4r\x1b[?6h\x1b[6n", "\x1b[99L", "\x1b[99P", "\x1b[>4;2m", "\x1b#8", "\x1b[4h",
    "e\u0301", "\r\n",
]  # fmt: skip


@given(
    st.lists(st.one_of(st.text(max_size=12), st.sampled_from(ODD)), max_size=30),
    st.integers(1, 30),
    st.integers(1, 8),
)
def test_nothing_a_guest_sends_breaks_it(pieces: list[str], columns: int, lines: int) -> None:
    emulator = fed(*pieces)
    emulator.resize(lines, columns)
    for piece in pieces:
        emulator.feed(piece)
    for y in range(emulator.lines):
        row = emulator.row(y)
        assert all(text.isprintable() for text, _ in row)


@pytest.mark.parametrize(
    ("key", "character", "sent"),
    [
        ("a", "a", b"a"), ("A", "A", b"A"), ("ü", "ü", "ü".encode()), ("enter", "\r", b"\r"),
        ("up", None, b"\x1b[A"), ("ctrl+left", None, b"\x1b[1;5D"), ("delete", None, b"\x1b[3~"),
        ("ctrl+c", "\x03", b"\x03"), ("ctrl+z", None, b"\x1a"), ("escape", "\x1b", b"\x1b"),
        ("alt+b", None, b"\x1bb"), ("f5", None, b"\x1b[15~"), ("slash", "/", b"/"), ("f30", None, b""),
    ],
)  # fmt: skip
def test_keys_are_those_of_a_terminal(key: str, character: str | None, sent: bytes) -> None:
    assert key_bytes(key, character) == sent


def test_arrows_follow_the_mode_a_program_asked_for() -> None:
    assert fed("\x1b[?1h").application_cursor
    assert key_bytes("up", None, application_cursor=True) == b"\x1bOA"


async def test_flood_leaves_keys_alive(opened: Opened, wire: FakeWire) -> None:
    async with opened(size=(80, 24)) as pilot:
        await pilot.press("c")
        await eventually(pilot, lambda: is_open(pilot))

        async def flood() -> None:
            while not line(wire).closed:
                line(wire).queue.put_nowait(Chunk(0, 1, stdout=b"\x1b[31mnoise\x1b[0m " * 300))
                await asyncio.sleep(0)

        flooding = asyncio.create_task(flood())
        await pilot.press("ctrl+right_square_bracket")
        await eventually(pilot, lambda: isinstance(pilot.app.screen, Cockpit))
        flooding.cancel()
