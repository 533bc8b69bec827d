"""Why an action cannot be done now, for what is selected or marked; the rules of acts are the model's."""

from collections.abc import Callable

from clonebox_tui.model.connection import Link
from clonebox_tui.model.machine import AgentState, Machine, State
from clonebox_tui.model.rules import why_not
from clonebox_tui.tui.session import Session

WhyNot = Callable[[Session], str]

_NONE = "No machine is selected."


def possible(_: Session) -> str:
    """Always."""
    return ""


_DOWN = "Its connection is down."


def _why_not(session: Session, tag: str, machine: Machine) -> str:
    return _DOWN if session.is_stale(machine) else why_not(tag, machine)


def of_targets(tag: str) -> WhyNot:
    """Possible when the act makes sense for at least one target; else the first one's reason."""

    def reason(session: Session) -> str:
        reasons = [(machine, _why_not(session, tag, machine)) for machine in session.targets]
        if not reasons:
            return _NONE
        machine, first = reasons[0]
        return "" if any(not text for _, text in reasons) else f"{machine.name}: {first}"

    return reason


def of_selected(tag: str) -> WhyNot:
    """The same for the machine whose panes are on screen."""

    def reason(session: Session) -> str:
        machine = session.machine
        text = _NONE if machine is None else _why_not(session, tag, machine)
        return f"{machine.name}: {text}" if machine and text else text

    return reason


def worker_stopped(session: Session) -> str:
    """Nobody stopped the worker: it is there, or looked for."""
    return "" if session.worker_stopped else "The worker was not stopped."


def needs_machine(session: Session) -> str:
    """A machine has to be selected."""
    return "" if session.machine else _NONE


def needs_target(session: Session) -> str:
    """One machine, or several."""
    targets = session.targets
    if targets and all(map(session.is_stale, targets)):
        return f"{targets[0].name}: {_DOWN}"
    return "" if targets else _NONE


def needs_host(session: Session) -> str:
    """Its load has to be known."""
    return "" if session.hosts else "Nothing is known of the host yet."


def one_machine(session: Session) -> str:
    """Done to one machine at a time."""
    if len(session.targets) > 1:
        return "This is done to one machine at a time (esc clears the marks)."
    return "" if session.targets else _NONE


def any_paused(session: Session) -> bool:
    """Whether the pause key resumes."""
    return any(machine.state is State.PAUSED for machine in session.targets)


def pause_or_resume(session: Session) -> str:
    """One key for both."""
    return of_targets("machine.resume" if any_paused(session) else "machine.pause")(session)


def _agent(machine: Machine) -> str:
    if machine.state is not State.RUNNING:
        return f"{machine.name} is {machine.state}: commands run in a running machine."
    if machine.agent is AgentState.ABSENT:
        return f"{machine.name} has no channel to a guest agent."
    if machine.agent is AgentState.DISCONNECTED:
        return f"The guest agent of {machine.name} does not answer yet."
    return ""


def execute(session: Session) -> str:
    """Commands run by the guest agents of running machines; of several, one that can is enough."""
    away = needs_target(session)
    if away:
        return away
    reasons = [_agent(machine) for machine in session.targets]
    return "" if any(not reason for reason in reasons) else next(iter(reasons), _NONE)


def execute_one(session: Session) -> str:
    """The same where only one machine makes sense."""
    return one_machine(session) or execute(session)


def console(session: Session) -> str:
    """One machine that is on has a serial line."""
    machine = session.targets[0] if session.targets else None
    if machine is not None and machine.state in (State.OFF, State.CRASHED):
        return (
            one_machine(session) or f"{machine.name} is {machine.state}: a console is on a machine that runs."
        )
    return one_machine(session)


def clone(session: Session) -> str:
    """A new machine needs a place to live."""
    if not session.any_up:
        return "No connection is up: a machine needs a place to live."
    from clonebox_tui.model.remote import is_remote

    up = (each.uri for each in session.connections.values() if each.link is Link.UP)
    return "Only other hosts are connected: clone there, with --host." if all(map(is_remote, up)) else ""
