"""Keys made for one machine alone: its user's way in, and its own identity, known before it first boots."""

import os
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clonebox_tui.engine.durable import write_flushed

KEY = "id_ed25519"
HOST_KEY = "host_ed25519"
KNOWN_HOSTS = "known_hosts"


class KeyPair(msgspec.Struct, frozen=True):
    """An ed25519 pair in OpenSSH's formats: private PEM text, public line."""

    private: str
    public: str


def fresh_pair(comment: str) -> KeyPair:
    """A pair nobody has seen; `comment` ends its public line."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return KeyPair(private.decode(), f"{public.decode()} {comment}")


def write_private(path: Path, text: str) -> None:
    """A new file with mode 0600 from its first moment; on disk when this returns."""
    _write(path, text, 0o600)


def write_public(path: Path, text: str) -> None:
    """The same with what anybody may read."""
    _write(path, text, 0o644)


def _write(path: Path, text: str, mode: int) -> None:
    write_flushed(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), text.encode())


def write_login_key(folder: Path, pair: KeyPair) -> Path:
    """The user's key and its public half; the private one's path."""
    write_private(folder / KEY, pair.private)
    write_public(folder / f"{KEY}.pub", f"{pair.public}\n")
    return folder / KEY


def known_hosts_line(public: str, machine: str, port: int | None) -> str:
    """The line that pins a host key to the machine's name (ssh's HostKeyAlias) and to its forwarded port
    (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT)."""
    kind, key = public.split()[:2]
    hosts = machine if port is None else f"{machine},[127.0.0.1]:{port}"
    return f"{hosts} {kind} {key}\n"
