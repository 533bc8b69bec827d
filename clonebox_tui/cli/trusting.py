"""Showing a host's key and asking whether it is the right one; without a terminal nothing is believed."""

import asyncio
import os
import shlex
import sys
from contextlib import AbstractAsyncContextManager, nullcontext

import click

from clonebox_tui.cli.output import say
from clonebox_tui.cli.session import Session
from clonebox_tui.client import Client
from clonebox_tui.model.connection import Connection
from clonebox_tui.model.connection_messages import HostKeys
from clonebox_tui.model.places import places
from clonebox_tui.model.problem import Code, Exit, ProblemError, problem
from clonebox_tui.model.remote import host_target
from clonebox_tui.model.rpc import HOST_KEYS, TRUST, OnUri, Trust


async def trusted(session: Session, client: Client, found: Connection, as_json: bool) -> bool:
    """Whether the person accepted a key just now that nobody had accepted before."""
    unknown = found.problem is not None and found.problem.code is Code.HOST_KEY_UNKNOWN
    if not unknown or as_json or not sys.stdin.isatty():
        return False
    await accept(session, found.uri, "", replace=False, yes=False, client=client)
    return True


async def accept(
    session: Session, uri: str, expected: str, replace: bool, yes: bool, client: Client | None = None
) -> HostKeys:
    """Show, ask, pin. NOT_CONFIRMED, HOST_KEY_CHANGED, CONNECTION_FAILED."""
    if uri.startswith("ssh://"):
        return await asyncio.to_thread(_accept_here, uri, expected, replace, yes)
    here: AbstractAsyncContextManager[Client] = nullcontext(client) if client else session.client()
    async with here as asked:
        found = await asked.call(HOST_KEYS, OnUri(uri))
        agreed = agree(found, uri, expected, replace, yes)
        return await asked.call(TRUST, Trust(uri, agreed, replace)) if agreed else found


def _accept_here(uri: str, expected: str, replace: bool, yes: bool) -> HostKeys:
    """A host for `--host`: this program itself calls it, no worker."""
    from clonebox_tui.secure_shell.pins import Pins
    from clonebox_tui.secure_shell.trust import keys_of, trust

    target, pins = host_target(uri), Pins(places(os.environ, os.getuid()).known_hosts)
    found = keys_of(target, pins)
    agreed = agree(found, uri, expected, replace, yes)
    return trust(target, pins, uri, agreed, replace) if agreed else found


def agree(found: HostKeys, uri: str, expected: str, replace: bool, yes: bool) -> tuple[str, ...]:
    """The fingerprints that were agreed to; none when they were accepted long ago."""
    shown = tuple(key.fingerprint for key in found.shown)
    if found.state == "known":
        return ()
    if expected and expected not in shown:
        raise problem(
            Code.HOST_KEY_CHANGED,
            f"{found.host} does not show the key you expect. Nothing is accepted.",
            why=f"it shows {', '.join(shown)}",
            next="Ask its owner; somebody may stand in between.",
        )
    if found.state == "changed" and not replace:
        from clonebox_tui.model.remote import ssh_target
        from clonebox_tui.secure_shell.reasons import key_changed

        target = ssh_target(uri)
        assert target is not None  # noqa: S101 it has shown its keys
        raise ProblemError(key_changed(target, uri, shown))
    if not expected and not yes:
        _ask(found, uri)
    return (expected,) if expected else shown


def _ask(found: HostKeys, uri: str) -> None:
    for key in found.accepted:
        say(f"Accepted before: {key.kind} {key.fingerprint}", err=True)
    for key in found.shown:
        say(f"{found.host} shows: {key.kind} {key.fingerprint}", err=True)
    first = found.shown[0].fingerprint
    refused = problem(
        Code.NOT_CONFIRMED,
        f"The host key of {found.host} was not accepted.",
        why=f"it shows {', '.join(key.fingerprint for key in found.shown)}, and nobody said that it is right",
        next=f"If it is right: `clonebox-tui connection trust --fingerprint {first} {shlex.quote(uri)}`",
    )
    if not sys.stdin.isatty() or not click.confirm("Is this the right host?", default=False, err=True):
        raise refused


def ask_at_the_start(uri: str) -> bool:
    """For `--host` with a key nobody accepted: ask at the terminal; whether it was accepted."""
    if not sys.stdin.isatty():
        return False
    try:
        _accept_here(uri, "", replace=False, yes=False)
    except ProblemError as error:
        if error.problem.exit_code is Exit.REFUSED:
            return False
        raise
    return True
