"""A person's own keys: `keys.toml` in the configuration folder, one line an action: `stop = "ctrl+s"`."""

from pathlib import Path

from clonebox_tui.model.problem import Code, problem

FILE_NAME = "keys.toml"


def load_keymap(folder: Path) -> dict[str, str]:
    """Keys (separated by commas) by action id; empty without a file. ProblemError names what is wrong."""
    path = folder / FILE_NAME
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise problem(Code.CONFIG_INVALID, f"{path} cannot be read.", why=str(error)) from error
    return _checked(path, text)


def _checked(path: Path, text: str) -> dict[str, str]:
    # Imported here: most people have no such file, and the start is quick without it.
    import tomllib

    from clonebox_tui.tui.actions import BY_ID

    try:
        keys = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise problem(Code.CONFIG_INVALID, f"{path} is not valid TOML.", why=str(error)) from error
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
