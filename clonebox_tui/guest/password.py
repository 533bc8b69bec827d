"""A password for the console of a guest, made by chance and told once: it is kept nowhere on this side."""

import base64
import secrets

from clonebox_tui.guest.agent import Agent
from clonebox_tui.guest.execution import run
from clonebox_tui.model.problem import Code, ProblemError, problem

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are taken for each other when they are typed from a screen."""
_GROUPS, _GROUP = 4, 5
_SECONDS = 10.0


async def give_password(agent: Agent, user: str) -> tuple[str, bool]:
    """Set a new password of a guest's user; and whether the guest asks for another one at the first login.

    AGENT_UNAVAILABLE, GUEST_ERROR (there is no such user), NOT_SUPPORTED (an agent that cannot).
    """
    if not await agent.supports("guest-set-user-password"):
        raise problem(
            Code.NOT_SUPPORTED,
            "This guest's agent sets no passwords.",
            next="Log in as somebody who may, and run `passwd USER` there.",
        )
    password = "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    encoded = base64.b64encode(password.encode()).decode()
    await agent.command("guest-set-user-password", username=user, password=encoded, crypted=False)
    try:
        expired = await run(agent, ["chage", "-d", "0", user], timeout_seconds=_SECONDS)
    except ProblemError:
        return password, False
    return password, expired.exit_code == 0
