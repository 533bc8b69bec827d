"""What of an act may be kept: addresses lose user, password and query before anything is written down."""

from urllib.parse import urlsplit, urlunsplit

import msgspec

from clonebox_tui.model.acts import Act, ImportImage


def without_credentials(source: str) -> str:
    """A path as it is; an address as it may be kept and shown: no user, password, query or fragment."""
    if "://" not in source:
        return source
    try:
        parts = urlsplit(source)
    except ValueError:
        return f"{source.partition('://')[0]}://…"
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment=""))


def without_secrets(act: Act) -> Act:
    """The act as the journal keeps it; an undo needs no more."""
    if isinstance(act, ImportImage):
        return msgspec.structs.replace(act, source=without_credentials(act.source))
    return act
