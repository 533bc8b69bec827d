"""The host keys a person has accepted: a known_hosts file of our own, 0600, changed whole or not at all."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.remote import SshTarget
from clonebox_tui.secure_shell.host_key import HostKey, parse_line

_HEAD = "# Host keys that were accepted; `clonebox-tui connection trust URI` writes here."


class Pins:
    """`path` need not exist."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def of(self, target: SshTarget) -> tuple[HostKey, ...]:
        """The keys that are pinned for a host."""
        found = (parse_line(line) for line in self._lines())
        return tuple(each[1] for each in found if each is not None and each[0] == target.pin_name)

    def places(self) -> list[str]:
        """All hosts that have one, as they stand in a URI: `server`, `server:2222`, each once."""
        names = (found[0] for line in self._lines() if (found := parse_line(line)) is not None)
        return [_as_in_uri(name) for name in dict.fromkeys(names)]

    def pin(self, target: SshTarget, keys: Iterable[HostKey]) -> None:
        """From now on these keys alone are the host's."""
        kept = [line for line in self._lines() if not self._is_of(line, target)]
        added = [key.line(target.pin_name) for key in keys]
        try:
            self._write([*(kept or [_HEAD]), *added])
        except OSError as error:
            raise problem(
                Code.PERMISSION_DENIED,
                f"The host key is not kept: {self.path} cannot be written.",
                why=str(error),
                next="See who owns its folder, and that there is room.",
            ) from error

    def _lines(self) -> list[str]:
        try:
            return self.path.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise problem(
                Code.PERMISSION_DENIED,
                f"{self.path} cannot be read.",
                why=str(error),
                next="See who owns it: it holds the host keys that were accepted.",
            ) from error

    @staticmethod
    def _is_of(line: str, target: SshTarget) -> bool:
        found = parse_line(line)
        return found is not None and found[0] == target.pin_name

    def _write(self, lines: list[str]) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # mkstemp makes it 0600.
        handle, beside = tempfile.mkstemp(dir=self.path.parent, prefix=".known_hosts.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write("\n".join([*lines, ""]))
            Path(beside).replace(self.path)
        except OSError:
            Path(beside).unlink(missing_ok=True)
            raise


def _as_in_uri(pin_name: str) -> str:
    """`[server]:2222` of known_hosts as `server:2222`; only addresses with colons keep their brackets."""
    host, bracket, port = pin_name.removeprefix("[").partition("]:")
    return f"{f'[{host}]' if ':' in host else host}{':' if bracket else ''}{port}"
