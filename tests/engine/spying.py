"""Watches what a provider is really asked to do, to compare it with what a plan said before."""

import re
from collections.abc import Iterable
from typing import Any

import msgspec
import pytest

from clonebox_tui.model.machine import machine_id
from clonebox_tui.model.plan import Plan
from clonebox_tui.providers.protocol import Provider

_CHANGING = (
    "start", "ask_to_stop", "ask_to_reboot", "kill", "pause", "resume", "define", "undefine", "set_aside",
    "put_back", "write_labels", "eject_seed", "create_snapshot", "restore_snapshot", "delete_snapshot",
    "detach_share", "attach_share", "begin_copy",
)  # fmt: skip
_WITH_ARGUMENT = ("ask_to_stop", "ask_to_reboot", "create_snapshot", "restore_snapshot", "delete_snapshot")
_TIME = re.compile(r"\d{8}-\d{6}(-\d+)?|YYYYmmdd-HHMMSS")


class Spy:
    """All operations of one provider that change something, from now on; `calls` are told as in plans."""

    def __init__(self, provider: Provider, machine: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[str] = []
        self._provider, self._machine, self._name = provider, machine, name
        for operation in _CHANGING:
            monkeypatch.setattr(provider, operation, self._watched(operation, getattr(provider, operation)))

    def planned(self, plan: Plan) -> list[str]:
        """A plan's calls to the provider, in order."""
        asked = {self._kind(self._provider.explain(each, self._machine).call) for each in _CHANGING}
        asked |= {self._kind(self._provider.explain("delete_snapshot:children", self._machine).call)}
        return self.told(step.call for step in plan.steps if self._kind(step.call) in asked)

    def told(self, calls: Iterable[str]) -> list[str]:
        """Calls, each once where it follows itself; times and the machine's id are made alike."""
        found: list[str] = []
        for call in calls:
            # Of several forks, which are called after one another, the plan names the first.
            text = re.sub(r"(fork-)[a-z]\b", r"\1a", call.replace(self._machine, self._name))
            text = _TIME.sub("TIME", text)
            if text not in found[-1:]:
                found.append(text)
        return found

    def _watched(self, operation: str, real: Any) -> Any:
        async def call(subject: Any, *arguments: Any, **named: Any) -> Any:
            machine = subject.name if operation == "define" else self._machine
            if isinstance(subject, str):
                machine = machine_id(self._provider.uri, subject)
            argument = str(arguments[0]) if operation in _WITH_ARGUMENT else ""
            if operation == "write_labels":
                argument = msgspec.json.encode(arguments[0]).decode()
            way = operation
            if operation == "delete_snapshot" and (named.get("children") or arguments[1:] == (True,)):
                way = f"{operation}:children"
            self.calls.append(self._provider.explain(way, machine, argument).call)
            return await real(subject, *arguments, **named)

        return call

    @staticmethod
    def _kind(call: str) -> str:
        """A simulated call names its operation, libvirt's the function and its flags."""
        return call.partition("(")[0] if call.startswith("simulation.") else call
