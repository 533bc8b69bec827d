"""A very small shell: enough for what people and this program run in a demo's machines.

It knows `;`, `&&`, `||`, `|`, newlines, redirections and `$NAME`; no loops, no substitution.
"""

from collections.abc import Callable
from typing import NamedTuple

from clonebox_tui.providers.simulated import commands, commands_facts, commands_files, commands_system
from clonebox_tui.providers.simulated.commands import Process
from clonebox_tui.providers.simulated.files import absolute, is_folder
from clonebox_tui.providers.simulated.machine import SimulatedMachine
from clonebox_tui.providers.simulated.words import expand, words_of

_PROGRAMS = {
    **commands.PROGRAMS,
    **commands_files.PROGRAMS,
    **commands_facts.PROGRAMS,
    **commands_system.PROGRAMS,
}
_SHELLS = frozenset({"sh", "bash", "dash", "ash"})
_WRAPPERS = frozenset({"setsid", "sudo", "nohup", "exec", "command", "env", "time"})


class Outcome(NamedTuple):
    """What a command left."""

    stdout: bytes
    stderr: bytes
    code: int


class Shell:
    """Runs one command line. `seconds` is what the commands would have taken; `kill` ends a process."""

    def __init__(
        self,
        machine: SimulatedMachine,
        now: Callable[[], float],
        environment: dict[str, str],
        kill: Callable[[int], bool],
    ) -> None:
        self.seconds = 0.0
        self._machine = machine
        self._now = now
        self._kill = kill
        self._environment = {"HOME": "/root", "PATH": "/usr/bin:/bin", "USER": "root", **environment}
        self._folder = "/"
        self._left = False

    def run(self, argv: list[str], stdin: bytes = b"") -> Outcome:
        """Run one command by its words."""
        argv = unwrapped(argv, self._environment)
        if not argv:
            return Outcome(b"", b"", 0)
        name = argv[0].rsplit("/", 1)[-1]
        if name in _SHELLS and len(argv) > 2 and argv[1].startswith("-") and argv[1].endswith("c"):
            return self._script(argv[2], argv[3:], stdin)
        return self._one(name, argv, stdin)

    def _one(self, name: str, argv: list[str], stdin: bytes) -> Outcome:
        if name == "cd":
            words = [word for word in argv[1:] if word != "--"]
            folder = absolute(words[0] if words else "/root", self._folder)
            if not is_folder(self._machine.files, folder):
                return Outcome(b"", f"sh: 1: cd: can't cd to {folder}\n".encode(), 2)
            self._folder = folder
            return Outcome(b"", b"", 0)
        if name == "exit":
            self._left = True
            return Outcome(b"", b"", int(argv[1]) if len(argv) > 1 else 0)
        command = _PROGRAMS.get(name)
        if command is None:
            return Outcome(b"", f"sh: 1: {name}: not found\n".encode(), 127)
        process = Process(
            argv[1:], stdin, self._machine, self._now(), self._folder, self._environment, self._kill
        )
        code = command(process)
        self.seconds += process.seconds
        return Outcome(bytes(process.stdout), bytes(process.stderr), code)

    # -- lines ---------------------------------------------------------------------------------------

    def _script(self, text: str, positional: list[str], stdin: bytes) -> Outcome:
        stdout, stderr, code = b"", b"", 0
        variables = {str(at): value for at, value in enumerate(positional)}
        variables["@"] = " ".join(positional[1:])
        try:
            words = words_of(text)
        except ValueError as error:
            return Outcome(b"", f"sh: 1: Syntax error: {error}\n".encode(), 2)
        join = ";"
        for following, chain in _split(words, (";", "\n", "&&", "||", "&")):
            skipped = (join == "&&" and code) or (join == "||" and not code)
            join = following
            if skipped:
                continue
            self._environment |= {**variables, "?": str(code)}
            result = self._pipeline(chain, stdin)
            stdout, stderr, code = stdout + result.stdout, stderr + result.stderr, result.code
            if self._left:
                break
        return Outcome(stdout, stderr, code)

    def _pipeline(self, words: list[str], stdin: bytes) -> Outcome:
        stderr, outcome = b"", Outcome(stdin, b"", 0)
        for _, part in _split(words, ("|",)):
            outcome = self._redirected(part, outcome.stdout)
            stderr += outcome.stderr
        return Outcome(outcome.stdout if words else b"", stderr, outcome.code)

    def _redirected(self, words: list[str], stdin: bytes) -> Outcome:
        argv: list[str] = []
        targets: list[tuple[str, str]] = []
        rest = iter(words)
        for word in rest:
            if word in (">", ">>", "<", "2>", "2>>", "2>&1", ">&2"):
                target = "" if "&" in word else expand(next(rest, ""), self._environment)
                targets.append((word, target))
            else:
                argv.append(expand(word, self._environment))
        for sign, target in targets:
            if sign == "<":
                stdin = self._machine.files.get(absolute(target, self._folder), b"")
        if argv and argv[0].partition("=")[0].isidentifier() and "=" in argv[0]:
            name, _, value = argv[0].partition("=")
            self._environment[name] = value
            return Outcome(b"", b"", 0)
        outcome = self.run(argv, stdin)
        for sign, target in targets:
            outcome = self._send(outcome, sign, target)
        return outcome

    def _send(self, outcome: Outcome, sign: str, target: str) -> Outcome:
        if sign == "2>&1":
            return Outcome(outcome.stdout + outcome.stderr, b"", outcome.code)
        if sign == ">&2":
            return Outcome(b"", outcome.stderr + outcome.stdout, outcome.code)
        if sign == "<":
            return outcome
        data = outcome.stderr if sign.startswith("2") else outcome.stdout
        kept = Outcome(b"", outcome.stderr, outcome.code)
        if sign.startswith("2"):
            kept = Outcome(outcome.stdout, b"", outcome.code)
        if target == "/dev/null":
            return kept
        path = absolute(target, self._folder)
        if not is_folder(self._machine.files, path.rsplit("/", 1)[0] or "/"):
            return Outcome(b"", f"sh: 1: cannot create {target}: Directory nonexistent\n".encode(), 2)
        before = self._machine.files.get(path, b"") if sign.endswith(">>") else b""
        self._machine.files[path] = before + data
        return kept


def unwrapped(argv: list[str], environment: dict[str, str] | None = None) -> list[str]:
    """The command behind `setsid`, `env NAME=VALUE` and the like; values go to `environment`."""
    while len(argv) > 1 and argv[0].rsplit("/", 1)[-1] in _WRAPPERS:
        argv = argv[1:]
        while len(argv) > 1 and argv[0].partition("=")[0].isidentifier() and "=" in argv[0]:
            name, _, value = argv[0].partition("=")
            argv = argv[1:]
            if environment is not None:
                environment[name] = value
    return argv


def _split(words: list[str], signs: tuple[str, ...]) -> list[tuple[str, list[str]]]:
    """Parts of a line, each with the sign that follows it."""
    parts: list[tuple[str, list[str]]] = []
    part: list[str] = []
    for word in words:
        if word in signs:
            parts.append((word, part))
            part = []
        else:
            part.append(word)
    return [(sign, part) for sign, part in [*parts, (";", part)] if part]
