"""Speak to a machine's guest agent: one command at a time, answers checked, absence explained.

The agent's protocol is described in QEMU's docs/interop/qemu-ga-ref. A second command to the same agent
waits behind the first in libvirt, without saying so: the queue is kept here, where it can be cancelled.
"""

import asyncio
from collections.abc import Awaitable, Callable
from math import inf
from typing import TypeVar

import msgspec

from clonebox_tui.model.machine import AgentState, Machine, State
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.providers.protocol import Provider

COMMAND_SECONDS = 20.0
"""How long one command may take; far above the 50 ms measured, since emulated guests stall."""
PING_SECONDS = 4.0
_LATE_SECONDS = 2.0

T = TypeVar("T")


class Agent:
    """The agent of one machine. Everything said to it goes through `command`, one after the other."""

    def __init__(
        self,
        provider: Provider,
        uuid: str,
        queue: asyncio.Lock | None = None,
        goes_on: Callable[[float], Awaitable[None]] | None = None,
    ) -> None:
        """`goes_on` is awaited before each command: it returns when nothing holds the guest still, or fails
        after so many seconds."""
        self._provider = provider
        self._uuid = uuid
        self._queue = queue or asyncio.Lock()
        self._goes_on = goes_on
        self._commands: frozenset[str] | None = None

    async def command(
        self, name: str, timeout_seconds: float = COMMAND_SECONDS, **arguments: object
    ) -> object:
        """The agent's answer; `_` in argument names stands for `-`.

        AGENT_UNAVAILABLE says in which state the machine is; TIMED_OUT, GUEST_ERROR.
        """
        command: dict[str, object] = {"execute": name}
        if arguments:
            command["arguments"] = {key.replace("_", "-"): value for key, value in arguments.items()}
        try:
            if self._goes_on is not None:
                # A command waits as long as it takes; who only looks whether somebody is there does not.
                await self._goes_on(inf if timeout_seconds >= COMMAND_SECONDS else timeout_seconds)
            async with self._queue:
                return await self._answered(name, command, timeout_seconds)
        except ProblemError as error:
            if error.problem.code is Code.AGENT_UNAVAILABLE:
                raise await self._unavailable(error) from error
            raise

    async def _answered(self, name: str, command: dict[str, object], timeout_seconds: float) -> object:
        # The provider keeps the time; this is for one that does not come back at all.
        try:
            async with asyncio.timeout(timeout_seconds + _LATE_SECONDS):
                return await self._provider.agent(self._uuid, command, timeout_seconds)
        except TimeoutError as error:
            raise problem(
                Code.TIMED_OUT,
                f"The guest agent did not answer {name} within {timeout_seconds:g} s.",
                why="The guest hangs, its agent does, or the host does.",
                next="Look at the machine's log; try again, or reboot the machine.",
            ) from error

    async def ask(self, kind: type[T], name: str, **arguments: object) -> T:
        """Like `command`, with the answer checked and converted to `kind`."""
        return converted(kind, await self.command(name, COMMAND_SECONDS, **arguments), name)

    async def ping(self, timeout_seconds: float = PING_SECONDS) -> None:
        """Return when the agent answers; AGENT_UNAVAILABLE or TIMED_OUT within about `timeout_seconds`."""
        await self.command("guest-ping", timeout_seconds)

    async def supports(self, name: str) -> bool:
        """Whether the agent knows and allows the command `name`."""
        if self._commands is None:
            info = await self.ask(_Info, "guest-info")
            self._commands = frozenset(one.name for one in info.supported_commands if one.enabled)
        return name in self._commands

    async def carries_streams(self) -> bool:
        """Whether live streams can be had: files through the agent, and a real shell in the guest."""
        real = self._provider.connection.provider != "simulated"
        return real and await self.supports("guest-file-open")

    async def _unavailable(self, error: ProblemError) -> ProblemError:
        try:
            machine = (await self._provider.details(self._uuid)).machine
        except ProblemError:
            return error
        what, following = absence(machine)
        return problem(Code.AGENT_UNAVAILABLE, what, why=error.problem.why, next=following)


class Agents:
    """The agents of all machines, so that everybody who speaks to one stands in the same queue."""

    def __init__(self) -> None:
        self._queues: dict[tuple[str, str], asyncio.Lock] = {}

    def of(self, provider: Provider, uuid: str) -> Agent:
        """The agent of the machine `uuid`."""
        return Agent(provider, uuid, self._queues.setdefault((provider.uri, uuid), asyncio.Lock()))


def absence(machine: Machine) -> tuple[str, str]:
    """Why the agent of `machine` cannot be spoken to, and what to do, each one sentence."""
    name = machine.name
    if machine.state is State.PAUSED:
        return f"{name} is paused, so its guest agent cannot answer.", "Resume the machine first."
    if machine.state is not State.RUNNING:
        return f"{name} is {machine.state.value}, so there is no guest agent to ask.", "Start the machine."
    if machine.agent is AgentState.ABSENT:
        return (
            f"{name} has no guest agent channel.",
            "Add a channel org.qemu.guest_agent.0 to the machine, and install qemu-guest-agent in it.",
        )
    if machine.agent is AgentState.DISCONNECTED:
        return (
            f"The guest agent of {name} is not connected.",
            "Wait until the guest has booted; if it has, install and start qemu-guest-agent in it.",
        )
    return f"The guest agent of {name} does not answer.", "Look at the serial log; try again."


def converted(kind: type[T], answer: object, name: str) -> T:
    """The guest's answer as `kind`; guests are not trusted, so GUEST_ERROR when it is of another shape."""
    try:
        return msgspec.convert(answer, kind)
    except msgspec.ValidationError as error:
        raise problem(
            Code.GUEST_ERROR,
            f"The guest agent answered {name} in a way it should not.",
            why=str(error),
            next="Update qemu-guest-agent in the guest, then restart it there.",
        ) from error


class _Command(msgspec.Struct, frozen=True):
    name: str
    enabled: bool = True


class _Info(msgspec.Struct, frozen=True):
    supported_commands: tuple[_Command, ...] = ()
