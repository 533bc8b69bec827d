"""Profiles: files with settings for many projects, laid over a project's own file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from clonebox_tui.config.document import TooComplexError, bounded_plain, read_text
from clonebox_tui.config.keypath import KeyPath
from clonebox_tui.model.problem import Code, problem


def profile_folders(folder: Path, environment: Mapping[str, str]) -> tuple[Path, ...]:
    """Where profiles may lie, the first wins: the project's, the user's, the original's."""
    home = Path(environment.get("HOME") or "/")
    config = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    return (folder / ".clonebox.d", config / "clonebox" / "profiles", home / ".clonebox.d")


def load_profile(name: str, folder: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    """The content of profile `name`; an unknown one is an error that lists names and places."""
    folders = profile_folders(folder, environment)
    found = [place / f"{name}.yaml" for place in folders if (place / f"{name}.yaml").is_file()]
    if "/" in name or name.startswith(".") or not found:
        names = sorted({path.stem for place in folders if place.is_dir() for path in place.glob("*.yaml")})
        raise problem(
            Code.CONFIG_INVALID,
            f"There is no profile {name!r}.",
            why="known profiles: " + (", ".join(names) or "none"),
            next=f"Choose one of these, or write {folders[0] / 'NAME.yaml'}.",
            details=tuple(f"searched: {place}" for place in folders),
        )
    return load_plain(found[0])


def load_plain(path: Path) -> dict[str, Any]:
    """A YAML file that is not the user's project file, as plain data; raises `config-invalid`."""
    try:
        loaded = plain_yaml(read_text(path))
    except (yaml.YAMLError, RecursionError, ValueError, TooComplexError) as error:
        raise problem(
            Code.CONFIG_INVALID,
            f"{path} is not valid YAML.",
            why=str(error),
            next="Correct the file at the place that is named.",
        ) from None
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise problem(Code.CONFIG_INVALID, f"{path} has no keys at its top.", next="Write lines like `vm:`.")
    return loaded


def plain_yaml(text: str) -> Any:
    """Plain, bounded data of YAML text by the quick loader; raises `YAMLError` or `TooComplexError`."""
    return bounded_plain(yaml.load(text, Loader=yaml.CSafeLoader))


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` laid on `base`: maps are merged key by key, lists and single values replaced."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = (
            merge(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
        )
    return merged


def leaves(data: Any, path: KeyPath = ()) -> list[KeyPath]:
    """The key paths of everything in `data` that is no map: what a merge replaces."""
    if isinstance(data, Mapping) and data:
        return [leaf for key, value in data.items() for leaf in leaves(value, (*path, str(key)))]
    return [path]
