"""Three hosts in this process: this one, one that answers, and one whose key nobody has accepted."""

import msgspec

from clonebox_tui.model.connection import Connection, Link
from clonebox_tui.model.machine import Machine, State
from clonebox_tui.model.problem import Code, Problem
from clonebox_tui.model.rpc import FleetChanged, HostKeys, Nothing, ShownKey
from tests.tui.fake_fleet import FLEET, NOW, URI, machine
from tests.tui.fake_wire import FakeWire

WEB, NEW = "qemu+ssh://me@web1.example.org/system", "qemu+ssh://me@new.example.org/system"
_KEY = ShownKey("ssh-ed25519", "SHA256:J2MBplkqneOKA6Ddd7tFTme5OrQwjRAgISC27SC9pIg")
_OLD = ShownKey("ssh-ed25519", "SHA256:hFSWIfk9TzHnpUj31h2SsEfestiziJgEmvwsaQ1M0wE")

UNKNOWN = Problem(
    Code.HOST_KEY_UNKNOWN,
    "The host key of new.example.org has not been accepted yet.",
    why=f"{_KEY.kind} {_KEY.fingerprint}",
    next=f"Compare its fingerprint, then accept it: `clonebox-tui connection trust {NEW}`",
)


def elsewhere(number: int, name: str, state: State = State.RUNNING) -> Machine:
    """A machine of the other host."""
    here = machine(number, name, state)
    return msgspec.structs.replace(here, id=f"{WEB}/{here.uuid}", connection=WEB)


TWIN = elsewhere(51, "web-dev")


class HostsWire(FakeWire):
    """`unknown`: with a third host that nobody has accepted; `changed`: its key is another than before."""

    def __init__(self, unknown: bool = False, changed: bool = False) -> None:
        super().__init__((*FLEET[:4], TWIN, elsewhere(52, "mail"), elsewhere(53, "ci", State.OFF)))
        self._changed = changed
        up = Connection(URI, Link.UP, NOW - 7200, "libvirt", "QEMU 7.2.22", "laptop")
        web = Connection(WEB, Link.UP, NOW - 600, "libvirt", "QEMU 7.2.22", "web1")
        new = Connection(NEW, Link.DOWN, NOW - 12, "libvirt", problem=UNKNOWN, retry_at=NOW + 48, attempt=1)
        self.connections = (up, web, *((new,) if unknown else ()))

    def _connection_host_keys(self, params: object) -> HostKeys:
        del params
        return HostKeys("new.example.org", (_KEY,), (_OLD,) if self._changed else ())

    def _connection_trust(self, params: object) -> HostKeys:
        new = Connection(NEW, Link.UP, NOW, "libvirt", "QEMU 7.2.22", "new")
        self.tell(FleetChanged(5, connections=(new,)))
        return self._connection_host_keys(params)

    def _connection_add(self, params: object) -> Connection:
        return Connection(params.uri, Link.CONNECTING, NOW, "libvirt")  # type: ignore[attr-defined]

    def _connection_retry(self, params: object) -> Connection:
        return Connection(params.uri, Link.CONNECTING, NOW, "libvirt")  # type: ignore[attr-defined]

    def _connection_remove(self, params: object) -> Nothing:
        uri: str = params.uri  # type: ignore[attr-defined]
        gone = tuple(each.id for each in self.machines.values() if each.connection == uri)
        self.tell(FleetChanged(6, removed=gone, closed=(uri,)))
        return Nothing()
