"""The trash on disk: one folder a machine, named by its UUID, with all that is needed to bring it back.

Machines with a folder of their own lie beside `machines/`, so that moving there is one rename; of others
only the definition is kept, in the user's own data folder. The files themselves are the truth: an entry of
a machine that is defined is none (somebody brought it back, or a job is at work on it).
"""

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from clonebox_tui.engine.durable import replace_private
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.model.machine import split_id
from clonebox_tui.model.places import Places
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.model.remote import is_remote
from clonebox_tui.model.trash import DAYS_KEPT, Definition, TrashedMachine
from clonebox_tui.private_files import make_private_folder

FILES = "files"
_ENTRY = "entry.json"
_SETTING = "trash_days"
_DAY_SECONDS = 86_400.0


class Entry(msgspec.Struct, frozen=True):
    """What a machine's `entry.json` says."""

    machine: TrashedMachine
    definition: Definition


class Entries:
    """All entries of all connections."""

    def __init__(self, fleet: Fleet, places: Places) -> None:
        self._fleet = fleet
        self._places = places

    def place(self, machine: str, own_folder: bool) -> Path:
        """Where the entry of a machine lies; nothing is made."""
        uri, uuid = split_id(machine)
        root = self._places.images(uri) if own_folder else self._places.data
        return root / "trash" / uuid

    def all(self) -> tuple[tuple[Path, Entry], ...]:
        """Every entry of a machine that is not defined, newest first. What cannot be read is left out."""
        known = self._fleet.machines
        found = [each for each in map(read, self._folders()) if each[1].machine.machine not in known]
        return tuple(sorted(found, key=lambda each: each[1].machine.deleted_at, reverse=True))

    def find(self, machine: str) -> tuple[Path, Entry]:
        """The entry of a machine's id; MACHINE_NOT_FOUND."""
        for place, entry in self.all():
            if entry.machine.machine == machine:
                return place, entry
        raise problem(
            Code.MACHINE_NOT_FOUND,
            "That machine is not in the trash.",
            why="It was brought back, or purged.",
            next="See what is in it: `clonebox-tui trash list`.",
        )

    def forget_all(self) -> None:
        """Empty the user's own folder of entries: nothing in it can be brought back any more."""
        if (folder := self._places.data / "trash").is_dir():
            from shutil import rmtree  # with its archive formats; most starts need it not

            rmtree(folder, ignore_errors=True)

    def seconds_kept(self) -> float:
        """How long what is deleted now stays. CONFIG_INVALID."""
        return days_kept(self._places.config / "settings.toml") * _DAY_SECONDS

    def _folders(self) -> Iterator[Path]:
        local = (uri for uri in self._fleet.connections if uri.startswith("qemu") and not is_remote(uri))
        roots = {self._places.data, *map(self._places.images, local)}
        for trash in sorted(root / "trash" for root in roots):
            yield from _inside(trash)


def _inside(trash: Path) -> Iterable[Path]:
    try:
        return [each for each in trash.iterdir() if (each / _ENTRY).is_file()]
    except OSError:
        return ()  # none, or another user's


def read(place: Path) -> tuple[Path, Entry]:
    """The entry in a folder; one that nobody can read has a machine without a name."""
    try:
        return place, msgspec.json.decode((place / _ENTRY).read_bytes(), type=Entry)
    except (OSError, msgspec.DecodeError):
        return place, Entry(TrashedMachine("", place.name, 0.0, float("inf")), Definition(""))


def write(place: Path, entry: Entry) -> None:
    """Keep an entry, 0600 in a folder of its own, whole or not at all."""
    make_private_folder(place)
    replace_private(place / _ENTRY, msgspec.json.encode(entry))


def move_if_there(before: Path, now: Path) -> None:
    """Take back a move that was made; one that was not is left alone."""
    if before.is_dir() and not now.exists():
        before.rename(now)


def discard(place: Path) -> None:
    """Remove an entry and all that lies in it; its description goes last, and is found again until then."""
    if place.is_dir():
        if (place / FILES).is_dir():
            from shutil import rmtree

            rmtree(place / FILES)
        (place / f".{_ENTRY}").unlink(missing_ok=True)
        (place / _ENTRY).unlink(missing_ok=True)
        place.rmdir()
    with contextlib.suppress(OSError):
        place.parent.rmdir()  # unless there is more in it


def days_kept(settings: Path) -> float:
    """The setting `trash_days`, in days; CONFIG_INVALID."""
    import tomllib

    try:
        wished = tomllib.loads(settings.read_text(encoding="utf-8")).get(_SETTING, DAYS_KEPT)
    except FileNotFoundError:
        return DAYS_KEPT
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _unclear(settings, str(error)) from error
    if isinstance(wished, bool) or not isinstance(wished, int | float) or not 0 < wished <= 3650:
        raise _unclear(settings, f"{_SETTING} = {wished!r}")
    return float(wished)


def _unclear(settings: Path, why: str) -> ProblemError:
    return problem(
        Code.CONFIG_INVALID,
        "How long the trash is kept cannot be read.",
        why=f"{settings}: {why}",
        next=f"Write a number of days, more than 0 and at most 3650: {_SETTING} = 7",
    )
