"""A worker all of whose texts are hostile: `python -m tests.faults.hostile_worker ARGUMENTS`.

Names, labels, addresses, snapshots, logs and what the guest's agent says are those of `hostile`.
"""

import base64
import itertools
import sys
from collections.abc import Sequence

import msgspec

from clonebox_tui.model.labels import Labels
from clonebox_tui.model.machine import MachineDetails
from clonebox_tui.model.snapshot import Snapshot
from clonebox_tui.providers.protocol import LogChunk
from clonebox_tui.providers.simulated import life
from clonebox_tui.providers.simulated.machine import SimulatedMachine
from clonebox_tui.providers.simulated.processes import Processes
from clonebox_tui.providers.simulated.provider import SimulatedProvider
from clonebox_tui.worker.life import main
from tests.faults.hostile import HOSTILE

TEXTS = {kind: text for kind, text in HOSTILE.items() if kind != "surrogate"}
"""No text that came over the wire can hold half a surrogate pair."""
_BYTES = b"".join(f"{kind}: {text}\n".encode() for kind, text in TEXTS.items()) + b"\xff\xfe\x9b2J\n"

_populate, _details = life.populate, SimulatedProvider.details


def _hostile_population(*arguments: object) -> list[SimulatedMachine]:
    machines = list(_populate(*arguments))  # type: ignore[arg-type]
    for machine, text in zip(machines, itertools.cycle(TEXTS.values()), strict=False):
        machine.name = text
        machine.labels = Labels((text,), text, text)
    return machines


async def _hostile_details(self: SimulatedProvider, uuid: str) -> MachineDetails:
    details = await _details(self, uuid)
    texts = tuple(TEXTS.values())
    said = dict.fromkeys(("addresses", "networks", "packages", "services", "disk_errors"), texts)
    named = dict.fromkeys(("user", "image", "folder", "state_reason", "definition"), texts[40])
    return msgspec.structs.replace(details, **said, **named)


async def _hostile_snapshots(_self: SimulatedProvider, _uuid: str) -> Sequence[Snapshot]:
    return [Snapshot(text, 0.0, "", text, current=number == 0) for number, text in enumerate(TEXTS.values())]


async def _hostile_log(
    _self: SimulatedProvider, _uuid: str, _source: str, offset: int, limit_bytes: int, _identity: str = ""
) -> LogChunk:
    offset = max(0, len(_BYTES) + offset) if offset < 0 else offset
    return LogChunk(_BYTES[offset : offset + limit_bytes], offset, len(_BYTES), "one")


def _hostile_answer(_self: Processes, _arguments: object) -> object:
    said = base64.b64encode(_BYTES).decode()
    return {"exited": True, "exitcode": 0, "out-data": said, "err-data": said}


if __name__ == "__main__":
    life.populate = _hostile_population  # type: ignore[assignment]
    SimulatedProvider.details = _hostile_details  # type: ignore[method-assign]
    SimulatedProvider.snapshots = _hostile_snapshots  # type: ignore[method-assign]
    SimulatedProvider.read_log = _hostile_log  # type: ignore[method-assign]
    Processes.status = _hostile_answer  # type: ignore[assignment,method-assign]
    sys.exit(main(sys.argv[1:]))
