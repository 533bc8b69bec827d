"""Which themes there are, which one is chosen, and that the choice is kept between runs."""

from pathlib import Path
from typing import TYPE_CHECKING

from clonebox_tui.model.problem import Code, Problem, ProblemError, problem
from clonebox_tui.tui.own_files import read_toml, write_setting
from clonebox_tui.tui.themes import DARK, PREFIX, SHIPPED, SIXTEEN, short

if TYPE_CHECKING:
    from textual.theme import Theme

FILE_NAME = "settings.toml"
_SETTING = "theme"


class Looks:
    """`folder` holds settings and own themes; None: nothing is read or kept. `wished` is for one run."""

    def __init__(self, folder: Path | None = None, wished: str = "") -> None:
        """ProblemError (usage) when no theme has the wished name."""
        self._folder = folder
        self._file = folder / FILE_NAME if folder else None
        self._stamps: dict[str, tuple[int, int]] = {}
        self.problems: list[Problem] = []
        """What is wrong with the person's own files; it stops nothing."""
        self.themes: tuple[Theme, ...] = SHIPPED
        self.renew()
        self._wished = wished
        if wished and PREFIX + wished not in self._names:
            raise problem(
                Code.USAGE, f"There is no theme {wished}.",
                next=f"--theme is one of: {', '.join(map(short, self._names))}.",
            )  # fmt: skip
        self._kept = self._read()

    def renew(self) -> list[Problem] | None:
        """Read the person's own themes where one of their files has changed: what is newly wrong with them.

        None: nothing has changed. What cannot be used any more stays as it was.
        """
        if self._folder is None or not (self._stamps or (self._folder / "themes").is_dir()):
            return None
        from clonebox_tui.tui.user_themes import load_themes, stamps

        found = stamps(self._folder)
        if found == self._stamps:
            return None
        self._stamps = found
        own, problems = load_themes(self._folder, {theme.name: theme for theme in self.themes})
        fresh = [problem for problem in problems if problem not in self.problems]
        self.themes, self.problems = (*SHIPPED, *own), problems
        return fresh

    @property
    def _names(self) -> list[str]:
        return [theme.name for theme in self.themes]

    def _read(self) -> str:
        try:
            kept = read_toml(self._file).get(_SETTING) if self._file else None
        except ProblemError as error:
            self.problems.append(error.problem)
            return ""
        if kept is None:
            return ""
        if not isinstance(kept, str) or PREFIX + kept not in self._names:
            known = ", ".join(map(short, self._names))
            self.problems.append(
                Problem(
                    Code.CONFIG_INVALID, f"{self._file}: there is no theme {kept!r}.", next=f"Known: {known}."
                )
            )
            return ""
        return kept

    def first(self, few_colours: bool) -> str:
        """The theme to begin with; `few_colours`: on a terminal of sixteen."""
        if self._wished:
            return PREFIX + self._wished
        if few_colours:
            return SIXTEEN.name
        return PREFIX + self._kept if self._kept else DARK.name

    def next_after(self, theme: str) -> str:
        """The one that follows; the first after the last."""
        names = self._names
        return names[(names.index(theme) + 1) % len(names)] if theme in names else names[0]

    def keep(self, theme: str) -> None:
        """For the next run. ProblemError when it cannot be written."""
        self._kept, self._wished = short(theme), ""
        if self._file is None:
            return
        try:
            write_setting(self._file, _SETTING, short(theme))
        except (OSError, UnicodeDecodeError) as error:
            raise problem(
                Code.PERMISSION_DENIED,
                f"The theme is not kept: {self._file} cannot be written.",
                why=str(error),
                next="Check who owns that file and its folder.",
            ) from error
