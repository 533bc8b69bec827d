"""The machine's own folder on the host: made for one job, removed by its undo and by nobody else's."""

import stat
from pathlib import Path

from clonebox_tui.engine.durable import flush
from clonebox_tui.model.places import Places
from clonebox_tui.model.problem import Code, problem

_OWNER = ".job-{}"
"""The name alone says whose folder it is: a name cannot be half written, as a text can."""


def machine_folder(places: Places, connection: str, name: str) -> Path:
    """Where the files of the machine `name` lie."""
    return places.images(connection) / "machines" / name


def make_folder(folder: Path, job_id: str, *, open_to_qemu: bool) -> None:
    """Make the folder. NAME_TAKEN when it is there already, PERMISSION_DENIED where it may not be made.

    With `open_to_qemu` QEMU's own user may walk through to the files it was given; it lists nothing.
    """
    if folder.exists():
        raise problem(
            Code.NAME_TAKEN,
            f"{folder} is there already.",
            why="It belongs to another machine of this name, or was left by one.",
            next="Choose another name, or look what it holds and remove it.",
        )
    mode = 0o711 if open_to_qemu else 0o700
    try:
        for place in (folder.parent.parent, folder.parent, folder):
            if not place.is_dir():
                place.mkdir(parents=True)
                place.chmod(mode)
            elif open_to_qemu:
                place.chmod(stat.S_IMODE(place.stat().st_mode) | 0o111)
        (folder / _OWNER.format(job_id)).touch()
    except PermissionError as error:
        raise problem(
            Code.PERMISSION_DENIED,
            f"{folder} cannot be made.",
            why=str(error),
            next="Use `--connect qemu:///session`, or run as root.",
        ) from error


def remove_folder(folder: Path, job_id: str, *, kept: bool = False) -> None:
    """Remove what `make_folder` made for this job; another's folder is left alone.

    With `kept` the job itself took its mark away: no other job can have made a folder there since.
    """
    owner = folder / _OWNER.format(job_id)
    if owner.is_file() or (kept and folder.is_dir()):
        for path in folder.iterdir():
            if path != owner:
                path.unlink()
        owner.unlink(missing_ok=True)  # last: what is interrupted here is still ours
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def keep_folder(folder: Path) -> None:
    """The machine is ready: the folder belongs to it from now on, and so do the names in it."""
    for owner in folder.glob(_OWNER.format("*")):
        owner.unlink(missing_ok=True)
    flush(folder)
    flush(folder.parent)
