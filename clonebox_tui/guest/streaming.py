"""Run a command in a guest with its streams live: output as it comes, input as it is given, any amount.

Costs about ten short agent commands, so internal questions use `execution.run`.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from clonebox_tui.guest import execution
from clonebox_tui.guest.agent import Agent
from clonebox_tui.guest.execution import ExecResult, Status, pauses
from clonebox_tui.guest.feeding import feed
from clonebox_tui.guest.files import read_file
from clonebox_tui.guest.pieces import OutputPieces
from clonebox_tui.guest.wrapper import END_ALL, REMOVE, SCRIPT
from clonebox_tui.model.problem import Code, ProblemError, problem

OnOutput = Callable[[str, bytes], Awaitable[None]]
"""Called with `stdout` or `stderr` and bytes; as long as it waits, the command is held back too."""
LINGER_SECONDS = 1.0
"""How long a background child may keep the output open after the command itself has ended."""


async def stream(
    agent: Agent,
    argv: Sequence[str],
    on_output: OnOutput,
    stdin: AsyncIterator[bytes] | None = None,
    timeout_seconds: float = 0.0,
    mark: str = "",
) -> ExecResult:
    """Run `argv` as root; the result carries the exit code only. 0 s: no limit.

    At the timeout, and when this task is cancelled or fails, the whole process group is killed in the guest;
    after a crash of ours it waits there, until `end_marked` with the same `mark`. What a command that ended
    by itself left running goes on, as after a login.
    Where that is not to be had, output comes in one piece at the end and input is bounded.
    """
    if not await agent.carries_streams():
        return await _at_once(agent, argv, on_output, stdin, timeout_seconds)
    run = _Run(agent, on_output, mark)
    feeding: asyncio.Task[None] | None = None
    try:
        await run.start(argv, stdin is not None)
        if stdin is not None:
            feeding = asyncio.create_task(_feed(run, agent, stdin))
        try:
            async with asyncio.timeout(timeout_seconds or None):
                return await run.follow()
        except TimeoutError:
            await run.kill()
            return ExecResult(124, timed_out=True)
    except BaseException:
        await asyncio.shield(run.kill())
        raise
    finally:
        if feeding:
            feeding.cancel()
        await asyncio.shield(run.clean())


async def end_marked(agent: Agent, mark: str) -> None:
    """Kill and remove all that was streamed with this mark by a process of ours that died."""
    if await agent.carries_streams():
        await execution.run(agent, ["sh", "-c", END_ALL, "sh", _folder(mark)])


async def _at_once(
    agent: Agent,
    argv: Sequence[str],
    on_output: OnOutput,
    stdin: AsyncIterator[bytes] | None,
    timeout_seconds: float,
) -> ExecResult:
    given = b"".join([piece async for piece in stdin]) if stdin is not None else b""
    if len(given) > execution.INPUT_BYTES:
        raise problem(
            Code.NOT_SUPPORTED,
            "This machine's agent takes no more than 64 KiB of input.",
            next="Copy the input in by `clonebox-tui ssh M`, or give less of it.",
        )
    result = await execution.run(agent, argv, given, timeout_seconds)
    for name, data in (("stdout", result.stdout), ("stderr", result.stderr)):
        if data:
            await on_output(name, data)
    return ExecResult(result.exit_code, truncated=result.truncated, timed_out=result.timed_out)


class _Run:
    """One command with its folder in the guest."""

    def __init__(self, agent: Agent, on_output: OnOutput, mark: str) -> None:
        self._agent = agent
        self._on_output = on_output
        self._pid: int | None = None
        self.folder = f"{_folder(mark)}-{os.urandom(8).hex()}"
        self._streams = {
            "stdout": OutputPieces(agent, f"{self.folder}/out"),
            "stderr": OutputPieces(agent, f"{self.folder}/err"),
        }

    async def start(self, argv: Sequence[str], with_input: bool) -> None:
        wrapped = ["sh", "-c", SCRIPT, "sh", self.folder, "1" if with_input else "0", *argv]
        self._pid = await execution.start(self._agent, wrapped)

    async def follow(self) -> ExecResult:
        quiet_since, ended_with = time.monotonic(), None
        while True:
            async for _ in pauses():
                # Asked before reading: what is read afterwards is all there will be. The agent forgets
                # a command once it has said that it ended.
                status = await self._agent.ask(Status, "guest-exec-status", pid=self._pid)
                came = await self._drain()
                if status.exited:
                    code = await self._exit_code()
                    return ExecResult(status.code if code is None else code)
                if came:
                    quiet_since = time.monotonic()
                    break
                if time.monotonic() - quiet_since > LINGER_SECONDS:
                    # Its last output may still be on its way when the command has only just ended.
                    if ended_with is not None:
                        return ExecResult(ended_with)
                    quiet_since, ended_with = time.monotonic(), await self._exit_code()

    async def _drain(self) -> bool:
        came = False
        for name, pieces in self._streams.items():
            while data := await pieces.read():
                came = True
                await self._on_output(name, data)
        return came

    async def _exit_code(self) -> int | None:
        try:
            return int(await read_file(self._agent, f"{self.folder}/code", 16))
        except ProblemError as error:
            if error.problem.code is not Code.FILE_NOT_FOUND:
                raise
        return None

    async def kill(self) -> None:
        if self._pid is not None:
            await execution.kill(self._agent, self._pid)

    async def clean(self) -> None:
        if self._pid is None:
            return
        for pieces in self._streams.values():
            await pieces.close()
        await execution.start(self._agent, ["sh", "-c", REMOVE, "sh", self.folder])


def _folder(mark: str) -> str:
    return f"/run/clonebox-{mark}" if mark else "/run/clonebox"


async def _feed(run: _Run, agent: Agent, stdin: AsyncIterator[bytes]) -> None:
    try:
        await feed(agent, run.folder, stdin)
    except ProblemError:
        # A command that waits for input that cannot come would wait for ever.
        await run.kill()
