"""A person's own keys: `keys.toml` in the configuration folder, one line an action: `stop = "ctrl+s"`."""

from pathlib import Path

from clonebox_tui.tui.own_files import read_toml

FILE_NAME = "keys.toml"


def load_keymap(folder: Path) -> dict[str, str]:
    """Keys (separated by commas) by action id; empty without a file. ProblemError names what is wrong."""
    path = folder / FILE_NAME
    written = read_toml(path)
    if not written:
        return {}
    # Imported here: most people have no such file, and the start is quick without it.
    from clonebox_tui.tui.own_keys import checked_keys

    return checked_keys(path, written)
