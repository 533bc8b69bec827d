"""Accepting a host's key: what it shows is compared with what a person saw, then pinned."""

from collections.abc import Collection

from clonebox_tui.model.connection_messages import HostKeys, ShownKey
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.remote import SshTarget
from clonebox_tui.secure_shell.asking import host_keys
from clonebox_tui.secure_shell.host_key import HostKey
from clonebox_tui.secure_shell.pins import Pins
from clonebox_tui.secure_shell.reasons import key_changed


def keys_of(target: SshTarget, pins: Pins) -> HostKeys:
    """What the host shows now beside what was accepted. Blocks for seconds; CONNECTION_FAILED."""
    return _told(target, host_keys(target), pins)


def trust(target: SshTarget, pins: Pins, uri: str, fingerprints: Collection[str], replace: bool) -> HostKeys:
    """Pin those keys that the host shows now and that were agreed to. HOST_KEY_CHANGED, CONNECTION_FAILED."""
    shown = host_keys(target)
    agreed = [key for key in shown if key.fingerprint in fingerprints]
    others = _told(target, shown, pins).state == "changed"
    if not agreed or (others and not replace):
        raise ProblemError(key_changed(target, uri, tuple(key.fingerprint for key in shown)))
    pins.pin(target, agreed)
    return _told(target, shown, pins)


def _told(target: SshTarget, shown: tuple[HostKey, ...], pins: Pins) -> HostKeys:
    def told(keys: tuple[HostKey, ...]) -> tuple[ShownKey, ...]:
        return tuple(ShownKey(key.kind, key.fingerprint) for key in keys)

    return HostKeys(target.pin_name, told(shown), told(pins.of(target)))
