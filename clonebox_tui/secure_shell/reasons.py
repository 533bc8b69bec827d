"""What ssh says when it cannot connect, as one of our problems: what happened, why, and what to do."""

import re
import shlex

from clonebox_tui.model.plain import clean_text
from clonebox_tui.model.problem import Code, Problem
from clonebox_tui.model.remote import SshTarget

_CHANGED = re.compile(r"IDENTIFICATION HAS CHANGED|host key .*has changed", re.IGNORECASE)
_UNKNOWN = re.compile(r"host key verification failed|host key is known for", re.IGNORECASE)
_DENIED = re.compile(r"permission denied|too many authentication failures|no such identity", re.IGNORECASE)
_NOISE = re.compile(r"^(@|warning: permanently added|\s*$)", re.IGNORECASE)


def ssh_problem(text: str, target: SshTarget, uri: str) -> Problem | None:
    """The problem behind ssh's words; None when they are not about connecting."""
    if _CHANGED.search(text):
        return key_changed(target, uri)
    if _UNKNOWN.search(text):
        return key_unknown(target, uri)
    why = last_words(text)
    if _DENIED.search(text):
        return Problem(
            Code.PERMISSION_DENIED,
            f"{target.host} lets nobody in by the keys that were offered.",
            why=why,
            next=(
                "Load the key into your agent (`ssh-add`; SSH_AUTH_SOCK must be set), or name its file: "
                f"{uri}{'&' if '?' in uri else '?'}keyfile=/path/to/key"
            ),
        )
    return None


def key_unknown(target: SshTarget, uri: str, fingerprints: tuple[str, ...] = ()) -> Problem:
    """Nobody has accepted this host's key yet."""
    return Problem(
        Code.HOST_KEY_UNKNOWN,
        f"The host key of {target.host} has not been accepted yet.",
        why=", ".join(fingerprints),
        next=f"Compare its fingerprint, then accept it: `clonebox-tui connection trust {shlex.quote(uri)}`",
    )


def key_changed(target: SshTarget, uri: str, fingerprints: tuple[str, ...] = ()) -> Problem:
    """The host shows another key than the one that was accepted: it may be another host."""
    now = ", ".join(fingerprints) or "another one"
    return Problem(
        Code.HOST_KEY_CHANGED,
        f"THE HOST KEY OF {target.host} HAS CHANGED: somebody may stand in between. Not connected.",
        why=f"it shows {now}, which is not what was accepted",
        next=(
            "Only if you know that it was renewed: "
            f"`clonebox-tui connection trust --replace {shlex.quote(uri)}`"
        ),
    )


def unreachable(text: str, target: SshTarget) -> Problem:
    """Any other reason."""
    return Problem(
        Code.CONNECTION_FAILED,
        f"{target.host} cannot be reached over SSH.",
        why=last_words(text) or "ssh ended without a word",
        next="See that `ssh` reaches that host and that its name and port are right.",
    )


def last_words(text: str) -> str:
    """ssh's own last line, fit to print."""
    lines = [line.strip() for line in text.splitlines() if not _NOISE.match(line)]
    return clean_text(lines[-1]) if lines else ""
