"""Which machines take snapshots by themselves: kept in one small file, written whole or not at all."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from clonebox_tui.engine.durable import replace_private
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.snapshot_policy import SnapshotPolicy

_FILE = "snapshot-policies.json"
_OWNER = "See who owns it, and that you may read and write it."


class Policies:
    """Policies by machine id, in the user's configuration folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _FILE

    def all(self) -> Mapping[str, SnapshotPolicy]:
        """Those of all machines that have one. CONFIG_INVALID."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, SnapshotPolicy])
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.MsgspecError) as error:
            raise problem(
                Code.CONFIG_INVALID, f"{self._path} is not understood.", why=str(error), next=_OWNER
            ) from error

    def of(self, machine: str) -> SnapshotPolicy:
        """A machine's; the default takes none."""
        return self.all().get(machine, SnapshotPolicy())

    def write(self, machine: str, policy: SnapshotPolicy) -> None:
        """Put a machine's in; the default one takes it out. PERMISSION_DENIED."""
        others = {name: each for name, each in self.all().items() if name != machine}
        known = others if policy == SnapshotPolicy() else {**others, machine: policy}
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace_private(self._path, msgspec.json.format(msgspec.json.encode(known), indent=2))
        except OSError as error:
            raise problem(
                Code.PERMISSION_DENIED, f"{self._path} cannot be written.", why=str(error), next=_OWNER
            ) from error
