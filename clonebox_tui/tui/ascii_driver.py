"""Only ASCII leaves the program where the terminal has nothing else, whichever driver Textual uses.

Textual's own parts (the palette, messages, scrollbars) know Unicode alone.
"""

from textual.driver import Driver

from clonebox_tui.tui.presentation.ascii_cells import in_ascii_cells


def ascii_only(driver: type[Driver]) -> type[Driver]:
    """The driver, except for what it writes."""

    def write(self: Driver, data: str) -> None:
        driver.write(self, in_ascii_cells(data))

    return type(f"Ascii{driver.__name__}", (driver,), {"write": write, "__module__": __name__})
