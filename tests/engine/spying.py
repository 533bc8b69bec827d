"""Watches what a provider, a guest and this host's programs are really asked, to compare it with a plan."""

import asyncio
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from clonebox_tui.engine.jobs import JobRunner
from clonebox_tui.model.acts import Act
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.machine import machine_id
from clonebox_tui.model.plan import Plan
from clonebox_tui.providers.protocol import Provider

_CHANGING = (
    "start", "ask_to_stop", "ask_to_reboot", "kill", "pause", "resume", "define", "undefine", "set_aside",
    "put_back", "write_labels", "eject_seed", "create_snapshot", "restore_snapshot", "delete_snapshot",
    "detach_share", "attach_share", "begin_copy",
)  # fmt: skip
_WITH_ARGUMENT = ("ask_to_stop", "ask_to_reboot", "create_snapshot", "restore_snapshot", "delete_snapshot")
_EACH = "each time: "
_JOB = re.compile(r"-bisect-\w+")
_TIME = re.compile(r"\d{8}-\d{6}(-\d+)?|YYYYmmdd-HHMMSS")


class Spy:
    """All operations of one provider that change something, from now on; `calls` are told as in plans."""

    def __init__(self, provider: Provider, machine: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[str] = []
        self.guest: list[str] = []
        """The agent's commands, a program with its words."""
        self._provider, self._machine, self._name = provider, machine, name
        for operation in _CHANGING:
            monkeypatch.setattr(provider, operation, self._watched(operation, getattr(provider, operation)))
        monkeypatch.setattr(provider, "agent", self._overheard(provider.agent))

    def planned(self, plan: Plan) -> list[str]:
        """A plan's calls to the provider, in order."""
        asked = {self._kind(self._provider.explain(each, self._machine).call) for each in _CHANGING}
        asked |= {self._kind(self._provider.explain("delete_snapshot:children", self._machine).call)}
        parts = [part for step in plan.steps for part in _parts(step.call)]
        return self.told(part for part in parts if self._kind(part) in asked)

    def told(self, calls: Iterable[str]) -> list[str]:
        """Calls, each once where it follows itself; times and the machine's id are made alike."""
        found: list[str] = []
        for call in calls:
            # Of several forks, which are called after one another, the plan names the first.
            text = re.sub(r"(fork-)[a-z]\b", r"\1a", call.replace(self._machine, self._name))
            text = _JOB.sub("-bisect-JOB", _TIME.sub("TIME", text))
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

    def _overheard(self, real: Any) -> Any:
        async def agent(uuid: str, command: dict[str, Any], timeout_seconds: float) -> object:
            arguments = command.get("arguments", {})
            words = arguments.get("arg", [arguments["path"]] if "path" in arguments else [])
            self.guest.append(" ".join([command["execute"], *words]))
            return await real(uuid, command, timeout_seconds)

        return agent

    @staticmethod
    def _kind(call: str) -> str:
        """A simulated call names its operation, libvirt's the function and its flags."""
        return call.partition("(")[0] if call.startswith("simulation.") else call


def _parts(call: str) -> list[str]:
    """Some steps take several calls, which they name in order."""
    several = call.startswith((_EACH, "guest-exec sync; "))
    return call.removeprefix(_EACH).split("; ") if several else [call]


def programs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The command lines of all programs that are run on this host from now on, without their folders."""
    real, lines = asyncio.create_subprocess_exec, list[str]()

    async def create(*words: str, **more: Any) -> asyncio.subprocess.Process:
        lines.append(" ".join([Path(words[0]).name, *map(str, words[1:])]))
        return await real(*words, **more)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", create)
    return lines


async def run_as_planned(jobs: JobRunner, act: Act, plan: Plan) -> Job:
    """The act's job, which did the plan's steps, and whose log says that it ran what the plan says."""
    job = await jobs.wait((await jobs.run(act, plan.fingerprint)).id)
    assert job.state is JobState.SUCCEEDED, (act, job.problem)
    assert [step.name for step in job.steps] == [step.name for step in plan.steps]
    # The job's log, which the cockpit shows as what was really run, names each of them.
    said = [line.text.strip() for line in await jobs.lines(job.id)]
    calls = [line.removeprefix("run: ") for line in said if line.startswith("run: ")]
    assert _TIME.sub("TIME", "\n".join(calls)) == _TIME.sub(
        "TIME", "\n".join(step.call for step in plan.steps if step.call)
    )
    return job
