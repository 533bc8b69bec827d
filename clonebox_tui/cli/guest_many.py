"""`exec` on several machines at once: what they say is told in groups that said the same."""

import asyncio
from collections.abc import Sequence

from clonebox_tui.cli.output import document, say, write_json
from clonebox_tui.client import Client
from clonebox_tui.model.grouped import Outcome, grouped
from clonebox_tui.model.machine import Machine
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.rpc import EXECUTE, Execute

OUR_FAILURE, OUR_TIMEOUT = 125, 124
"""As `docker exec` and timeout(1): any other code is the guest command's own."""

_AT_ONCE = 8


async def on_several(
    client: Client, machines: Sequence[Machine], argv: tuple[str, ...], timeout: float, as_json: bool
) -> int:
    """Run it on all, tell, and give the exit code: 0 when all succeeded, else that of the worst."""
    turn = asyncio.Semaphore(_AT_ONCE)

    async def one(machine: Machine) -> Outcome:
        outcome = Outcome(machine.name)
        async with turn:
            try:
                stream = await client.open_stream(EXECUTE, Execute(machine.id, argv, timeout))
                try:
                    async for chunk in stream:
                        outcome.take(chunk)
                finally:
                    stream.close()
            except ProblemError as error:
                outcome.problem = error.problem
        return outcome

    outcomes = await asyncio.gather(*map(one, machines))
    if as_json:
        write_json({"results": [result_of(each) for each in outcomes]})
    else:
        _tell(grouped(outcomes))
    return max(map(_code, outcomes), key=lambda code: (code == OUR_FAILURE, code == OUR_TIMEOUT, code))


def result_of(outcome: Outcome) -> dict[str, object]:
    """One machine's result in `--json`."""
    return {
        "machine": outcome.machine,
        "stdout": outcome.stdout.decode(errors="replace"),
        "stderr": outcome.stderr.decode(errors="replace"),
        "guest_exit_code": outcome.exit_code,
        "timed_out": outcome.timed_out,
        "truncated": outcome.truncated,
        "problem": document(outcome.problem),
    }


def _tell(groups: Sequence[Sequence[Outcome]]) -> None:
    for group in groups:
        first = group[0]
        say(f"{', '.join(each.machine for each in group)}: {first.badge}")
        text = (first.stdout + first.stderr).decode(errors="replace")
        for line in text.splitlines():
            say(f"  {line}")
        if first.problem is not None:
            for part in filter(None, (first.problem.what, first.problem.why, first.problem.next)):
                say(f"  {part}")
        if first.truncated:
            say("  Output was cut.")


def _code(outcome: Outcome) -> int:
    if outcome.timed_out:
        return OUR_TIMEOUT
    return OUR_FAILURE if outcome.exit_code is None else outcome.exit_code
