"""The programs that are installed in every simulated machine."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from clonebox_tui.providers.simulated.files import absolute, is_folder
from clonebox_tui.providers.simulated.machine import SimulatedMachine


@dataclass(slots=True)
class Process:
    """One running program: what it was given and what it gives."""

    argv: list[str]
    """Without its own name."""
    stdin: bytes
    machine: SimulatedMachine
    now: float
    folder: str
    environment: Mapping[str, str]
    kill: Callable[[int], bool]
    stdout: bytearray = field(default_factory=bytearray)
    stderr: bytearray = field(default_factory=bytearray)
    seconds: float = 0.0

    def say(self, text: str) -> int:
        """Print a line; exit code 0."""
        self.stdout += f"{text}\n".encode()
        return 0

    def complain(self, text: str, code: int = 1) -> int:
        """Print a line of error; that exit code."""
        self.stderr += f"{text}\n".encode()
        return code

    @property
    def names(self) -> list[str]:
        """Arguments that are no options."""
        return [each for each in self.argv if not each.startswith("-")]

    @property
    def options(self) -> str:
        """All letters of short options."""
        return "".join(each[1:] for each in self.argv if each.startswith("-") and not each.startswith("--"))

    def path(self, name: str) -> str:
        """A name as an absolute path."""
        return absolute(name, self.folder)

    @property
    def files(self) -> dict[str, bytes]:
        """The machine's files."""
        return self.machine.files


Command = Callable[[Process], int]


def _echo(process: Process) -> int:
    words = process.argv
    newline = "\n"
    if words[:1] == ["-n"]:
        words, newline = words[1:], ""
    process.stdout += (" ".join(words) + newline).encode()
    return 0


def _printf(process: Process) -> int:
    template, *values = process.argv or [""]
    text = template.replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\")
    for value in values:
        for sign in ("%s", "%d", "%b"):
            if sign in text:
                text = text.replace(sign, value, 1)
                break
    process.stdout += text.replace("%s", "").replace("%%", "%").encode()
    return 0


def _cat(process: Process) -> int:
    code = 0
    for name in process.names or ["-"]:
        path = process.path(name)
        if name == "-":
            process.stdout += process.stdin
        elif path == "/proc/uptime":
            process.say(f"{_up(process):.2f} {_up(process) * 0.9:.2f}")
        elif path in process.files and not path.endswith("/"):
            process.stdout += process.files[path]
        else:
            why = "Is a directory" if is_folder(process.files, path) else "No such file or directory"
            code = process.complain(f"cat: {name}: {why}")
    return code


def _up(process: Process) -> float:
    return max(0.0, process.now - (process.machine.started_at or process.now))


def _uname(process: Process) -> int:
    parts = {"s": "Linux", "n": process.machine.name, "r": "6.1.0-37-amd64", "m": "x86_64", "o": "GNU/Linux"}
    if "a" in process.options:
        version = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)"
        return process.say(f"Linux {process.machine.name} 6.1.0-37-amd64 {version} x86_64 GNU/Linux")
    return process.say(" ".join(text for letter, text in parts.items() if letter in (process.options or "s")))


def _hostname(process: Process) -> int:
    if "I" in process.options:
        return process.say("10.0.2.15 ")
    return process.say(process.files.get("/etc/hostname", b"localhost").decode().strip())


def _uptime(process: Process) -> int:
    minutes = int(_up(process) // 60)
    days, hours = divmod(minutes // 60, 24)
    up = f"{days} days, {hours:2}:{minutes % 60:02}" if days else f"{hours:2}:{minutes % 60:02}"
    clock = time.strftime("%H:%M:%S", time.gmtime(process.now))
    return process.say(f" {clock} up {up},  0 users,  load average: 0.42, 0.37, 0.31")


def _date(process: Process) -> int:
    style = next((each[1:] for each in process.argv if each.startswith("+")), "%a %b %d %H:%M:%S UTC %Y")
    text = style.replace("%s", str(int(process.now)))
    return process.say(time.strftime(text, time.gmtime(process.now)))


def _sleep(process: Process) -> int:
    try:
        process.seconds += sum(_duration(word) for word in process.argv)
    except ValueError:
        return process.complain(f"sleep: invalid time interval '{process.argv[0]}'")
    return 0


def _duration(word: str) -> float:
    if word == "infinity":
        return 1e9
    return float(word.rstrip("smhd")) * {"m": 60, "h": 3600, "d": 86400}.get(word[-1:], 1)


def _kill(process: Process) -> int:
    done = [process.kill(abs(int(word))) for word in process.argv if word.lstrip("-").isdigit()]
    return 0 if any(done) else process.complain("kill: No such process")


def _id(process: Process) -> int:
    return process.say("0" if "u" in process.options else "uid=0(root) gid=0(root) groups=0(root)")


def _seq(process: Process) -> int:
    numbers = [int(word) for word in process.argv]
    first, last = (numbers[0], numbers[-1]) if len(numbers) > 1 else (1, numbers[0])
    lines = (f"{number}\n" for number in range(first, min(last, first + 100_000) + 1))
    process.stdout += "".join(lines).encode()
    return 0


def _env(process: Process) -> int:
    shown = {key: value for key, value in process.environment.items() if key.isidentifier()}
    return process.say("\n".join(f"{key}={value}" for key, value in shown.items()))


def _succeed(_process: Process) -> int:
    return 0


def _fail(_process: Process) -> int:
    return 1


PROGRAMS: dict[str, Command] = {
    "echo": _echo,
    "printf": _printf,
    "cat": _cat,
    "uname": _uname,
    "hostname": _hostname,
    "uptime": _uptime,
    "date": _date,
    "sleep": _sleep,
    "kill": _kill,
    "id": _id,
    "seq": _seq,
    "printenv": _env,
    "true": _succeed,
    ":": _succeed,
    "sync": _succeed,
    "set": _succeed,
    "umask": _succeed,
    "false": _fail,
    "pwd": lambda process: process.say(process.folder),
    "whoami": lambda process: process.say("root"),
    "nproc": lambda process: process.say(str(process.machine.vcpus)),
}
"""By name."""
