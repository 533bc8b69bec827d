"""Who asks, and from where: the caller's own folder and environment, and what it may not ask for."""

import os
from collections.abc import Iterable
from typing import TypeVar

import msgspec

from clonebox_tui import __version__
from clonebox_tui.model.opening import ENVIRONMENT_ALLOWED, Context, Welcome
from clonebox_tui.model.problem import Code, ProblemError, problem

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


def read_only(method: str) -> ProblemError:
    """The refusal of a front end that was started with --readonly."""
    return problem(
        Code.READ_ONLY,
        "Nothing is changed: this front end is read-only.",
        why=f"{method} changes something and --readonly was given",
        next="Leave out --readonly.",
    )


def other_version(welcome: Welcome) -> ProblemError:
    """The refusal where another host's program is not of this version."""
    return problem(
        Code.VERSION_MISMATCH,
        "The other host has another version: it can be read, nothing is changed through it.",
        why=f"its worker has version {welcome.version}, this program {__version__}",
        next="Install the same version on both hosts, then restart its worker: --host … worker restart",
    )
