"""A host's public key, as it is shown to a person and as it stands in known_hosts."""

import base64
import binascii
import hashlib

import msgspec

_MOST_LINE_CHARACTERS = 16 * 1024


class HostKey(msgspec.Struct, frozen=True):
    """`kind` is ssh's name of the algorithm, `blob` the key in base64."""

    kind: str
    blob: str

    @property
    def fingerprint(self) -> str:
        """As `ssh-keygen -l` says it: SHA256 and base64 without padding."""
        digest = hashlib.sha256(base64.b64decode(self.blob)).digest()
        return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"

    def line(self, name: str) -> str:
        """The line of known_hosts that pins it."""
        return f"{name} {self.kind} {self.blob}"


def parse_line(line: str) -> tuple[str, HostKey] | None:
    """The name and key of a line of known_hosts; None for comments and what is not understood."""
    words = line[:_MOST_LINE_CHARACTERS].split()
    if len(words) < 3 or words[0].startswith(("#", "@", "|")):
        return None
    try:
        base64.b64decode(words[2], validate=True)
    except binascii.Error:
        return None
    return words[0], HostKey(words[1], words[2])
