"""What stands below a machine's graphs."""

from clonebox_tui.model.machine import Disk, Machine, MachineDetails, State
from clonebox_tui.tui.presentation.machine_facts import fact_lines


def test_a_drive_without_a_medium_is_called_empty() -> None:
    machine = Machine("test:///x/1", "one", State.OFF, "test:///x", "1", 1, 1)
    details = MachineDetails(machine, disks=(Disk("sda", ""),))
    shown = ["".join(run[0] for run in line) for line in fact_lines(details)]
    assert any(line.split()[:3] == ["disk", "sda", "empty"] for line in shown)
