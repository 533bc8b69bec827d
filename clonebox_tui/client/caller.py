"""Where a request is made: the caller's own folder and allow-listed environment."""

import os
from collections.abc import Iterable
from typing import TypeVar

import msgspec

from clonebox_tui.model.rpc import ENVIRONMENT_ALLOWED, Context, Welcome

P = TypeVar("P")


def here(names: Iterable[str] = ()) -> Context:
    """This process's folder, and those allowed variables (and `names`) that are set."""
    wanted = (*ENVIRONMENT_ALLOWED, *names)
    return Context(os.getcwd(), {name: os.environ[name] for name in wanted if name in os.environ})  # noqa: PTH109 a string goes on the wire


def placed(params: P, welcome: Welcome) -> P:
    """The same request as of somebody on the worker's own host: its home, and its environment.

    Variables of this process that the other host's worker does not know of itself stay.
    """
    context = getattr(params, "context", None)
    if not isinstance(context, Context):
        return params
    own = {name: value for name, value in context.env.items() if name not in ENVIRONMENT_ALLOWED}
    there = Context(welcome.environment.get("HOME", "/"), {**own, **welcome.environment})
    # A request is a struct; mypy does not know that its type stays.
    replaced: P = msgspec.structs.replace(params, context=there)  # type: ignore[type-var]
    return replaced
