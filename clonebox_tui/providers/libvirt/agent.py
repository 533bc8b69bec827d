"""One command to a guest's agent, and its answer; a hung guest holds one thread of a pool of its own."""

import json
import math

import libvirt
import libvirt_qemu

from clonebox_tui.model.machine import AgentState, Machine
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.providers.libvirt.errors import code_of, message

# How long libvirt waits for the agent to answer its greeting before each command; its own default is 5.
_GREETING_SECONDS = 5


def ask(domain: libvirt.virDomain, command: dict[str, object], timeout_seconds: float) -> object:
    """The command's `return` value. Blocks for up to about twice the timeout."""
    seconds = max(1, math.ceil(timeout_seconds))
    domain.agentSetResponseTimeout(min(_GREETING_SECONDS, seconds))
    try:
        answer = libvirt_qemu.qemuAgentCommand(domain, json.dumps(command), seconds, 0)
    except libvirt.libvirtError as error:
        raise _agent_problem(error, domain.name(), str(command.get("execute", ""))) from None
    return json.loads(answer)["return"]


def refuse_unless_there(machine: Machine | None) -> None:
    """Say at once that nobody will answer, instead of waiting for it."""
    if machine is None or machine.agent is AgentState.CONNECTED:
        return
    why, then = {
        AgentState.ABSENT: (
            "the machine has no agent channel",
            "Add a virtio channel org.qemu.guest_agent.0 to it and install qemu-guest-agent in the guest.",
        ),
        AgentState.DISCONNECTED: (
            f"nobody answers on the agent's channel; the machine is {machine.state.value}",
            "Start the machine and wait until it has booted, or install qemu-guest-agent in the guest.",
        ),
    }[machine.agent]
    raise problem(
        Code.AGENT_UNAVAILABLE, f"The guest agent of {machine.name} is not there.", why=why, next=then
    )


def _agent_problem(error: libvirt.libvirtError, name: str, execute: str) -> ProblemError:
    text = message(error)
    if "imed out" in text or "not available for now" in text:
        return problem(
            Code.TIMED_OUT,
            f"The guest agent of {name} did not answer {execute} in time.",
            why=text,
            next="The guest may be busy or hung: try again, or look at its log.",
        )
    code = code_of(error)
    if code is Code.GUEST_ERROR:
        reason = text.partition(f"'{execute}': ")[2] or text
        return problem(
            Code.GUEST_ERROR,
            f"The guest of {name} could not do {execute}.",
            why=reason,
            next="Check that the program and its files are there in the guest.",
        )
    if code is Code.DISK_FULL:
        return problem(
            code,
            f"The guest of {name} has no room left.",
            why=text.partition(f"'{execute}': ")[2] or text,
            next="Make room in the guest, then try again.",
        )
    if code is Code.WRONG_STATE:
        # A suspended guest answers nothing.
        code = Code.AGENT_UNAVAILABLE
    return problem(
        code,
        f"The guest agent of {name} cannot be asked for {execute}.",
        why=text,
        next="Wait until the guest has booted, then try again; its console: `clonebox-tui logs M`.",
    )
