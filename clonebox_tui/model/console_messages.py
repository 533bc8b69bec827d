"""What is said about the inside of a guest beside commands: its console, a password, its files."""

import msgspec


class OpenConsole(msgspec.Struct, frozen=True):
    """Open a machine's serial line; the answer is a stream of `stdout` bytes, `stream.write` types.

    Only one may have it: MACHINE_BUSY, unless `take_over` ends the other's.
    """

    machine: str
    take_over: bool = False


class ResizeConsole(msgspec.Struct, frozen=True):
    """Tell the guest how large the terminal is that its serial line ends at; the line itself has no size."""

    machine: str
    rows: int
    columns: int


class GivePassword(msgspec.Struct, frozen=True):
    """Set a new, random password of a guest's user."""

    machine: str
    user: str = "root"


class GivenPassword(msgspec.Struct, frozen=True):
    """To be shown once. `once`: the guest asks for another one at the first login."""

    user: str
    password: str
    once: bool
