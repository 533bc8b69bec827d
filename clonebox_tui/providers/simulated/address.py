"""What a `simulated://` URI asks for: how many machines, how slow, and which faults.

    simulated://demo?machines=12&seed=7&delay=0&frozen=1767261600&fail=start:web-dev&hang=counters

Operations in faults are the method names of the provider protocol; a fault may name one machine.
"""

from urllib.parse import parse_qsl, urlsplit

import msgspec

from clonebox_tui.model.problem import Code, ProblemError, problem

MOST_MACHINES = 5000


class Fault(msgspec.Struct, frozen=True):
    """`kind` is fail (raise), hang (never return), or deaf (the guest ignores requests to stop)."""

    kind: str
    operation: str
    machine: str = ""

    def meets(self, kind: str, operation: str, machine: str) -> bool:
        """Whether this fault is of that kind and strikes that call."""
        return self.kind == kind and self.operation == operation and self.machine in ("", machine)


class Address(msgspec.Struct, frozen=True):
    """The options of a simulated connection; times in seconds."""

    uri: str
    host: str = "demo"
    machines: int = 12
    seed: int = 7
    delay: float = 0.0
    """What every call takes."""
    boot: float = 2.0
    """From running to an agent that answers."""
    transition: float = 0.8
    """What starting and stopping take."""
    frozen: float | None = None
    """UNIX seconds at which the wall clock stands still; every counters call is then one second later."""
    down_after: float | None = None
    """The link breaks so long after it was opened …"""
    down_for: float | None = None
    """… and comes back after that (None: never)."""
    faults: tuple[Fault, ...] = ()

    def fault(self, kind: str, operation: str, machine: str) -> bool:
        """Whether a fault of that kind strikes this call."""
        return any(fault.meets(kind, operation, machine) for fault in self.faults)


_NUMBERS = {"machines": int, "seed": int, "delay": float, "boot": float, "transition": float, "frozen": float}


def parse(uri: str) -> Address:
    """The options in a URI; CONNECTION_FAILED names the one that cannot be."""
    parts = urlsplit(uri)
    options: dict[str, object] = {}
    faults: list[Fault] = []
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        try:
            if name in _NUMBERS:
                options[name] = _NUMBERS[name](value)
            elif name in ("fail", "hang"):
                faults.append(Fault(name, *value.split(":", 1)))
            elif name == "deaf":
                faults.append(Fault("deaf", "ask_to_stop", value))
            elif name == "down":
                options |= _outage(value)
            else:
                raise _bad(uri, f"{name!r} is no option of a simulated connection.")
        except ValueError as error:
            raise _bad(uri, f"{name}={value}: {error}") from error
    address = msgspec.convert({"uri": uri, "host": parts.netloc or "demo", **options}, Address)
    if not 0 <= address.machines <= MOST_MACHINES:
        raise _bad(uri, f"machines={address.machines} is not between 0 and {MOST_MACHINES}.")
    return msgspec.structs.replace(address, faults=tuple(faults))


def _outage(value: str) -> dict[str, object]:
    word, _, rest = value.partition(":")
    if word != "after":
        raise ValueError("expected after:SECONDS or after:SECONDS:SECONDS")
    seconds, _, back = rest.partition(":")
    return {"down_after": float(seconds), "down_for": float(back) if back else None}


def _bad(uri: str, why: str) -> ProblemError:
    return problem(
        Code.CONNECTION_FAILED,
        f"{uri} cannot be simulated.",
        why=why,
        next="Use for instance simulated://demo?machines=12&seed=7.",
    )
