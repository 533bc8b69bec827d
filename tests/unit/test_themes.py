"""Themes: readable by computation, kept between runs, a person's own ones taken or explained."""

import itertools
from pathlib import Path

import pytest
from rich._palettes import STANDARD_PALETTE
from rich.color import ColorSystem, ColorType
from textual.theme import Theme

from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.tui.looks import FILE_NAME, Looks
from clonebox_tui.tui.presentation.inks import inks
from clonebox_tui.tui.themes import HIGH_CONTRAST, SHIPPED, SIXTEEN
from clonebox_tui.tui.user_themes import COLOURS
from tests.contrast import LEAST_CONTRAST, contrast

GROUNDS = ("background", "surface", "panel", "ink-cursor", "ink-cursor-blurred")


def _variables(theme: Theme) -> dict[str, str]:
    return {**theme.to_color_system().generate(), **theme.variables}


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("theme", SHIPPED, ids=[theme.name for theme in SHIPPED])
def test_every_ink_is_readable_on_every_ground(theme: Theme, ground: str) -> None:
    styles = inks(_variables(theme), ground)
    # Borders and rules hold no words; the theme of high contrast draws them strongly all the same.
    words = {ink: style for ink, style in styles.items() if ink != "line" or theme is HIGH_CONTRAST}
    weak = {
        ink: round(contrast(style), 2) for ink, style in words.items() if contrast(style) < LEAST_CONTRAST
    }
    assert len(words) > 12
    assert weak == {}


def test_sixteen_colours_are_those_of_a_console_and_stay_apart() -> None:
    styles = inks(_variables(SIXTEEN), "background")
    colours = [style.color for style in styles.values()] + [style.bgcolor for style in styles.values()]
    for colour in filter(None, colours):
        plain = colour.downgrade(ColorSystem.STANDARD)
        assert plain.type is ColorType.STANDARD
        assert plain.number is not None
        assert colour.triplet is not None
        meant = STANDARD_PALETTE[plain.number]
        # A theme's colours are rounded on their way.
        assert max(abs(a - b) for a, b in zip(meant, colour.triplet, strict=True)) <= 1
    grounds = inks(_variables(SIXTEEN), "ink-cursor")["text"].bgcolor
    assert grounds != styles["text"].bgcolor


def test_states_are_never_told_by_colour_alone() -> None:
    from clonebox_tui.tui.presentation.glyphs import ASCII, UNICODE

    for glyphs in (UNICODE, ASCII):
        assert len(set(glyphs.states.values())) == len(glyphs.states)


def test_the_choice_is_kept_and_other_lines_with_it(tmp_path: Path) -> None:
    folder = tmp_path / "clonebox"
    assert Looks(folder).first(few_colours=False) == "clonebox-dark"
    Looks(folder).keep("clonebox-light")
    assert Looks(folder).first(few_colours=False) == "clonebox-light"
    with (folder / FILE_NAME).open("a", encoding="utf-8") as file:
        file.write("# a person's line\n")
    Looks(folder).keep("clonebox-high-contrast")
    assert Looks(folder).first(few_colours=False) == "clonebox-high-contrast"
    assert (folder / FILE_NAME).read_text().splitlines() == ['theme = "high-contrast"', "# a person's line"]
    assert [each.name for each in folder.iterdir()] == [FILE_NAME]


def test_a_wish_and_a_poor_terminal_count_more() -> None:
    assert Looks(None, "light").first(few_colours=True) == "clonebox-light"
    assert Looks(None).first(few_colours=True) == SIXTEEN.name
    with pytest.raises(ProblemError) as refused:
        Looks(None, "solarized")
    assert refused.value.problem.code is Code.USAGE
    assert "high-contrast" in refused.value.problem.next


def test_all_themes_are_passed_through() -> None:
    looks = Looks()
    names = list(
        itertools.accumulate(range(4), lambda name, _: looks.next_after(name), initial="clonebox-dark")
    )
    assert len(set(names)) == 4
    assert names[0] == names[-1]
    assert looks.next_after("nord") == "clonebox-dark"


def _own(folder: Path, name: str, text: str) -> Looks:
    (folder / "themes").mkdir(exist_ok=True)
    (folder / "themes" / f"{name}.toml").write_text(text, encoding="utf-8")
    return Looks(folder)


def test_a_theme_of_ones_own_changes_what_it_names(tmp_path: Path) -> None:
    colours = "\n".join(f'{word} = "#0{index:x}0{index:x}0{index:x}"' for index, word in enumerate(COLOURS))
    looks = _own(tmp_path, "mine", f"dark = false\n{colours}\n")
    assert looks.problems == []
    variables = _variables(looks.themes[-1])
    for index, inside in enumerate(COLOURS.values()):
        assert variables[inside].lower() == f"#0{index:x}0{index:x}0{index:x}", inside
    few = _own(tmp_path, "few", 'accent = "#ffffff"\n').themes
    theme = next(each for each in few if each.name == "clonebox-few")
    assert theme.variables["ink-cpu"] == "#ffffff"
    assert theme.background == SHIPPED[0].background


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("odd", 'backgruond = "#000000"\n', "backgruond"),
        ("odd", 'background = "black"\n', "wants a colour"),
        ("odd", "background = 5\n", "wants a colour"),
        ("odd", 'dark = "yes"\n', "true or false"),
        ("odd", "= broken", "not valid TOML"),
        ("light", 'background = "#000000"\n', "cannot be called"),
        ("Odd Name", 'background = "#000000"\n', "cannot be called"),
    ],
)
def test_a_bad_theme_is_explained_and_left_out(tmp_path: Path, name: str, text: str, said: str) -> None:
    _own(tmp_path, "good", 'background = "#000000"\n')
    looks = _own(tmp_path, name, text)
    assert [theme.name for theme in looks.themes[len(SHIPPED) :]] == ["clonebox-good"]
    [problem] = looks.problems
    assert said in problem.what
    assert str(tmp_path) in problem.what


def test_a_bad_setting_is_explained_and_the_program_opens(tmp_path: Path) -> None:
    for text in ('theme = "gone"\n', "theme = 3\n", "theme", "\x00"):
        (tmp_path / FILE_NAME).write_text(text, encoding="utf-8")
        looks = Looks(tmp_path)
        assert looks.first(few_colours=False) == "clonebox-dark"
        assert FILE_NAME in looks.problems[0].what
