"""libvirt's own event loop, once a process, in a daemon thread: it must stand before any connection."""

import logging
import threading

import libvirt

_started = threading.Event()
_guard = threading.Lock()
_log = logging.getLogger(__name__)


def start_event_loop() -> None:
    """Start the loop if it does not run yet. Afterwards errors are silent: they travel as exceptions."""
    with _guard:
        if _started.is_set():
            return
        # Otherwise libvirt prints each error to stderr, over whatever a terminal shows.
        libvirt.registerErrorHandler(_ignore, None)
        libvirt.virEventRegisterDefaultImpl()
        # libvirt removes and adds handles under this loop; an idle timer keeps poll() from sleeping for ever.
        libvirt.virEventAddTimeout(1000, lambda _timer, _opaque: None, None)
        threading.Thread(target=_run, name="libvirt-events", daemon=True).start()
        _started.set()


def _run() -> None:
    while True:
        try:
            libvirt.virEventRunDefaultImpl()
        except libvirt.libvirtError as error:
            _log.warning("libvirt's event loop: %s", error)


def _ignore(_context: None, _error: object) -> None:
    """Errors are raised as exceptions as well."""
