"""Subscribes to what libvirt tells about domains; each event only says which domain to look at again."""

from collections.abc import Callable

import libvirt

Touched = Callable[[str], None]
_EVENTS = (
    libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE,
    libvirt.VIR_DOMAIN_EVENT_ID_REBOOT,
    libvirt.VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE,
    libvirt.VIR_DOMAIN_EVENT_ID_METADATA_CHANGE,
    libvirt.VIR_DOMAIN_EVENT_ID_PMSUSPEND,
    libvirt.VIR_DOMAIN_EVENT_ID_PMWAKEUP,
)


class Subscription:
    """The callbacks of one connection. `touched(uuid)` is called on libvirt's own thread."""

    def __init__(self, touched: Touched) -> None:
        self._touched = touched
        self._ids: list[int] = []

    def begin(self, connection: libvirt.virConnect) -> None:
        """Subscribe to every event this driver has."""
        self._ids = []
        for event in _EVENTS:
            try:
                self._ids.append(connection.domainEventRegisterAny(None, event, self._heard, None))
            except libvirt.libvirtError as error:
                if error.get_error_code() != libvirt.VIR_ERR_NO_SUPPORT:
                    raise

    def end(self, connection: libvirt.virConnect) -> None:
        """Unsubscribe; a dead connection has forgotten by itself."""
        ids, self._ids = self._ids, []
        for number in ids:
            try:
                connection.domainEventDeregisterAny(number)
            except libvirt.libvirtError:
                return

    def _heard(self, _connection: libvirt.virConnect, domain: libvirt.virDomain, *_details: object) -> None:
        self._touched(domain.UUIDString())
