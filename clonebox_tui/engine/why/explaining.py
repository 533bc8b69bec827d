"""From what was seen to a diagnosis: pure, so that each rule can be tried on recorded evidence."""

from clonebox_tui.engine.why.host_texts import LIBVIRT, QEMU
from clonebox_tui.engine.why.rules import RULES
from clonebox_tui.engine.why.seen import Seen
from clonebox_tui.engine.why.texts import LASTING, SERIAL, last_word, read
from clonebox_tui.model.diagnosis import Cause, Diagnosis, Evidence
from clonebox_tui.model.machine import State

MOST_CAUSES = 5
_ENDED = (State.OFF, State.CRASHED)


def explain(seen: Seen) -> Diagnosis:
    """The likeliest causes first. Without any the machine is as it should be, as far as can be seen."""
    machine = seen.details.machine
    found = [cause for rule in RULES if (cause := rule(seen)) is not None]
    said = [*read(seen.serial, "serial", SERIAL), *last_word(seen.serial)]
    # A guest whose agent answers has come past most of what its console once said.
    stands = seen.agent != "answers" or seen.guest.system == "maintenance"
    found += [cause for cause in said if stands or cause.id in LASTING]
    if machine.state in (*_ENDED, State.PAUSED):
        found += read(seen.qemu, "qemu", QEMU)
        if seen.job is not None and seen.job.problem is not None:
            found += read([seen.job.problem.why], "job", LIBVIRT)
    best: dict[str, Cause] = {}
    for cause in sorted(found, key=lambda cause: -cause.certainty):
        best.setdefault(cause.id, cause)
    causes = tuple(best.values())[:MOST_CAUSES]
    return Diagnosis(machine.id, machine.name, _phase(seen), _summary(seen, causes), causes, _looked_at(seen))


def _phase(seen: Seen) -> str:
    state = seen.details.machine.state
    if state is not State.RUNNING:
        return state.value
    if seen.agent == "answers":
        return "first boot" if seen.guest.cloud_init == "running" else "running"
    return "booting" if seen.serial else "starting"


def _summary(seen: Seen, causes: tuple[Cause, ...]) -> str:
    if causes:
        return causes[0].title
    if seen.agent == "answers":
        return "Nothing is wrong as far as can be seen: its agent answers."
    return "Nothing that explains it was found; the console has the last word."


def _looked_at(seen: Seen) -> tuple[Evidence, ...]:
    found = [
        Evidence(seen.host, seen.details.machine.state.value),
        Evidence("serial", f"{len(seen.serial)} lines since the last boot"),
        Evidence("agent", seen.agent or "was not asked"),
    ]
    if seen.guest.cloud_init:
        found.append(Evidence("cloud-init", seen.guest.cloud_init))
    found += [Evidence(source, f"cannot be read: {why}") for source, why in seen.unread]
    return tuple(found)
