"""A person's own keys: `keys.toml` in the configuration folder, one line an action: `stop = "ctrl+s"`."""

from pathlib import Path

from clonebox_tui.model.problem import Code, problem
from clonebox_tui.tui.own_files import read_toml

FILE_NAME = "keys.toml"


def load_keymap(folder: Path) -> dict[str, str]:
    """Keys (separated by commas) by action id; empty without a file. ProblemError names what is wrong."""
    path = folder / FILE_NAME
    keys = read_toml(path)
    return _checked(path, keys) if keys else {}


def _checked(path: Path, keys: dict[str, object]) -> dict[str, str]:
    # Imported here: most people have no such file, and the start is quick without it.
    from clonebox_tui.tui.actions import BY_ID

    unknown = [name for name in keys if name not in BY_ID]
    if unknown:
        known = ", ".join(BY_ID)
        raise problem(
            Code.CONFIG_INVALID, f"{path}: no action is called {unknown[0]}.", next=f"Known: {known}."
        )
    wrong = [name for name, value in keys.items() if not isinstance(value, str)]
    if wrong:
        what = f"{path}: {wrong[0]} wants text."
        raise problem(Code.CONFIG_INVALID, what, next=f'For example: {wrong[0]} = "ctrl+s"')
    return {name: str(value) for name, value in keys.items()}
