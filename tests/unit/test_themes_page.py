"""The page about themes names every theme and every colour, and its example is taken."""

import re
from pathlib import Path

from clonebox_tui.tui.themes import SHIPPED, short
from clonebox_tui.tui.user_themes import COLOURS, load_themes

PAGE = Path(__file__).parents[2] / "docs" / "themes.md"


def test_the_page_is_true(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    for word in (*COLOURS, *(short(theme.name) for theme in SHIPPED)):
        assert f"`{word}`" in page, word
    example = re.search(r"```toml\n(.*?)```", page, re.DOTALL)
    assert example is not None
    (tmp_path / "themes").mkdir()
    (tmp_path / "themes" / "mine.toml").write_text(example[1], encoding="utf-8")
    themes, problems = load_themes(tmp_path)
    assert (len(themes), problems) == (1, [])
