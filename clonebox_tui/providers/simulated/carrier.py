"""The one script a simulated shell knows by heart: the one that carries a command's streams through files.

`sh -c SCRIPT sh FOLDER INPUT COMMAND…` writes output to FOLDER/out.N and err.N and the exit code to
FOLDER/code; with INPUT 1 it takes pieces in.N as their numbers come in FOLDER/turn, up to `end`.
"""

from clonebox_tui.providers.simulated.shell import Outcome

_MARKS = ("carry()", '"$@"', "$folder/code")


class Carrier:
    """The files of one carried command."""

    def __init__(self, files: dict[str, bytes], folder: str, with_input: bool) -> None:
        self._files = files
        self._folder = folder.rstrip("/")
        self._with_input = with_input
        self._input = b""
        self._turns = 0
        self._ended = not with_input
        files[f"{self._folder}/"] = b""
        if with_input:
            files[f"{self._folder}/turn"] = b""

    @classmethod
    def of(cls, files: dict[str, bytes], argv: list[str]) -> tuple["Carrier | None", list[str]]:
        """A carrier and the command it carries; None and the same words for any other command."""
        if len(argv) > 6 and argv[1] == "-c" and all(mark in argv[2] for mark in _MARKS):
            return cls(files, argv[4], argv[5] == "1"), argv[6:]
        return None, argv

    def whole_input(self) -> bytes | None:
        """Take the pieces that came; all of them once the end was told, None before."""
        turn = f"{self._folder}/turn"
        if self._with_input and not self._ended:
            # The writer's place in the file moves on, so what was read is kept and skipped.
            lines = self._files.get(turn, b"").decode().split("\n")[:-1]
            for line in lines[self._turns :]:
                self._turns += 1
                if line.isdigit():
                    self._input += self._files.pop(f"{self._folder}/in.{line}", b"")
                self._ended = self._ended or line == "end"
        return self._input if self._ended else None

    def deliver(self, outcome: Outcome) -> None:
        """Put the command's streams and code where the reader looks."""
        for name, data in (("out", outcome.stdout), ("err", outcome.stderr)):
            if data:
                self._files[f"{self._folder}/{name}.0"] = data
        self._files[f"{self._folder}/code"] = f"{outcome.code}\n".encode()
