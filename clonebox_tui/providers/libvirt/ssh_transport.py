"""How libvirt reaches another host: by the ssh client, as this program always calls it.

libvirt starts a program of our choice (`command=` of its URI) and passes on few variables. It gets a small
script for each host: our options, the host keys that were accepted, the agent of whoever came last.
"""

import os
import shlex
import tempfile
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from clonebox_tui.model.places import Places, places
from clonebox_tui.model.problem import Code, Problem, ProblemError, problem
from clonebox_tui.model.remote import SshTarget, ssh_target
from clonebox_tui.secure_shell.agent import agent_link
from clonebox_tui.secure_shell.asking import host_keys
from clonebox_tui.secure_shell.options import ssh_options
from clonebox_tui.secure_shell.reasons import key_changed, key_unknown, ssh_problem

_SCRIPT = """#!/bin/sh
# Written by clonebox-tui for {host}; libvirt starts it in place of ssh.
[ -S {agent} ] && export SSH_AUTH_SOCK={agent}
exec ssh {options} "$@"
"""
_NAMERS = {Code.HOST_KEY_UNKNOWN: key_unknown, Code.HOST_KEY_CHANGED: key_changed}


def dial_uri(uri: str) -> str:
    """The URI to give to libvirt: for ssh with our way of calling it, else as it is. USAGE."""
    target = ssh_target(uri)
    if target is None:
        return uri
    if "command=" in uri.partition("?")[2]:
        raise problem(
            Code.USAGE,
            "A connection over SSH may not name a command= of its own.",
            why="the host keys that were accepted would not count",
            next="Leave it out; what ssh shall do otherwise stands in ~/.ssh/config.",
        )
    script = _script(places(os.environ, os.geteuid()), target)
    return f"{uri}{'&' if '?' in uri else '?'}command={quote(str(script))}&no_tty=1"


def _script(where: Places, target: SshTarget) -> Path:
    folder = where.state / "ssh"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = _SCRIPT.format(
        host=target.pin_name,
        agent=shlex.quote(str(agent_link(where.state))),
        options=shlex.join(ssh_options(target, where.known_hosts)),
    )
    path = folder / f"to-{sha256(target.pin_name.encode()).hexdigest()[:16]}"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        handle, beside = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(beside).chmod(0o700)
        Path(beside).replace(path)
    return path


def transport_problem(text: str, uri: str) -> Problem | None:
    """What ssh had to say, if that is why libvirt could not connect. Blocks: an unknown key is asked for."""
    target = ssh_target(uri)
    # libvirt puts its own words around ssh's.
    said = text.removeprefix("Cannot recv data: ").removesuffix(": Connection reset by peer")
    found = ssh_problem(said, target, uri) if target else None
    name = _NAMERS.get(found.code) if found else None
    if target is None or name is None:
        return found
    try:
        return name(target, uri, tuple(f"{key.kind} {key.fingerprint}" for key in host_keys(target)))
    except ProblemError:
        return found  # without its fingerprint, then
