"""Why an act cannot be done to a machine as it is now: one rule for plans, keys and the palette."""

from clonebox_tui.model.machine import Machine, State, Trouble

_ON = (State.RUNNING, State.PAUSED, State.STOPPING, State.UNKNOWN)
_SETTLED = (State.RUNNING, State.PAUSED, State.OFF, State.CRASHED)

_ALLOWED: dict[str, tuple[State, ...]] = {
    "machine.start": (State.OFF, State.CRASHED, State.SUSPENDED),
    "machine.stop": (State.RUNNING,),
    "machine.kill": _ON,
    "machine.pause": (State.RUNNING,),
    "machine.resume": (State.PAUSED,),
    "machine.reboot": (State.RUNNING,),
    "snapshot.create": _SETTLED,
    "snapshot.restore": _SETTLED,
    "snapshot.delete": _SETTLED,
    "files.fetch": (State.RUNNING,),
    "files.bring": (State.RUNNING,),
}
"""States an act starts from; acts that are not named here do not depend on the state."""

_ADVICE: dict[tuple[str, State], str] = {
    ("machine.start", State.PAUSED): "It is paused: resume it.",
    ("machine.stop", State.PAUSED): "It is paused and hears nothing: resume it first, or kill it.",
    ("machine.reboot", State.PAUSED): "It is paused and hears nothing: resume it first.",
    ("machine.resume", State.OFF): "It is off: start it.",
    ("machine.resume", State.CRASHED): "It has crashed: start it.",
    ("machine.stop", State.STOPPING): "It is stopping already; kill it if it hangs.",
    ("files.fetch", State.PAUSED): "It is paused, so its guest agent cannot answer: resume it first.",
    ("files.bring", State.PAUSED): "It is paused, so its guest agent cannot answer: resume it first.",
}
"""Better words than "It is STATE." where something else helps."""


def why_not(tag: str, machine: Machine) -> str:
    """A sentence saying why the act with this tag cannot be done now; empty when it can."""
    allowed = _ALLOWED.get(tag)
    if allowed is None or machine.state in allowed:
        return ""
    return _ADVICE.get((tag, machine.state)) or _plainly(machine.state)


def trouble_words(machine: Machine) -> str:
    """What the host's trouble with a machine means, and the way on; empty without any."""
    words = {
        Trouble.DISK_FULL: "The host has no room left for its disk, so it was paused; nothing of it is lost. "
        "Make room there, then resume it.",
        Trouble.DISK_BROKEN: "The host could not read or write its disk, so it was paused. "
        "See that its file and what it stands on are there and whole, then resume it.",
    }
    return words[machine.trouble] if machine.trouble else ""


def possible(machine: Machine) -> str:
    """A sentence naming what can be done to the machine as it is now."""
    acts = [tag.partition(".")[2] for tag in _ALLOWED if tag.startswith("machine.")]
    fit = [act for act in acts if machine.state in _ALLOWED[f"machine.{act}"]]
    return f"Possible now: {', '.join((*fit, 'delete'))}."


def _plainly(state: State) -> str:
    words = {
        State.OFF: "It is off.",
        State.RUNNING: "It is running already.",
        State.STOPPING: "It is stopping: wait until it is off.",
        State.UNKNOWN: "Its state is not known at present.",
        State.CRASHED: "It has crashed.",
    }
    return words.get(state, f"It is {state.value}.")
