"""The worker of another host: one ssh process whose input and output are the connection to its socket.

No port opens and no socket lies anywhere: `worker dial` over there connects to the worker, and copies.
When the front end hangs up, or the line drops, both ends leave by themselves.
"""

import shlex
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec

from clonebox_tui.model.problem import Code, Problem, ProblemError
from clonebox_tui.model.remote import SshTarget
from clonebox_tui.secure_shell.asking import host_keys, no_client
from clonebox_tui.secure_shell.options import ssh_options
from clonebox_tui.secure_shell.reasons import key_changed, key_unknown, last_words, ssh_problem, unreachable

PROGRAM = "clonebox-tui"
_LAST_WORDS_SECONDS = 5.0
_MOST_BYTES = 64 * 1024
_NAMERS = {Code.HOST_KEY_UNKNOWN: key_unknown, Code.HOST_KEY_CHANGED: key_changed}


def far_command(words: Sequence[str]) -> str:
    """What the other host's shell runs: our program with these words, found where people install it."""
    program = f'PATH="$PATH:$HOME/.local/bin:/usr/local/bin"; exec {shlex.join((PROGRAM, *words))}'
    # Whatever the login shell there is.
    return f"sh -c {shlex.quote(program)}"


class FarApproach:
    """One attempt to reach the worker of another host; the same as `Approach` for who uses it."""

    def __init__(
        self, target: SshTarget, known_hosts: Path, arguments: Sequence[str], spawn: bool = True
    ) -> None:
        self._target = target
        self._known_hosts = known_hosts
        self._words = ("worker", "dial", *(() if spawn else ("--no-start",)), "--", *arguments)
        self._ssh: subprocess.Popen[bytes] | None = None
        self._said: BinaryIO | None = None

    def step(self) -> socket.socket:
        """The connection, at once: what is sent waits in it until the other host answers."""
        ours, theirs = socket.socketpair()
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 it is read when the process has ended
        options = ssh_options(self._target, self._known_hosts)
        try:
            self._ssh = subprocess.Popen(
                ["ssh", *options, "-T", *self._target.words, far_command(self._words)],
                stdin=theirs.fileno(), stdout=theirs.fileno(), stderr=self._said,
                # ctrl+c is for us: the line must still carry what we have to say then.
                start_new_session=True,
            )  # fmt: skip
        except FileNotFoundError as error:
            ours.close()
            raise no_client() from error
        finally:
            theirs.close()
        return ours

    def finish(self) -> socket.socket:
        """The same as `step`."""
        return self.step()

    def close(self) -> None:
        """Nothing is held: the process ends with its connection."""

    def failure(self) -> Problem | None:
        """Why the connection ended before the worker answered; None if nobody knows. Blocks a moment."""
        if self._ssh is None or self._said is None:
            return None
        try:
            code = self._ssh.wait(_LAST_WORDS_SECONDS)
        except subprocess.TimeoutExpired:
            self._ssh.kill()
            code = self._ssh.wait()
        self._said.seek(0)
        return self._problem(code, self._said.read(_MOST_BYTES).decode(errors="replace"))

    def _problem(self, code: int, said: str) -> Problem | None:
        target = self._target
        told = _told(said)
        if told is not None:
            return told
        if code == 127:
            return Problem(
                Code.TOOL_MISSING,
                f"{target.host} has no {PROGRAM}, or not where its programs are looked for.",
                why=last_words(said),
                next=f"Install it there, so that `ssh {target.host} {PROGRAM} --version` answers.",
            )
        if code == 2:
            return Problem(
                Code.VERSION_MISMATCH,
                f"{PROGRAM} on {target.host} is of another version than this one.",
                why=last_words(said),
                next="Install the same version on both hosts.",
            )
        found = ssh_problem(said, target, target.uri)
        if found is not None:
            return self._named(found)
        return unreachable(said, target) if code == 255 else None

    def _named(self, found: Problem) -> Problem:
        name = _NAMERS.get(found.code)
        if name is None:
            return found
        try:
            keys = host_keys(self._target)
        except ProblemError:
            return found
        return name(self._target, self._target.uri, tuple(f"{key.kind} {key.fingerprint}" for key in keys))


class _Told(msgspec.Struct):
    problems: tuple[Problem, ...]


def _told(said: str) -> Problem | None:
    """The problem that our own program over there reported, as its last line."""
    lines = said.splitlines()
    try:
        return msgspec.json.decode(lines[-1], type=_Told).problems[0] if lines else None
    except (msgspec.DecodeError, IndexError):
        return None
