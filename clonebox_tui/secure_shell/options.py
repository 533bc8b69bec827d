"""How ssh is always called: only pinned host keys count, and nothing of it asks, shares or listens."""

from pathlib import Path

from clonebox_tui.model.remote import SshTarget

CONNECT_SECONDS = 10
"""A host that does not answer for so long is down."""


def ssh_options(target: SshTarget, known_hosts: Path, strict: str = "yes") -> tuple[str, ...]:
    """The `-o` words, which go before the person's own ssh configuration (the first value counts)."""
    options = (
        f"StrictHostKeyChecking={strict}",
        # A % would begin one of ssh's own tokens.
        f'UserKnownHostsFile="{str(known_hosts).replace("%", "%%")}"',
        "GlobalKnownHostsFile=/dev/null",
        "KnownHostsCommand=none",
        "VerifyHostKeyDNS=no",
        "UpdateHostKeys=no",
        "HashKnownHosts=no",
        "CheckHostIP=no",
        f"HostKeyAlias={target.pin_name}",
        "BatchMode=yes",
        f"ConnectTimeout={CONNECT_SECONDS}",
        "ServerAliveInterval=5",
        "ServerAliveCountMax=3",
        # A shared connection would go past the pinned key, and outlive us.
        "ControlMaster=no",
        "ControlPath=none",
        "ForwardAgent=no",
        "ForwardX11=no",
        "ClearAllForwardings=yes",
        "PermitLocalCommand=no",
    )
    return tuple(word for option in options for word in ("-o", option))
