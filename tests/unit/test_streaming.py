"""A guest's command that was quiet, writes and ends between two looks at it loses nothing."""

import asyncio

import pytest

from clonebox_tui.guest import streaming
from clonebox_tui.guest.execution import Status


class Guest:
    """An agent and the files of one command, which ends just after its output was last looked for.

    A background child keeps the command's script from ending, so that only its file of the code tells.
    """

    def __init__(self) -> None:
        self.unread: list[bytes] = []
        self.over = False

    async def ask(self, _kind: object, _command: str, **_arguments: object) -> Status:
        return Status(exited=False)

    async def drain(self, run: streaming._Run) -> bool:
        """What is new in the output."""
        came, self.unread = self.unread, []
        for data in came:
            await run._on_output("stdout", data)
        return bool(came)

    async def exit_code(self) -> int:
        """The file with the code: the command wrote its last line, and ended, after the last look."""
        if not self.over:
            self.over = True
            self.unread.append(b"last words")
        return 3


async def test_the_last_words_of_a_quiet_command_are_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    guest, heard = Guest(), bytearray()

    async def hear(_name: str, data: bytes) -> None:
        heard.extend(data)

    monkeypatch.setattr(streaming, "LINGER_SECONDS", 0.0)
    run = streaming._Run(guest, hear, "")  # type: ignore[arg-type]
    monkeypatch.setattr(run, "_drain", lambda: guest.drain(run))
    monkeypatch.setattr(run, "_exit_code", guest.exit_code)
    async with asyncio.timeout(30):
        result = await run.follow()
    assert bytes(heard) == b"last words"
    assert result.exit_code == 3
