"""The ssh agent of whoever came last: the worker outlives logins, and each login has an agent of its own."""

import os
import stat
from pathlib import Path


def agent_link(state: Path) -> Path:
    """The symbolic link that leads to the agent's socket, in the worker's state folder."""
    return state / "ssh" / "agent"


def keep_agent(state: Path, agent: str) -> None:
    """From now on `agent` (a front end's SSH_AUTH_SOCK) is used; what is no socket of ours is passed over."""
    try:
        found = Path(agent).stat()
    except (OSError, ValueError):
        return
    if not (agent.startswith("/") and stat.S_ISSOCK(found.st_mode) and found.st_uid in (os.geteuid(), 0)):
        return
    link = agent_link(state)
    link.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if link.is_symlink() and os.readlink(link) == agent:  # noqa: PTH115 as it was written
        return
    beside = link.with_name(f".agent.{os.getpid()}")
    beside.unlink(missing_ok=True)
    beside.symlink_to(agent)
    beside.replace(link)
