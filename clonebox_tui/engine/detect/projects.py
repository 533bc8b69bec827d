"""Finds the folder that was asked for and the Git projects in, around and beside it."""

import os
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from clonebox_tui.engine.detect.folders import held_back, measure
from clonebox_tui.engine.detect.git import Checkout, read_checkout
from clonebox_tui.engine.detect.host import Host
from clonebox_tui.engine.detect.items import item, notice
from clonebox_tui.model.environment import Confidence, DetectedItem, DetectedKind, ProjectFacts

SOURCE = "projects"
MAX_PROJECTS = 40
MAX_SECONDS = 2.0
_ONE_FOLDER_SECONDS = 0.15
_MAX_LISTED = 2000


def find_projects(host: Host, max_seconds: float = MAX_SECONDS) -> Iterator[DetectedItem]:
    """The folder first (chosen beforehand), then checkouts above, one and two levels below, and beside it.

    Looking around ends after `max_seconds` or `MAX_PROJECTS`, and a notice then says so.
    """
    folder = host.directory
    if not folder.is_dir():
        yield notice(SOURCE, f"{folder} is not a folder")
        return
    yield _project(folder, read_checkout(folder), "the folder that was asked for", host.home, suggested=True)
    deadline = time.monotonic() + max_seconds
    found = 0
    for place, why in _around(folder, host.home):
        if time.monotonic() > deadline:
            yield notice(SOURCE, f"stopped looking around {folder} after {max_seconds:g} s")
            return
        checkout = read_checkout(place)
        if checkout is None or not _is_text(place):
            continue
        found += 1
        if found > MAX_PROJECTS:
            yield notice(SOURCE, f"more than {MAX_PROJECTS} projects around {folder}; the rest is left out")
            return
        yield _project(place, checkout, why, host.home)


def _around(folder: Path, home: str) -> Iterator[tuple[Path, str]]:
    for above in folder.parents:
        if str(above) in (home, "/"):
            break
        yield above, f"it holds {folder.name}"
    below = _folders(folder)
    yield from ((child, f"inside {folder.name}") for child in below)
    if str(folder) != home:
        yield from ((child, f"beside {folder.name}") for child in _folders(folder.parent) if child != folder)
    for child in below:
        yield from ((grandchild, f"inside {folder.name}/{child.name}") for grandchild in _folders(child))


def _folders(folder: Path) -> list[Path]:
    """Real folders in a folder, by name; of a huge one only the first entries are looked at."""
    try:
        with os.scandir(folder) as listed:
            found = [
                entry.path for entry in islice(listed, _MAX_LISTED) if entry.is_dir(follow_symlinks=False)
            ]
    except OSError:
        return []
    return [Path(path) for path in sorted(found) if not path.endswith("/.git")]


def _project(
    folder: Path, checkout: Checkout | None, why: str, home: str, *, suggested: bool = False
) -> DetectedItem:
    size = measure(folder) if suggested else measure(folder, max_seconds=_ONE_FOLDER_SECONDS)
    facts = ProjectFacts(
        path=str(folder),
        is_git=checkout is not None,
        branch=checkout.branch if checkout else "",
        remote=checkout.remote if checkout else "",
        size_bytes=size.size_bytes,
        size_is_minimum=size.is_minimum,
    )
    return item(
        DetectedKind.PROJECT,
        str(folder),
        _evidence(facts, why),
        facts,
        Confidence.HIGH,
        suggested=suggested,
        held_back=held_back(folder, home),
    )


def _evidence(facts: ProjectFacts, why: str) -> str:
    if not facts.is_git:
        return f"{why}; no Git checkout"
    branch = f" on {facts.branch}" if facts.branch else ""
    remote = f" of {facts.remote}" if facts.remote else ""
    return f"{why}; {facts.path}/.git is a checkout{branch}{remote}"


def _is_text(path: Path) -> bool:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True
