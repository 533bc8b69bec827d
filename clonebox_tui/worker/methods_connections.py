"""Methods about connections as such: keeping and leaving them, trying again, accepting a host's key."""

import asyncio

from clonebox_tui.model.connection import Connection
from clonebox_tui.model.connection_messages import AddConnection, HostKeys, KeptConnections, OnUri, Trust
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.remote import SshTarget, is_remote, ssh_target
from clonebox_tui.model.rpc import (
    ADD_CONNECTION,
    HOST_KEYS,
    KEPT_CONNECTIONS,
    REMOVE_CONNECTION,
    RETRY_CONNECTION,
    TRUST,
    Nothing,
)
from clonebox_tui.model.secrets import refuse_password
from clonebox_tui.worker.late import loaded
from clonebox_tui.worker.server import Server
from clonebox_tui.worker.session import Session


def serve(server: Server) -> None:
    """Register them."""
    engine = server.engine

    async def kept(_session: Session, _params: Nothing) -> KeptConnections:
        return engine.kept_connections()

    async def add(_session: Session, params: AddConnection) -> Connection:
        _refuse(params.uri, server.world.demo)
        return await engine.keep_connection(params.uri)

    async def remove(_session: Session, params: OnUri) -> Nothing:
        await engine.leave_connection(params.uri)
        return Nothing()

    async def retry(_session: Session, params: OnUri) -> Connection:
        await engine.fleet.reopen(params.uri)
        return engine.fleet.connections[params.uri]

    server.dispatch.serve(KEPT_CONNECTIONS, kept)
    server.dispatch.serve(ADD_CONNECTION, add)
    server.dispatch.serve(REMOVE_CONNECTION, remove)
    server.dispatch.serve(RETRY_CONNECTION, retry)
    _serve_keys(server)


def _serve_keys(server: Server) -> None:
    """What asks ssh-keyscan and ssh-keygen, imported when first needed."""
    fleet, known_hosts = server.engine.fleet, server.world.places.known_hosts

    async def host_keys(_session: Session, params: OnUri) -> HostKeys:
        await loaded("clonebox_tui.secure_shell.trust")
        from clonebox_tui.secure_shell.pins import Pins
        from clonebox_tui.secure_shell.trust import keys_of

        return await asyncio.to_thread(keys_of, _target(params.uri), Pins(known_hosts))

    async def accept(_session: Session, params: Trust) -> HostKeys:
        await loaded("clonebox_tui.secure_shell.trust")
        from clonebox_tui.secure_shell.pins import Pins
        from clonebox_tui.secure_shell.trust import trust

        target, pins = _target(params.uri), Pins(known_hosts)
        found = await asyncio.to_thread(trust, target, pins, params.uri, params.fingerprints, params.replace)
        for uri in [*fleet.connections]:
            if is_remote(uri) and _pin_name(uri) == target.pin_name:
                await fleet.reopen(uri)
        return found

    server.dispatch.serve(HOST_KEYS, host_keys)
    server.dispatch.serve(TRUST, accept)


def _refuse(uri: str, demo: bool) -> None:
    refuse_password(uri)
    ssh_target(uri)
    if demo and not uri.startswith("simulated:"):
        raise problem(
            Code.USAGE, "The demo touches nothing real.", next="Leave out --demo, or add simulated://NAME."
        )
    if uri.startswith("ssh://"):
        raise problem(
            Code.USAGE,
            f"{uri} is a host, and no connection to a hypervisor.",
            next=f"Use its own worker: `clonebox-tui --host {uri}`, or add qemu+{uri.rstrip('/')}/system",
        )


def _target(uri: str) -> SshTarget:
    target = ssh_target(uri)
    if target is None:
        raise problem(
            Code.USAGE,
            f"{uri} is not reached over SSH: it has no host key to accept.",
            next="For example: qemu+ssh://user@server/system",
        )
    return target


def _pin_name(uri: str) -> str:
    target = ssh_target(uri)
    return target.pin_name if target else ""
