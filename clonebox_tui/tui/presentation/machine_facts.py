"""What is said about one machine beside its graphs: a title, and lines of facts."""

from clonebox_tui.model.filtering import state_word
from clonebox_tui.model.machine import AgentState, Disk, Machine, MachineDetails, State
from clonebox_tui.model.rules import trouble_words
from clonebox_tui.tui.presentation.amounts import duration, size
from clonebox_tui.tui.presentation.machine_row import STATE_INKS, labels_text
from clonebox_tui.tui.presentation.runs import Runs, clean, fit

_AGENT = {
    AgentState.CONNECTED: "agent ok",
    AgentState.DISCONNECTED: "no agent yet",
    AgentState.ABSENT: "no agent",
}


def summary(machine: Machine, details: MachineDetails | None, now: float, stale: float | None = None) -> Runs:
    """State, size, address, agent and age of a machine, most important first.

    `stale` are the seconds since anything of this was heard, where its connection is away.
    """
    running = machine.state is State.RUNNING
    parts: list[tuple[str, str]] = [(state_word(machine), STATE_INKS[machine.state])]
    if stale is not None:
        parts = [(f"stale {duration(stale)}", "warn"), (f"was {state_word(machine)}", "dim")]
    parts.append((f"{machine.vcpus} vCPU", "text"))
    parts.append((size(machine.memory_bytes), "text"))
    if details and details.addresses:
        parts.append((clean(details.addresses[0]), "text"))
    if running and stale is None:
        parts.append((_AGENT[machine.agent], "ok" if machine.agent is AgentState.CONNECTED else "dim"))
        if machine.started_at is not None:
            parts.append((f"up {duration(now - machine.started_at)}", "text"))
    if not machine.managed:
        parts.append(("not made here", "dim"))
    runs: list[tuple[str, str]] = [(" ", "text")]
    for index, part in enumerate(parts):
        runs += [(" · ", "dim"), part] if index else [part]
    return tuple(runs)


def _filled(disk: Disk) -> str:
    if disk.allocation_bytes is None and disk.capacity_bytes is None:
        return ""
    return f"{size(disk.allocation_bytes) or '?'} of {size(disk.capacity_bytes) or '?'}  "


def _facts(details: MachineDetails) -> list[tuple[str, str]]:
    machine = details.machine
    facts = [("trouble", trouble_words(machine))] if machine.trouble else []
    facts += [("note", line) for line in machine.note.splitlines()]
    facts += [("labels", labels_text(machine))] if labels_text(machine) else []
    facts += [("address", address) for address in details.addresses]
    facts += [("network", line) for line in details.networks]
    facts += [
        (
            f"disk {disk.target}",
            f"{_filled(disk)}{disk.path or 'empty'}",
        )
        for disk in details.disks
    ]
    facts += [
        ("share", f"{share.host} → {share.guest}  {share.driver}{' read-only' if share.readonly else ''}")
        for share in details.shares
    ]
    facts += [("forward", f"{each.bind}:{each.host_port} → {each.guest_port}") for each in details.forwards]
    named = (
        ("folder", details.folder),
        ("image", details.image),
        ("user", details.user),
        ("accelerator", details.accelerator),
        ("packages", " ".join(details.packages)),
        ("services", " ".join(details.services)),
        ("ports", " ".join(map(str, details.ports))),
        ("logs", " ".join(details.log_sources)),
    )
    facts += [(name, value) for name, value in named if value]
    return [*facts, ("id", details.machine.id)]


def fact_lines(details: MachineDetails) -> list[Runs]:
    """Everything known of a machine, one fact a line."""
    return [((f" {fit(name, 12)} ", "dim"), (clean(value), "text")) for name, value in _facts(details)]
