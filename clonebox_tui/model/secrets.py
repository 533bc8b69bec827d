"""What of an act may be kept: no address's password, no command, no file's text is written down."""

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import msgspec

from clonebox_tui.model.problem import Code, ProblemError, problem

if TYPE_CHECKING:
    from clonebox_tui.model.acts import Act

NOT_KEPT = "(not kept)"


def without_credentials(source: str) -> str:
    """A path as it is; an address as it may be kept and shown: no user, password, query or fragment."""
    if "://" not in source:
        return source
    try:
        parts = urlsplit(source)
    except ValueError:
        return f"{source.partition('://')[0]}://…"
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment=""))


def without_secrets(act: "Act") -> "Act":
    """The act as the journal keeps it; an undo needs no more."""
    from clonebox_tui.model.acts import CloneMachine, ImportImage  # front ends come for a URI's password only

    if isinstance(act, ImportImage):
        return msgspec.structs.replace(act, source=without_credentials(act.source))
    if isinstance(act, CloneMachine):
        # The same steps come of it: as many commands, a file where there was one.
        wish = msgspec.structs.replace(act.wish, post_commands=(NOT_KEPT,) * len(act.wish.post_commands))
        return msgspec.structs.replace(act, wish=wish, config_text=NOT_KEPT if act.config_text else "")
    return act


def refuse_password(uri: str) -> None:
    """Raise USAGE for a connection's URI with a password: it would be part of every machine's id."""
    if has_password(uri):
        raise password_refused(uri)


def has_password(uri: str) -> bool:
    """Whether user and password stand before a URI's host."""
    authority = re.split("[/?#]", uri.partition("://")[2], maxsplit=1)[0]
    return ":" in authority.rpartition("@")[0]


def password_refused(uri: str) -> ProblemError:
    """The refusal, without the password."""
    return problem(
        Code.USAGE,
        f"A connection's URI may hold no password: {without_credentials(uri)}.",
        why="it is shown and kept wherever its machines are, and libvirt would not use it",
        next="Leave it out; ssh takes a key or its agent, libvirt what its auth.conf says.",
    )
