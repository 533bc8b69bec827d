"""The ssh command that enters a machine by its own key, over its loopback forward."""

from clonebox_tui.model.machine import MachineDetails
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.remote import is_remote

_SSH_PORT = 22


def ssh_command(details: MachineDetails) -> tuple[str, ...]:
    """The argument list of ssh(1); its host key is pinned. NOT_SUPPORTED for machines not made here."""
    if is_remote(details.machine.connection):
        raise problem(
            Code.NOT_SUPPORTED,
            f"{details.machine.name} is entered from its own host.",
            why="its key and its forwarded port are there",
            next=f"Go by that host: `clonebox-tui --host ssh://USER@SERVER ssh {details.machine.name}`",
        )
    port = next((each.host_port for each in details.forwards if each.guest_port == _SSH_PORT), None)
    if port is None or not details.key_path or not details.user:
        raise problem(
            Code.NOT_SUPPORTED,
            f"{details.machine.name} has no SSH way in of ours.",
            why="only machines made here have a key and a forwarded port",
            next=f"Use `clonebox-tui exec {details.machine.name} -- CMD`, or your own ssh.",
        )
    options = (
        "IdentitiesOnly=yes",
        f"UserKnownHostsFile={_quoted(details.known_hosts_path)}",
        "GlobalKnownHostsFile=/dev/null",
        f"HostKeyAlias={details.machine.name}",
        "StrictHostKeyChecking=yes",
    )
    flags = [word for option in options for word in ("-o", option)]
    return ("ssh", "-i", details.key_path, "-p", str(port), *flags, f"{details.user}@127.0.0.1")


def _quoted(path: str) -> str:
    """ssh splits this option's value at spaces unless it stands in double quotes (ssh_config(5))."""
    return f'"{path}"'
