"""Writes a new `.clonebox.yaml`: tidy, with the evidence of what was detected as comments."""

import re
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from clonebox_tui.config.document import round_trip
from clonebox_tui.config.expansion import escape
from clonebox_tui.model.environment import (
    GIBIBYTE,
    MEBIBYTE,
    DetectedItem,
    MachineWish,
    PackageFacts,
    PortFacts,
    PortWish,
    ServiceFacts,
)
from clonebox_tui.model.problem import Code, problem

_HEADER = (
    "What this folder's machine is made of. `config check` explains every key; comments stay on edits.\n"
)


def render(wish: MachineWish, detected: Iterable[DetectedItem] = ()) -> str:
    """YAML that loads as `wish` again, without a warning; chosen items carry their evidence.

    Sizes are rounded up to whole MiB and GiB. Raises `config-invalid` for text that is not Unicode.
    """
    _refuse_what_is_no_text(wish)
    why = _Evidence(detected)
    data = CommentedMap()
    data.yaml_set_start_comment(_HEADER)
    data["version"] = "1"
    if wish.connection:
        data["connection"] = escape(wish.connection)
    data["vm"] = _machine(wish)
    if wish.shares:
        data["paths"] = _shares(wish)
    if wish.packages:
        data["packages"] = _listed(wish.packages, why.packages)
    if wish.services:
        data["services"] = _listed(wish.services, why.services)
    if wish.ports:
        data["ports"] = _ports(wish.ports, why.ports)
    if wish.post_commands:
        data["post_commands"] = CommentedSeq(wish.post_commands)
    for key in list(data)[1:]:
        data.yaml_set_comment_before_after_key(key, before="\n")
    return _dump(data)


def _refuse_what_is_no_text(wish: MachineWish) -> None:
    """Linux allows paths of any bytes; a YAML file does not."""
    try:
        "".join([*(share.host + share.guest for share in wish.shares), *wish.post_commands]).encode()
    except UnicodeEncodeError:
        raise problem(
            Code.CONFIG_INVALID,
            "A path that is not Unicode cannot be written to a YAML file.",
            next="Rename the folder, or leave it out.",
        ) from None


class _Evidence:
    """Evidence by package, service and port, fit for the end of a line."""

    def __init__(self, detected: Iterable[DetectedItem]) -> None:
        self.packages: dict[str, str] = {}
        self.services: dict[str, str] = {}
        self.ports: dict[str, str] = {}
        for item in detected:
            text = _comment(item)
            if isinstance(item.facts, PortFacts):
                self.ports.setdefault(f"{item.facts.port}/{item.facts.protocol}", text)
            elif isinstance(item.facts, ServiceFacts):
                self.services.setdefault(item.name, text)
                self.packages.setdefault(item.facts.package, f"for the service {item.name}")
            elif isinstance(item.facts, PackageFacts):
                self.packages.setdefault(item.name, text)
            elif hasattr(item.facts, "package"):
                self.packages.setdefault(item.facts.package, text)


def _comment(item: DetectedItem) -> str:
    """A short form of the evidence, free of anything that a comment or terminal could trip over."""
    text = item.evidence
    if isinstance(item.facts, PackageFacts):
        text = f"{item.facts.version}, installed by hand"
    elif isinstance(item.facts, ServiceFacts):
        running = ", running" if item.facts.running else ""
        text = f"enabled{running}" + (f", of package {item.facts.package}" if item.facts.package else "")
    return " ".join(re.sub(r"[^\x20-\x7e\xa1-\ud7ff]+", " ", text).split())[:120]


def _machine(wish: MachineWish) -> CommentedMap:
    vm = CommentedMap()
    vm["name"] = wish.name
    vm["vcpus"] = wish.vcpus
    vm["ram_mb"] = -(-wish.memory_bytes // MEBIBYTE)
    vm["disk_size_gb"] = -(-wish.disk_bytes // GIBIBYTE)
    vm["network_mode"] = wish.network.value
    vm["accel"] = wish.accel.value
    vm["username"] = wish.username
    vm["uid"] = wish.uid
    if wish.base_image is not None:
        vm["base_image"] = escape(wish.base_image)
    return vm


def _shares(wish: MachineWish) -> Any:
    hosts = [share.host for share in wish.shares]
    simple = len(set(hosts)) == len(hosts) and not any(
        share.readonly or "${" in share.host for share in wish.shares
    )
    if simple:
        return CommentedMap((share.host, escape(share.guest)) for share in wish.shares)
    entries = CommentedSeq()
    for share in wish.shares:
        entry = CommentedMap(host=escape(share.host), guest=escape(share.guest))
        if share.readonly:
            entry["readonly"] = True
        entries.append(entry)
    return entries


def _listed(names: Sequence[str], evidence: dict[str, str]) -> CommentedSeq:
    listed = CommentedSeq(names)
    column = max(len(name) for name in names) + 6
    for index, name in enumerate(names):
        if evidence.get(name):
            listed.yaml_add_eol_comment(evidence[name], index, column=column)
    return listed


def _ports(ports: Sequence[PortWish], evidence: dict[str, str]) -> CommentedSeq:
    listed = CommentedSeq(_port(port) for port in ports)
    for index, port in enumerate(ports):
        text = evidence.get(f"{port.guest}/{port.protocol}")
        if text and not isinstance(listed[index], dict):
            listed.yaml_add_eol_comment(text, index)
    return listed


def _port(port: PortWish) -> Any:
    entry = CommentedMap(guest=port.guest)
    if port.host is not None:
        entry["host"] = port.host
    if port.protocol != "tcp":
        entry["proto"] = port.protocol
    if port.bind != "127.0.0.1":
        entry["bind"] = port.bind
    if port.service:
        entry["service"] = port.service
    return port.guest if len(entry) == 1 else entry


def _dump(data: CommentedMap) -> str:
    out = StringIO()
    round_trip().dump(data, out)
    return out.getvalue()
