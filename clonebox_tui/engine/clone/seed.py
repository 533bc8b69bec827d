"""The NoCloud seed: who the machine is and who may enter it, as typed data and never pasted text.

It holds no more than the first boot needs: packages, services and commands come by the agent, so nothing
of them can be left on a medium. Formats: cloud-init's NoCloud data source and its #cloud-config modules.
"""

import os
from io import BytesIO
from pathlib import Path

import msgspec
import pycdlib
import yaml

VOLUME = "cidata"
"""The label by which cloud-init finds the medium."""


class User(msgspec.Struct, frozen=True):
    """An entry of `users`: key login only, and root's rights without a password."""

    name: str
    uid: int
    ssh_authorized_keys: list[str]
    shell: str = "/bin/bash"
    sudo: str = "ALL=(ALL) NOPASSWD:ALL"
    lock_passwd: bool = True


class HostKeys(msgspec.Struct, frozen=True):
    """`ssh_keys`: the machine's own identity, made beforehand so that it can be pinned."""

    ed25519_private: str
    ed25519_public: str


AGENT = "qemu-guest-agent"


class CloudConfig(msgspec.Struct, frozen=True):
    """The #cloud-config of a machine."""

    hostname: str
    users: list[User]
    ssh_keys: HostKeys
    ssh_deletekeys: bool = True
    ssh_pwauth: bool = False
    disable_root: bool = True
    preserve_hostname: bool = False
    manage_etc_hosts: bool = True


class ForeignConfig(CloudConfig, frozen=True):
    """The same for an image that was not built here: it may lack the agent, which all else goes through."""

    package_update: bool = True
    packages: list[str] = msgspec.field(default_factory=lambda: [AGENT])
    runcmd: list[list[str]] = msgspec.field(default_factory=lambda: [["systemctl", "enable", "--now", AGENT]])


class MetaData(msgspec.Struct, frozen=True, rename="kebab"):
    """NoCloud's meta-data."""

    instance_id: str
    local_hostname: str


def user_data(config: CloudConfig) -> bytes:
    """The file `user-data`."""
    return b"#cloud-config\n" + _yaml(config)


def meta_data(data: MetaData) -> bytes:
    """The file `meta-data`."""
    return _yaml(data)


def host_name(machine: str) -> str:
    """What of a machine's name can be a host name: letters, digits and `-`, at most 63."""
    safe = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in machine)
    return safe.strip("-")[:63].strip("-").lower() or "machine"


def write_seed(path: Path, user: bytes, meta: bytes) -> None:
    """An ISO 9660 image (Joliet and Rock Ridge) with the two files, readable by its owner only."""
    iso = pycdlib.PyCdlib()
    iso.new(interchange_level=3, joliet=3, rock_ridge="1.09", vol_ident=VOLUME)
    for number, (name, content) in enumerate((("user-data", user), ("meta-data", meta))):
        iso.add_fp(BytesIO(content), len(content), f"/FILE{number}.;1", rr_name=name, joliet_path=f"/{name}")
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        iso.write_fp(file)
    iso.close()


def _yaml(data: msgspec.Struct) -> bytes:
    return yaml.dump(
        msgspec.to_builtins(data),
        Dumper=yaml.CSafeDumper,
        allow_unicode=True,
        sort_keys=False,
        width=4096,
        encoding="utf-8",
    )
