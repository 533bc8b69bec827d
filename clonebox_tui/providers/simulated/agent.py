"""The guest agent of a simulated machine: QEMU's commands, answered from its files and its state.

Answers have the shapes of the QEMU guest agent's protocol reference (qga/qapi-schema.json, QEMU 7.2).
"""

import base64
from collections.abc import Callable
from typing import Any

from clonebox_tui.model.machine import AgentState
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.providers.simulated.details import address_of, mac_of
from clonebox_tui.providers.simulated.files import absolute, is_folder
from clonebox_tui.providers.simulated.life import Life, agent_missing
from clonebox_tui.providers.simulated.machine import SimulatedMachine
from clonebox_tui.providers.simulated.meter import NET_RX, NET_TX
from clonebox_tui.providers.simulated.processes import Processes

Arguments = dict[str, Any]


class Guest:
    """One machine's agent: open file handles and processes live here."""

    def __init__(self, machine: SimulatedMachine, life: Life, now: Callable[[], float]) -> None:
        self._machine = machine
        self._life = life
        self._now = now
        self._run = machine.run
        self._handles: dict[int, tuple[str, int]] = {}
        self._next_handle = 1000
        self._processes = Processes(machine, now)
        self._commands: dict[str, Callable[[Arguments], object]] = {
            "guest-ping": lambda _arguments: {},
            "guest-sync": lambda arguments: arguments["id"],
            "guest-sync-delimited": lambda arguments: arguments["id"],
            "guest-info": self._info,
            "guest-exec": self._processes.begin,
            "guest-exec-status": self._processes.status,
            "guest-set-user-password": lambda _arguments: {},
            "guest-file-open": self._open,
            "guest-file-read": self._read,
            "guest-file-write": self._write,
            "guest-file-seek": self._seek,
            "guest-file-flush": lambda _arguments: {},
            "guest-file-close": lambda arguments: (self._handles.pop(arguments["handle"], None) and {}) or {},
            "guest-get-host-name": lambda _arguments: {"host-name": self._machine.name},
            "guest-get-time": lambda _arguments: int(self._now() * 1e9),
            "guest-set-time": lambda _arguments: {},
            "guest-get-osinfo": self._osinfo,
            "guest-get-users": lambda _arguments: [],
            "guest-network-get-interfaces": self._interfaces,
            "guest-fsfreeze-status": lambda _arguments: "frozen" if machine.frozen_files else "thawed",
            "guest-fsfreeze-freeze": lambda _arguments: self._freeze(True),
            "guest-fsfreeze-thaw": lambda _arguments: self._freeze(False),
            "guest-shutdown": self._shutdown,
        }

    def answer(self, request: Arguments) -> object:
        """The `return` of one command; AGENT_UNAVAILABLE, GUEST_ERROR."""
        if self._machine.agent is not AgentState.CONNECTED:
            raise agent_missing(self._machine)
        if self._run != self._machine.run:
            self._run = self._machine.run
            self._handles.clear()
            self._processes.forget()
        name = str(request.get("execute"))
        command = self._commands.get(name)
        if command is None:
            raise _refusal(f"The command {name} has not been found")
        try:
            return command(request.get("arguments") or {})
        except (KeyError, TypeError) as error:
            raise _refusal(f"Parameter {error} is missing or of the wrong type") from error

    def _info(self, _arguments: Arguments) -> object:
        commands = [{"name": name, "enabled": True, "success-response": True} for name in self._commands]
        return {"version": "7.2.22", "supported_commands": commands}

    def _osinfo(self, _arguments: Arguments) -> object:
        return {
            "id": "debian", "name": "Debian GNU/Linux", "pretty-name": "Debian GNU/Linux 12 (bookworm)",
            "version": "12 (bookworm)", "version-id": "12", "machine": "x86_64",
            "kernel-release": "6.1.0-37-amd64", "kernel-version": "#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1",
        }  # fmt: skip

    def _interfaces(self, _arguments: Arguments) -> object:
        values = self._life.usage(self._machine)
        statistics = {"rx-bytes": int(values[NET_RX]), "tx-bytes": int(values[NET_TX])}
        rest = dict.fromkeys(("rx-errs", "rx-dropped", "tx-errs", "tx-dropped"), 0)
        packets = {f"{way}-packets": statistics[f"{way}-bytes"] // 900 for way in ("rx", "tx")}
        local = {"ip-address-type": "ipv4", "ip-address": "127.0.0.1", "prefix": 8}
        outer = {"ip-address-type": "ipv4", "ip-address": address_of(self._machine), "prefix": 24}
        return [
            {"name": "lo", "hardware-address": "00:00:00:00:00:00", "ip-addresses": [local]},
            {
                "name": "eth0",
                "hardware-address": mac_of(self._machine),
                "ip-addresses": [outer],
                "statistics": {**statistics, **packets, **rest},
            },
        ]

    def _freeze(self, frozen: bool) -> int:
        self._machine.frozen_files = frozen
        return 1

    def _shutdown(self, arguments: Arguments) -> object:
        self._life.ask(self._machine, "agent", again=arguments.get("mode") == "reboot")
        return {}

    # -- files ---------------------------------------------------------------------------------------

    def _open(self, arguments: Arguments) -> int:
        path, mode = absolute(str(arguments["path"]), "/"), str(arguments.get("mode", "r"))
        files = self._machine.files
        if is_folder(files, path):
            raise _refusal(f"failed to open file '{path}' (mode: '{mode}'): Is a directory")
        parent = path.rsplit("/", 1)[0] or "/"
        if (path not in files and mode.startswith("r")) or not is_folder(files, parent):
            raise _refusal(f"failed to open file '{path}' (mode: '{mode}'): No such file or directory")
        if mode.startswith("w"):
            files[path] = b""
        self._next_handle += 1
        self._handles[self._next_handle] = (path, len(files.get(path, b"")) if mode.startswith("a") else 0)
        files.setdefault(path, b"")
        return self._next_handle

    def _handle(self, arguments: Arguments) -> tuple[int, str, int]:
        handle = int(arguments["handle"])
        if handle not in self._handles:
            raise _refusal(f"handle '{handle}' has not been found")
        return handle, *self._handles[handle]

    def _read(self, arguments: Arguments) -> object:
        handle, path, offset = self._handle(arguments)
        data = self._machine.files.get(path, b"")
        piece = data[offset : offset + int(arguments.get("count", 4096))]
        self._handles[handle] = (path, offset + len(piece))
        eof = offset + len(piece) >= len(data)
        return {"count": len(piece), "buf-b64": base64.b64encode(piece).decode(), "eof": eof}

    def _write(self, arguments: Arguments) -> object:
        handle, path, offset = self._handle(arguments)
        piece = base64.b64decode(arguments["buf-b64"])
        before = self._machine.files.get(path, b"")
        end = offset + len(piece)
        self._machine.files[path] = before[:offset].ljust(offset, b"\0") + piece + before[end:]
        self._handles[handle] = (path, end)
        return {"count": len(piece), "eof": False}

    def _seek(self, arguments: Arguments) -> object:
        handle, path, offset = self._handle(arguments)
        size = len(self._machine.files.get(path, b""))
        whence = {0: 0, 1: offset, 2: size, "set": 0, "cur": offset, "end": size}[arguments["whence"]]
        position = max(0, whence + int(arguments["offset"]))
        self._handles[handle] = (path, position)
        return {"position": position, "eof": position >= size}


def _refusal(why: str) -> ProblemError:
    return problem(
        Code.GUEST_ERROR,
        "The guest agent refused.",
        why=why,
        next="Check that the program and its files are there in the guest.",
    )
