"""The command palette's themes: each by its name, with what it looks like at once."""

from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from clonebox_tui.tui.themes import short


class ThemeProvider(Provider):
    """Found by `theme` and by its name."""

    def _entries(self) -> list[tuple[str, partial[None]]]:
        from clonebox_tui.tui.face import Face

        face = self.app
        if not isinstance(face, Face):
            return []
        return [
            (f"Theme: {short(theme.name)}", partial(face.choose_theme, theme.name))
            for theme in face.looks.themes
        ]

    async def discover(self) -> Hits:
        """All of them."""
        for title, choose in self._entries():
            yield DiscoveryHit(title, choose, help="kept for the next time")

    async def search(self, query: str) -> Hits:
        """Those that match what is typed."""
        matcher = self.matcher(query)
        for title, choose in self._entries():
            score = matcher.match(title)
            if score > 0:
                yield Hit(score, matcher.highlight(title), choose, help="kept for the next time")
