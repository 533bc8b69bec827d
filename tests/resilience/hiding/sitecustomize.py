"""Hides programs and modules from every Python process that has this folder on its path.

`HIDDEN_PROGRAMS` and `HIDDEN_MODULES` are names with `:` between them.
"""

import os
import shutil
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec

_PROGRAMS = frozenset(os.environ.get("HIDDEN_PROGRAMS", "").split(":"))
_MODULES = frozenset(os.environ.get("HIDDEN_MODULES", "").split(":"))
_which = shutil.which


def which(cmd: str, mode: int = os.F_OK | os.X_OK, path: str | None = None) -> str | None:
    """shutil.which, blind to what is hidden."""
    return None if os.path.basename(cmd) in _PROGRAMS else _which(cmd, mode, path)  # noqa: PTH119


class Hiding(MetaPathFinder):
    """Finds nothing, loudly."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: object = None
    ) -> ModuleSpec | None:
        """ModuleNotFoundError for what is hidden."""
        del path, target
        if fullname in _MODULES:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return None


shutil.which = which  # type: ignore[assignment]
sys.meta_path.insert(0, Hiding())
