"""The shape of `.clonebox.yaml`: every key, where it may stand, and which of them do something today.

Files of the original CloneBox open unchanged: flat files, `vm.auth`, lists under `vm`. Keys without an
effect yet are in `PASSIVE`; loading says so, so that nobody relies on them in silence.
"""

import ipaddress
import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

from clonebox_tui.config import syntax
from clonebox_tui.config.syntax import wrong

FLAT_KEYS = (
    "name", "ram_mb", "vcpus", "disk_size_gb", "gui", "base_image", "network_mode", "username", "password",
)  # fmt: skip
"""Keys of `vm` that may stand at the top (the original's flat form)."""

PASSIVE: dict[tuple[str, ...], str] = {
    ("copy_paths",): "nothing is copied into the guest yet; only `paths` are shared",
    ("app_data_paths",): "nothing is copied into the guest yet; only `paths` are shared",
    ("snap_packages",): "snaps are not installed yet",
    ("browser_profiles",): "browser profiles are not copied yet",
    ("web_services",): "web services are not set up yet",
    ("resources",): "resource limits are not applied yet",
    ("limits",): "resource limits are not applied yet",
    ("health_checks",): "health checks are not run yet",
    ("secrets",): "secret stores are not asked yet",
    ("container",): "containers are not made from this file yet",
    ("environment",): "variables are not set in the guest yet",
    ("backends",): "back ends are chosen by the connection",
    ("user_session",): "choose it by `connection: qemu:///session`",
    ("auto_snapshot",): "snapshots are not taken by a schedule yet",
    ("snapshots",): "snapshots are not taken by a schedule yet",
    ("shutdown_after_setup",): "the machine keeps running",
    ("vm", "gui"): "no desktop is installed",
    ("vm", "autostart_apps"): "applications are not started",
    ("vm", "ssh_public_key"): "a fresh key is made for every machine",
    ("vm", "resources"): "resource limits are not applied yet",
    ("vm", "limits"): "resource limits are not applied yet",
    ("vm", "snapshots"): "snapshots are not taken by a schedule yet",
    ("vm", "auth"): "a fresh key is made for every machine; no other way in is set up",
}
"""Accepted keys that do nothing yet, and what happens instead."""

PASSWORD_PATHS = (("vm", "password"), ("password",))
LITERAL = ("post_commands",)
"""Keys whose text is taken as it stands: `${X}` there is the guest shell's own."""

FreeMap = dict[str, Any]
FreeList = list[Any]


class _Section(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_means_default(cls, value: Any) -> Any:
        """`packages:` with nothing behind it is as good as absent."""
        if isinstance(value, dict):
            return {key: item for key, item in value.items() if item is not None}
        return value


class ShareEntry(_Section):
    """One folder in the list form of `paths`."""

    host: syntax.HostPath
    guest: syntax.GuestPath
    mode: syntax.ShareMode = "live"
    readonly: syntax.Switch = False


class PortEntry(_Section):
    """One entry of `ports`: `80`, `"8080:80"`, `"127.0.0.1:5432:5432/tcp"` or a map."""

    guest: syntax.PortNumber
    host: syntax.PortNumber | None = None
    proto: syntax.Protocol = "tcp"
    bind: str = "127.0.0.1"
    service: syntax.ServiceName | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_short_form(cls, value: Any) -> Any:
        return parse_port(value) if isinstance(value, str | int) and not isinstance(value, bool) else value

    @model_validator(mode="after")
    def _bind_is_an_address(self) -> "PortEntry":
        try:
            ipaddress.ip_address(self.bind)
        except ValueError:
            raise wrong("has no valid address to bind to", "an address such as 127.0.0.1") from None
        return self


_SHORT_PORT = re.compile(
    r"(?:(?:(?P<bind>\[[^\]]+\]|[^:\[\]]+):)?(?P<host>\d+):)?(?P<guest>\d+)(?:/(?P<proto>tcp|udp))?"
)


def parse_port(value: str | int) -> dict[str, Any]:
    """`[[BIND:]HOST:]GUEST[/tcp|udp]` as a map; raises a pydantic error in a person's words."""
    match = _SHORT_PORT.fullmatch(str(value).strip())
    if match is None:
        raise wrong("is not a port", "80, 8080:80 or 127.0.0.1:5432:5432/tcp")
    found = {key: text for key, text in match.groupdict().items() if text}
    if "bind" in found:
        found["bind"] = found["bind"].strip("[]")
    return dict(found)


def _ports(value: Any) -> Any:
    if value == "auto":
        return []
    if isinstance(value, dict):
        return [{"host": host, "guest": guest} for host, guest in value.items()]
    return value


def _paths_form(value: Any) -> str | None:
    return "map" if isinstance(value, dict) else "list" if isinstance(value, list) else None


PathsField = Annotated[
    Annotated[dict[syntax.HostPath, syntax.GuestPath], Tag("map")] | Annotated[list[ShareEntry], Tag("list")],
    Discriminator(_paths_form),
]


class VmSection(_Section):
    """The machine itself. Sizes are MiB and GiB, as in the original."""

    name: syntax.MachineName | None = None
    ram_mb: syntax.MemoryMiB | None = None
    vcpus: syntax.CpuCount | None = None
    disk_size_gb: syntax.DiskGiB | None = None
    base_image: syntax.HostPath | None = Field(None, description="Name of an image, or a path to one.")
    network_mode: syntax.NetworkWord = "auto"
    accel: syntax.AccelWord = "auto"
    username: syntax.UserName | None = None
    uid: syntax.UserId | None = None
    gui: syntax.Switch = False
    password: Any = Field(None, description="Accepted and not used: keys only.")
    auth_method: syntax.AuthWord = "ssh_key"
    auth: FreeMap = Field(default_factory=dict)
    ssh_public_key: syntax.Text = ""
    autostart_apps: syntax.Switch = False
    packages: list[syntax.PackageName] = Field(default_factory=list)
    services: list[syntax.ServiceName] = Field(default_factory=list)
    resources: FreeMap = Field(default_factory=dict)
    limits: FreeMap = Field(default_factory=dict)
    snapshots: FreeMap = Field(default_factory=dict)


class ProjectFile(_Section):
    """A whole `.clonebox.yaml`, versions 1 and 2, flat or nested."""

    version: syntax.Text = "1"
    generated: Any = None
    connection: syntax.ConnectionUri | None = None
    vm: VmSection = Field(default_factory=VmSection)
    name: syntax.MachineName | None = None
    ram_mb: syntax.MemoryMiB | None = None
    vcpus: syntax.CpuCount | None = None
    disk_size_gb: syntax.DiskGiB | None = None
    gui: syntax.Switch = False
    base_image: syntax.HostPath | None = None
    network_mode: syntax.NetworkWord | None = None
    username: syntax.UserName | None = None
    password: Any = None
    paths: PathsField = Field(default_factory=dict)
    packages: list[syntax.PackageName] = Field(default_factory=list)
    services: list[syntax.ServiceName] = Field(default_factory=list)
    ports: Annotated[list[PortEntry], BeforeValidator(_ports)] = Field(default_factory=list)
    post_commands: list[syntax.Command] = Field(default_factory=list)
    copy_paths: FreeMap = Field(default_factory=dict)
    app_data_paths: FreeMap = Field(default_factory=dict)
    snap_packages: FreeList = Field(default_factory=list)
    browser_profiles: Any = None
    web_services: FreeList = Field(default_factory=list)
    resources: FreeMap = Field(default_factory=dict)
    limits: FreeMap = Field(default_factory=dict)
    shutdown_after_setup: syntax.Switch = False
    detected: Any = None
    health_checks: FreeList = Field(default_factory=list)
    secrets: FreeMap = Field(default_factory=dict)
    container: FreeMap = Field(default_factory=dict)
    environment: dict[str, syntax.Text] = Field(default_factory=dict)
    backends: Any = None
    user_session: Any = None
    auto_snapshot: Any = None
    snapshots: Any = None
