"""What lies in a guest's folders: asked by one command, safe for any name but those with broken bytes."""

import stat
from dataclasses import dataclass

from clonebox_tui.guest.agent import Agent
from clonebox_tui.guest.execution import run
from clonebox_tui.model.problem import Code, problem

LISTED_SECONDS = 30.0
_FORMAT = "%f/%s/%Y/%U/%n/"
"""Raw mode (hexadecimal), bytes, seconds, owner, name. No name holds a slash followed by a line's end."""

_LOOK = f"""stat -L -c '{_FORMAT}' -- "$1" 2>/dev/null || exit 44"""
_LIST = f"""cd -- "$1" || exit 44
find . -mindepth 1 -maxdepth 1 -exec stat -c '{_FORMAT}' {{}} +"""
_ABSENT = 44


@dataclass(frozen=True)
class Entry:
    """One file, folder or other thing in a guest. `modified_at`: seconds since 1970."""

    path: str
    mode: int
    size_bytes: int
    modified_at: int
    owner: str

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rstrip("/").rpartition("/")[2]

    @property
    def is_folder(self) -> bool:
        """Whether it can be listed."""
        return stat.S_ISDIR(self.mode)

    @property
    def is_file(self) -> bool:
        """Whether it has bytes to be read."""
        return stat.S_ISREG(self.mode)

    @property
    def permissions(self) -> int:
        """Nine bits; who copies takes no set-user-id along."""
        return self.mode & 0o777


async def look(agent: Agent, path: str) -> Entry | None:
    """What lies at `path`, links followed; None when nothing does."""
    result = await run(agent, ["sh", "-c", _LOOK, "sh", path], timeout_seconds=LISTED_SECONDS)
    if result.exit_code:
        return None
    return _entry(result.text.removesuffix("/\n"), path)


async def listed(agent: Agent, folder: str) -> tuple[Entry, ...]:
    """What a folder holds, folders first, then by name; FILE_NOT_FOUND when it cannot be entered."""
    result = await run(agent, ["sh", "-c", _LIST, "sh", folder], timeout_seconds=LISTED_SECONDS)
    if result.exit_code == _ABSENT:
        raise problem(
            Code.FILE_NOT_FOUND,
            f"The folder {folder} cannot be opened in the guest.",
            why=result.complaint,
            next="Check the path in the guest.",
        )
    records = result.text.split("/\n")[:-1]
    found = [_entry(record, f"{folder.rstrip('/')}/{record.rpartition('/')[2]}") for record in records]
    return tuple(sorted(found, key=lambda entry: (not entry.is_folder, entry.name)))


def _entry(record: str, path: str) -> Entry:
    try:
        mode, size, modified, owner, _ = record.split("/", 4)
        return Entry(path, int(mode, 16), int(size), int(modified), owner)
    except ValueError as error:
        raise problem(
            Code.GUEST_ERROR,
            f"The guest described {path} in a way it should not.",
            why=record[:200],
            next="See whether `stat` works in the guest.",
        ) from error
