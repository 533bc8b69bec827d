"""The user's own folders and files of this program: theirs alone and of use to them, whatever the umask."""

import os
from pathlib import Path

FOLDER, FILE = 0o700, 0o600


def make_private_folder(folder: Path) -> None:
    """Make `folder` with what is missing above it, each 0700; what is there is left as it is."""
    for each in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
        try:
            each.mkdir(FOLDER)
        except FileExistsError:
            continue  # another process was quicker
        each.chmod(FOLDER)


def open_private(path: Path | str, flags: int) -> int:
    """A descriptor of the user's own file at `path`, made when it is missing; 0600 from now on."""
    descriptor = os.open(path, flags | os.O_CREAT | os.O_CLOEXEC, FILE)
    os.fchmod(descriptor, FILE)
    return descriptor
