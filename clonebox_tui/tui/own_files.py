"""A person's own small TOML files in the configuration folder: read cheaply, written whole or not at all."""

import os
import tempfile
from pathlib import Path

from clonebox_tui.model.problem import Code, problem
from clonebox_tui.private_files import FILE, make_private_folder

MOST_BYTES = 256 * 1024
"""More is not a file of settings."""


def read_toml(path: Path) -> dict[str, object]:
    """What a file says; empty without a file. ProblemError (config-invalid) names what is wrong."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise problem(
                Code.CONFIG_INVALID,
                f"{path} is too large.",
                why=f"more than {MOST_BYTES} bytes",
                next="Keep only settings in it.",
            )
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise problem(
            Code.CONFIG_INVALID,
            f"{path} cannot be read.",
            why=str(error),
            next="Check that the file is yours to read, and UTF-8.",
        ) from error
    # Imported here: most people have no such file, and the start is quick without it.
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise problem(
            Code.CONFIG_INVALID,
            f"{path} is not valid TOML.",
            why=str(error),
            next="Correct the file at the place that is named.",
        ) from error


def write_setting(path: Path, name: str, value: str) -> None:
    """Set one text at the top of a file and keep its other lines; OSError when it cannot be written.

    `name` and `value` are plain words: letters, digits, dashes.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        lines = []
    kept = [line for line in lines if line.partition("=")[0].strip() != name]
    write_private(path, "\n".join([f'{name} = "{value}"', *kept, ""]))


def write_private(path: Path, text: str) -> None:
    """Put a whole file in the place of the one before, for nobody else to read; OSError."""
    make_private_folder(path.parent)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            os.fchmod(handle, FILE)
            file.write(text)
        Path(beside).replace(path)
    except OSError:
        Path(beside).unlink(missing_ok=True)
        raise
