"""What a person wrote on a machine goes to its forks as well: they are found by the same tags and groups."""

from collections.abc import Mapping, Sequence

import msgspec

from clonebox_tui.engine.act import Step, StepRun
from clonebox_tui.engine.fork.job import Fork
from clonebox_tui.model.labels import Labels
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.providers.protocol import Call

LABELS = "labels"
"""Key in a job's memory."""


def labels_of(fork: Fork, memory: Mapping[str, object]) -> Labels:
    """Those of the origin: as they were written already, else as they are now."""
    if LABELS in memory:
        return msgspec.convert(memory[LABELS], Labels)
    origin = fork.around.fleet.machines.get(fork.act.machine)
    return origin.labels if origin else Labels()


def with_labels(fork: Fork, steps: Sequence[Step], labels: Labels) -> list[Step]:
    """The steps of a fork, and one more once the machines are defined, where there is anything to write."""
    if labels == Labels():
        return [*steps]
    at = next(number for number, step in enumerate(steps) if step.name == "define") + 1
    return [*steps[:at], _write(fork, labels), *steps[at:]]


def _write(fork: Fork, labels: Labels) -> Step:
    async def do(run: StepRun) -> None:
        await run.remember(**{LABELS: msgspec.to_builtins(labels)})
        for spec in fork.specs(run.memory):
            await fork.provider.write_labels(spec.uuid, labels)

    # The definitions' undo takes them away with the machines.
    call = _explained(fork, labels)
    return Step("labels", "Take over tags, group and note", do, call=call.call, equivalent=call.equivalent)


def _explained(fork: Fork, labels: Labels) -> Call:
    text = msgspec.json.encode(labels).decode()
    try:
        return fork.provider.explain("write_labels", fork.act.names[0], text)
    except ProblemError:
        return Call("")
