"""Which connections every worker opens: the usual ones, with what a person added or took away for good."""

import json
from pathlib import Path

import msgspec

from clonebox_tui.engine.durable import replace_private
from clonebox_tui.model.connection_messages import KeptConnections
from clonebox_tui.model.problem import Code, problem

_HEAD = "# Written by `clonebox-tui connection add` and `connection remove`."
_OWNER = "See who owns it, and that you may read and write it."
_MOST_BYTES = 256 * 1024


def read(path: Path) -> KeptConnections:
    """What the file says; nothing without a file. CONFIG_INVALID."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise problem(Code.CONFIG_INVALID, f"{path} is too large.", next="See what it holds.")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return KeptConnections()
    except (OSError, UnicodeDecodeError) as error:
        raise problem(Code.CONFIG_INVALID, f"{path} cannot be read.", why=str(error), next=_OWNER) from error
    import tomllib  # most people have no such file

    try:
        return msgspec.convert(tomllib.loads(text), KeptConnections)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise problem(
            Code.CONFIG_INVALID,
            f"{path} is not understood.",
            why=str(error),
            next='It holds lists of URIs: added = ["qemu+ssh://user@server/system"]',
        ) from error


def write(path: Path, kept: KeptConnections) -> None:
    """Write the whole file, 0600, or leave it as it is. PERMISSION_DENIED."""
    lists = [(name, getattr(kept, name)) for name in kept.__struct_fields__]
    # A JSON list of strings is a TOML one, too.
    text = "\n".join([_HEAD, *(f"{name} = {json.dumps(uris)}" for name, uris in lists), ""])
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_private(path, text.encode())
    except OSError as error:
        raise problem(
            Code.PERMISSION_DENIED, f"{path} cannot be written.", why=str(error), next=_OWNER
        ) from error


def with_added(kept: KeptConnections, uri: str) -> KeptConnections:
    """The same with this one, too."""
    return KeptConnections(
        kept.added if uri in kept.added or uri in kept.left_out else (*kept.added, uri),
        tuple(each for each in kept.left_out if each != uri),
    )


def without(kept: KeptConnections, uri: str, usual: bool) -> KeptConnections:
    """The same without this one; a `usual` one is remembered as left out."""
    left_out = (*kept.left_out, uri) if usual and uri not in kept.left_out else kept.left_out
    return KeptConnections(tuple(each for each in kept.added if each != uri), left_out)


def opened(kept: KeptConnections, usual: tuple[str, ...]) -> tuple[str, ...]:
    """What a worker opens by itself, the usual ones first."""
    return tuple(uri for uri in dict.fromkeys((*usual, *kept.added)) if uri not in kept.left_out)
