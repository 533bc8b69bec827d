"""Turns the items a person chose into the wish for a machine."""

import re
from collections.abc import Iterable
from pathlib import Path

from clonebox_tui.config import (
    default_disk_bytes,
    default_memory_bytes,
    default_name,
    default_vcpus,
    guest_user,
)
from clonebox_tui.model.environment import (
    ApplicationFacts,
    DetectedItem,
    GuestUser,
    HostLimits,
    MachineWish,
    PackageFacts,
    PortFacts,
    PortWish,
    ProjectFacts,
    ServiceFacts,
    ShareWish,
)


def to_wish(
    items: Iterable[DetectedItem],
    directory: Path,
    *,
    user: GuestUser | None = None,
    limits: HostLimits | None = None,
    name: str = "",
) -> MachineWish:
    """The wish for `directory` with the chosen `items`; a name, sizes and a user by default.

    Chosen services bring their package along. Chosen TCP ports have to answer in the guest, tied to their
    service when that is chosen too. Chosen projects are shared live at `/home/USER/FOLDER`; one inside
    another chosen one comes with it.
    """
    chosen = list(items)
    user = user or guest_user()
    services = {item.name: item.facts for item in chosen if isinstance(item.facts, ServiceFacts)}
    return MachineWish(
        name=name or default_name(directory),
        vcpus=default_vcpus(limits),
        memory_bytes=default_memory_bytes(limits),
        disk_bytes=default_disk_bytes(limits),
        username=user.name,
        uid=user.uid,
        shares=shares_for(_projects(chosen), user.name),
        packages=_packages(chosen),
        services=tuple(services),
        ports=_ports(chosen, services),
    )


def shares_for(folders: Iterable[str], username: str) -> tuple[ShareWish, ...]:
    """Live shares at `/home/USER/FOLDER`; a second folder of the same name gets `-2`, and so on."""
    taken: dict[str, str] = {}
    for folder in folders:
        base = re.sub(r"[\x00-\x1f\x7f]", "_", Path(folder).name) or "root"
        guest, number = f"/home/{username}/{base}", 2
        while guest in taken:
            guest, number = f"/home/{username}/{base}-{number}", number + 1
        taken[guest] = folder
    return tuple(ShareWish(host, guest) for guest, host in taken.items())


def _projects(chosen: list[DetectedItem]) -> list[str]:
    folders = list(dict.fromkeys(item.facts.path for item in chosen if isinstance(item.facts, ProjectFacts)))
    return [folder for folder in folders if not any(Path(other) in Path(folder).parents for other in folders)]


def _packages(chosen: list[DetectedItem]) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for item in chosen:
        if isinstance(item.facts, PackageFacts):
            names[item.name] = None
        elif isinstance(item.facts, ServiceFacts | ApplicationFacts) and item.facts.package:
            names[item.facts.package] = None
    return tuple(sorted(names))


def _ports(chosen: list[DetectedItem], services: dict[str, ServiceFacts]) -> tuple[PortWish, ...]:
    units = {facts.unit: name for name, facts in services.items()}
    return tuple(
        PortWish(item.facts.port, service=units.get(item.facts.unit, ""))
        for item in chosen
        if isinstance(item.facts, PortFacts) and item.facts.protocol == "tcp"
    )
