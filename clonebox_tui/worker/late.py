"""Modules that cost too much for the worker's start are imported when first needed, off the event loop."""

import asyncio
from importlib import import_module

from clonebox_tui.model.environment import HostLimits
from clonebox_tui.worker.server import Server


async def loaded(name: str) -> None:
    """Have this module imported; that holds up nobody for more than the interpreter's own switches."""
    await asyncio.to_thread(import_module, name)


async def limits(server: Server) -> HostLimits:
    """What this host has to give at this moment."""
    await loaded("clonebox_tui.engine.detect")
    from clonebox_tui.engine.detect import read_host_limits

    return await asyncio.to_thread(read_host_limits, server.world.places.data)
