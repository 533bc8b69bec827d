"""Rules across keys: what is twice, what does nothing yet, what is missing on this host.

They look at plain data that may still be wrong elsewhere, so that one check shows everything at once.
"""

import posixpath
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from clonebox_tui.config.faults import FaultList, quote
from clonebox_tui.config.file_model import FLAT_KEYS, PASSIVE, PASSWORD_PATHS, PortEntry
from clonebox_tui.config.keypath import KeyPath

Data = Mapping[str, Any]


def check_meaning(data: Data, faults: FaultList) -> None:
    """Everything that can be said without looking at this host."""
    passive_keys(data, faults)
    ways_in(data, faults)
    old_values(data, faults)
    repeated_names(data, faults)
    guest_paths(data, faults)
    repeated_ports(data, faults)


def passive_keys(data: Data, faults: FaultList) -> None:
    """Say of every key without an effect that it has none; empty ones are not worth a word."""
    for path, instead in PASSIVE.items():
        if _at(data, path) not in (None, "", [], {}, False):
            faults.notice(path, "is accepted but ignored for now", instead)
    if data.get("gui") not in (None, False):
        faults.notice(("gui",), "is accepted but ignored for now", PASSIVE["vm", "gui"])
    if data.get("ports") == "auto":
        faults.notice(("ports",), "`auto` is accepted but ignored for now", "list the ports")


def ways_in(data: Data, faults: FaultList) -> None:
    """Passwords are not set up: say so wherever a file asks for one."""
    for path in PASSWORD_PATHS:
        if _at(data, path) is not None:
            faults.warning(path, "is not used: keys only; password login is not set up", of_key=True)
    method = _at(data, ("vm", "auth_method"))
    if isinstance(method, str) and method != "ssh_key":
        faults.warning(("vm", "auth_method"), "is not used: keys only; password login is not set up")


def old_values(data: Data, faults: FaultList) -> None:
    """Values that are taken for another one, and flat keys that `vm` overrules."""
    modes: tuple[KeyPath, ...] = (("vm", "network_mode"), ("network_mode",))
    for path in modes:
        mode = str(_at(data, path)).strip().lower()
        if mode == "nat":
            faults.notice(path, "`nat` acts as `default`, libvirt's own NAT network")
        elif mode == "bridge":
            faults.notice(path, "`bridge` is accepted but ignored for now", "acts as `auto`")
    for key in FLAT_KEYS:
        nested = _at(data, ("vm", key))
        if nested is not None and data.get(key) not in (None, nested):
            faults.warning((key,), f"stands here and under `vm`; `vm.{key}` is used", of_key=True)
    for path, share in _shares(data):
        if share.get("mode") == "copy":
            faults.notice(path, "`mode: copy` is accepted but ignored for now", "this folder is left out")


def repeated_names(data: Data, faults: FaultList) -> None:
    """A package or service listed twice."""
    for section in ("packages", "services"):
        seen: dict[str, KeyPath] = {}
        for base in ((section,), ("vm", section)):
            listed = _at(data, base)
            for index, name in enumerate(listed if isinstance(listed, list) else []):
                key = str(name).strip().removesuffix(".service")
                if key in seen:
                    faults.warning(
                        (*base, index), f"{faults.quoted((*base, index))} is listed twice", "once is enough"
                    )
                seen.setdefault(key, (*base, index))


def guest_paths(data: Data, faults: FaultList) -> None:
    """One guest path for two folders is an error; a share inside a share is worth a warning."""
    seen: dict[str, str] = {}
    for path, share in _shares(data):
        guest, host = share.get("guest"), str(share.get("host"))
        if not isinstance(guest, str) or not guest.startswith("/"):
            continue
        guest = posixpath.normpath("/" + guest.lstrip("/"))
        if guest in seen:
            faults.error(path, "two folders have the same guest path", "a guest path for each")
        elif any(_inside(guest, other) or _inside(other, guest) for other in seen):
            faults.warning(
                path,
                "this guest path and another share's lie inside each other",
                "the outer one is mounted first",
            )
        elif any(_inside(host, other) or _inside(other, host) for other in seen.values()):
            faults.warning(path, "this folder and another share hold the same files", "one of them may do")
        seen.setdefault(guest, host)


def repeated_ports(data: Data, faults: FaultList) -> None:
    """Two entries for the same guest or host port."""
    ports = data.get("ports")
    seen: dict[tuple[str, int, str], int] = {}
    for index, raw in enumerate(ports if isinstance(ports, list) else []):
        try:
            entry = PortEntry.model_validate(raw)
        except ValidationError:
            continue  # reported by validation
        sides = [("guest", entry.guest, entry.proto)]
        if entry.host is not None:
            sides.append(("host", entry.host, entry.proto))
        for side in sides:
            if side in seen:
                faults.error(
                    ("ports", index), f"the {side[0]} port is that of ports[{seen[side]}]", "each port once"
                )
            seen.setdefault(side, index)


def host_files(data: Data, folder: Path, home: str, faults: FaultList, *, required: bool) -> None:
    """Shared folders and a base image given as a path have to be there: errors when `required`."""
    report = faults.error if required else faults.warning
    for path, share in _shares(data):
        host = share.get("host")
        if not isinstance(host, str) or not host.strip() or "\x00" in host:
            continue
        if isinstance(path[-1], str) and "${" in host:
            faults.warning(
                path, "variables are not put into keys", "use a list of `host:` and `guest:`", of_key=True
            )
        if share.get("mode") != "copy" and not Path(host_path(host, folder, home)).is_dir():
            place = path if isinstance(path[-1], str) else (*path, "host")
            shown = quote(host) if isinstance(path[-1], str) else faults.quoted(place)
            report(place, f"the folder {shown} is not on this host", "a folder that exists")
    images: tuple[KeyPath, ...] = (("vm", "base_image"), ("base_image",))
    for path in images:
        image = _at(data, path)
        if isinstance(image, str) and is_path(image) and not Path(host_path(image, folder, home)).is_file():
            report(path, f"the image {faults.quoted(path)} is not on this host", "an image's name or file")


def host_path(text: str, folder: Path, home: str) -> str:
    """An absolute, normalised host path; `~` is `home`, relative paths start in the file's folder."""
    if text == "~" or text.startswith("~/"):
        text = home + text[1:]
    return posixpath.normpath(posixpath.join(str(folder), text))


def is_path(image: str) -> bool:
    """Whether `base_image` names a file rather than one of our images."""
    return "/" in image or image.startswith("~")


def _shares(data: Data) -> Iterator[tuple[KeyPath, Mapping[str, Any]]]:
    paths = data.get("paths")
    if isinstance(paths, Mapping):
        for host, guest in paths.items():
            yield ("paths", host), {"host": host, "guest": guest}
    for index, entry in enumerate(paths if isinstance(paths, list) else []):
        if isinstance(entry, Mapping):
            yield ("paths", index), entry


def _inside(inner: str, outer: str) -> bool:
    return inner != outer and inner.startswith(outer.rstrip("/") + "/")


def _at(data: Any, path: KeyPath) -> Any:
    for part in path:
        if not isinstance(data, Mapping) or part not in data:
            return None
        data = data[part]
    return data
