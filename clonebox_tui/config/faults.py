"""Collects everything wrong with a configuration, so that a person sees all of it at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clonebox_tui.config.keypath import KeyPath, dotted
from clonebox_tui.model.environment import ConfigFault, FaultLevel
from clonebox_tui.model.secrets import has_password

if TYPE_CHECKING:
    from clonebox_tui.config.document import Document, Mark


_SECRET_WORDS = ("password", "secret", "token")


def quote(value: Any) -> str:
    """A value as a file has it, safe and short enough to be shown."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


class FaultList:
    """Findings in the order they come; places are looked up in the document when they are not given.

    `overlays` are key paths that come from elsewhere (a profile, `--set`): they have no place in the file.
    `source` is the data before variables were put in: only its text is ever quoted, so that what a
    variable holds is never shown.
    """

    def __init__(self) -> None:
        self.document: Document | None = None
        self.source: Any = {}
        self.overlays: dict[KeyPath, str] = {}
        self.found: list[ConfigFault] = []

    def error(self, path: KeyPath, message: str, hint: str = "", mark: Mark | None = None) -> None:
        """The file cannot be used with this."""
        self._add(FaultLevel.ERROR, path, message, f"expected: {hint}" if hint else "", mark)

    def warning(self, path: KeyPath, message: str, hint: str = "", *, of_key: bool = False) -> None:
        """Probably not meant so; it is used all the same."""
        self._add(FaultLevel.WARNING, path, message, hint, None, of_key=of_key)

    def notice(self, path: KeyPath, message: str, hint: str = "") -> None:
        """Accepted, and nothing comes of it yet."""
        self._add(FaultLevel.NOTICE, path, message, hint, None, of_key=True)

    def quoted(self, path: KeyPath) -> str:
        """The value at `path` as the file has it; "" for maps, lists, secrets and what is not there."""
        value = self.source
        for part in path:
            if any(word in str(part).lower() for word in _SECRET_WORDS):
                return ""
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                return ""
        if isinstance(value, dict | list) or value is None or has_password(str(value)):
            return ""
        return quote(value)

    @property
    def has_errors(self) -> bool:
        """Whether anything found forbids using the file."""
        return any(fault.level is FaultLevel.ERROR for fault in self.found)

    def in_order(self) -> tuple[ConfigFault, ...]:
        """All findings by their place in the file, each once."""
        unique = dict.fromkeys(self.found)
        return tuple(sorted(unique, key=lambda fault: (fault.line, fault.column)))

    def _add(
        self,
        level: FaultLevel,
        path: KeyPath,
        message: str,
        hint: str,
        mark: Mark | None,
        *,
        of_key: bool = False,
    ) -> None:
        source = self._overlay(path)
        if mark is None and not source and self.document is not None:
            mark = self.document.mark(path, of_key=of_key)
        line, column = (mark.line, mark.column) if mark and not source else (0, 0)
        self.found.append(ConfigFault(level, line, column, dotted(path), message, hint, source))

    def _overlay(self, path: KeyPath) -> str:
        return next(
            (self.overlays[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self.overlays), ""
        )
