"""A fleet that does not exist: seeded machines with believable lives, for the demo, screens and tests."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clonebox_tui.providers.protocol import Provider


def connect(uri: str) -> "Provider":
    """The provider of a `simulated://` URI, not opened yet."""
    from clonebox_tui.providers.simulated.provider import SimulatedProvider

    return SimulatedProvider(uri)
