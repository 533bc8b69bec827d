"""From a key into the guest: its console, a login, its files. What is opened is imported only then."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clonebox_tui.tui.screens.cockpit import Cockpit


def console(cockpit: "Cockpit") -> None:
    """Open the serial console."""
    from clonebox_tui.tui.screens.console import ConsoleScreen

    cockpit.app.push_screen(ConsoleScreen(cockpit.session, cockpit.session.targets[0]))
