"""Puts variables into values: `${NAME}`, `${NAME:-default}`, and `$$` for a dollar sign.

Values come from `.clonebox.env`, then `.env` beside the file, then the environment of the request; never
from this process's own. What a variable holds never gets into a message: it may be a secret.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clonebox_tui.config.faults import FaultList
from clonebox_tui.config.file_model import LITERAL, PASSIVE, PASSWORD_PATHS
from clonebox_tui.config.keypath import KeyPath

ENV_FILES = (".clonebox.env", ".env")
MAX_ENV_BYTES = 256 * 1024

_VARIABLE = re.compile(r"\$\$|\$\{([^}]*)\}")
_INSIDE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", re.DOTALL)
_UNTOUCHED = {*PASSIVE, *PASSWORD_PATHS, (*LITERAL,), ("detected",), ("generated",)}


def escape(text: str) -> str:
    """Text that expands to `text` again."""
    return text.replace("$", "$$")


def variables_for(folder: Path, environment: Mapping[str, str], faults: FaultList) -> dict[str, str]:
    """All variables a file in `folder` can use; a file beside it wins over the environment."""
    variables = dict(environment)
    for name in reversed(ENV_FILES):
        variables.update(_read_env_file(folder / name, faults))
    return variables


def parse_env_file(text: str) -> dict[str, str]:
    """`KEY=VALUE` lines; `#` comments and blanks skipped, outer quotes taken off, `export` allowed."""
    values: dict[str, str] = {}
    for line in text.splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name.strip()):
            values[name.strip()] = value.strip().strip("'\"")
    return values


def expand(data: dict[str, Any], variables: Mapping[str, str], faults: FaultList) -> dict[str, Any]:
    """A copy of `data` with variables put in; keys, shell lines and passive sections stay as they are."""
    expanded = _expand(data, (), variables, faults)
    return expanded if isinstance(expanded, dict) else {}


def _read_env_file(path: Path, faults: FaultList) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        if path.stat().st_size > MAX_ENV_BYTES:
            faults.warning((), f"{path.name} is too large and was not read", f"at most {MAX_ENV_BYTES} bytes")
            return {}
        return parse_env_file(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        reason = "not UTF-8 text" if isinstance(error, UnicodeDecodeError) else error.strerror
        faults.warning((), f"{path.name} could not be read: {reason}")
        return {}


def _expand(value: Any, path: KeyPath, variables: Mapping[str, str], faults: FaultList) -> Any:
    if path in _UNTOUCHED:
        return value
    if isinstance(value, dict):
        return {key: _expand(item, (*path, key), variables, faults) for key, item in value.items()}
    if isinstance(value, list):
        return [_expand(item, (*path, index), variables, faults) for index, item in enumerate(value)]
    if isinstance(value, str):
        return _VARIABLE.sub(lambda match: _value(match, path, variables, faults), value)
    return value


def _value(match: re.Match[str], path: KeyPath, variables: Mapping[str, str], faults: FaultList) -> str:
    if match[0] == "$$":
        return "$"
    inside = _INSIDE.fullmatch(match[1])
    if inside is None:
        faults.error(path, f"{match[0][:60]!r} is no variable", "${NAME}, ${NAME:-default}, or $$ for a `$`")
        return match[0]
    name, default = inside[1], inside[2]
    value = variables.get(name)
    if default is not None:
        return value or default  # as in a shell: an empty variable counts as absent
    if value is None:
        faults.error(
            path, f"the variable {name} is not set", f"{name} in {ENV_FILES[0]}, or ${{{name}:-default}}"
        )
        return ""
    return value
