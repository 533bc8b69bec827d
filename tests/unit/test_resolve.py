"""Proves that a machine is found as a person would name it, and that a doubt is asked about."""

import pytest

from clonebox_tui.model.machine import Machine, State, machine_id
from clonebox_tui.model.problem import Code, Exit, ProblemError
from clonebox_tui.model.resolve import resolve
from clonebox_tui.model.rules import why_not


def _machine(name: str, connection: str, uuid: str, state: State = State.OFF) -> Machine:
    return Machine(machine_id(connection, uuid), name, state, connection, uuid)


SYSTEM, SESSION = "qemu:///system", "qemu:///session"
WEB = _machine("web", SYSTEM, "aaaabbbb-0000-4000-8000-000000000001")
WEB_TOO = _machine("web", SESSION, "aaaacccc-0000-4000-8000-000000000002")
DB = _machine("db-main", SYSTEM, "dddddddd-0000-4000-8000-000000000003")
FLEET = (WEB, WEB_TOO, DB)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("db-main", DB),
        ("qemu:///session/web", WEB_TOO),
        (WEB.id, WEB),
        (WEB.uuid, WEB),
        ("aaaac", WEB_TOO),
        ("DDDDDDDD-0000", DB),
    ],
)
def test_found(text: str, found: Machine) -> None:
    assert resolve(text, FLEET) == found


@pytest.mark.parametrize("text", ["web", "aaaa"])
def test_a_doubt_names_the_candidates(text: str) -> None:
    with pytest.raises(ProblemError) as caught:
        resolve(text, FLEET)
    fault = caught.value.problem
    assert (fault.code, fault.exit_code) == (Code.AMBIGUOUS, Exit.USAGE)
    assert [line.split()[0] for line in fault.details] == ["qemu:///system/web", "qemu:///session/web"]


def test_a_slip_names_the_nearest() -> None:
    with pytest.raises(ProblemError) as caught:
        resolve("DB-mian", FLEET)
    fault = caught.value.problem
    assert (fault.code, fault.exit_code) == (Code.MACHINE_NOT_FOUND, Exit.NOT_FOUND)
    assert fault.details == ("db-main",)


@pytest.mark.parametrize("text", ["", "ddd", "nothing-like-it"])
def test_too_little_is_not_found(text: str) -> None:
    with pytest.raises(ProblemError) as caught:
        resolve(text, FLEET)
    assert caught.value.problem.code is Code.MACHINE_NOT_FOUND


def test_a_name_wins_over_the_beginning_of_a_uuid() -> None:
    named = _machine("dddddddd", SYSTEM, "eeeeeeee-0000-4000-8000-000000000004")
    assert resolve("dddddddd", (*FLEET, named)) == named


@pytest.mark.parametrize("state", list(State))
def test_every_act_is_allowed_or_has_a_reason(state: State) -> None:
    machine = _machine("web", SYSTEM, "u", state)
    reasons = {tag: why_not(tag, machine) for tag in ("machine.start", "machine.stop", "machine.kill")}
    assert any(reasons.values())
    assert all(reason == "" or reason.endswith(".") for reason in reasons.values())
    assert why_not("machine.delete", machine) == ""
