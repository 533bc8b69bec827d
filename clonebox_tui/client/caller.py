"""Where a request is made: the caller's own folder and allow-listed environment."""

import os
from collections.abc import Iterable

from clonebox_tui.model.rpc import ENVIRONMENT_ALLOWED, Context


def here(names: Iterable[str] = ()) -> Context:
    """This process's folder, and those allowed variables (and `names`) that are set."""
    wanted = (*ENVIRONMENT_ALLOWED, *names)
    return Context(os.getcwd(), {name: os.environ[name] for name in wanted if name in os.environ})  # noqa: PTH109 a string goes on the wire
