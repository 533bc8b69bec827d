"""What front ends speak to the worker with: `Client` (asyncio), and `early` before anything is imported.

Names are loaded on first use: `early` must not pay for asyncio.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clonebox_tui.client.caller import here
    from clonebox_tui.client.client import Client
    from clonebox_tui.client.early import Early
    from clonebox_tui.client.events import Event, LinkBack, LinkLost
    from clonebox_tui.client.stream import Stream

__all__ = ["Client", "Early", "Event", "LinkBack", "LinkLost", "Stream", "here"]

_MODULES = {"Early": "early", "Stream": "stream", "here": "caller",
            "Event": "events", "LinkBack": "events", "LinkLost": "events"}  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_MODULES.get(name, 'client')}"), name)
