"""A command of ours that has to run on the other host itself: by ssh, with the keys that were accepted."""

import os
from collections.abc import Sequence

from clonebox_tui.cli.session import Session
from clonebox_tui.client.far import far_command
from clonebox_tui.model.places import places
from clonebox_tui.model.remote import host_target
from clonebox_tui.secure_shell.options import ssh_options


def command_there(session: Session, words: Sequence[str], terminal: bool) -> list[str]:
    """The argument list that runs our program with these words on `session.host`."""
    target = host_target(session.host)
    options = ssh_options(target, places(os.environ, os.getuid()).known_hosts)
    connections = [word for uri in session.uris for word in ("--connect", uri)]
    before = [*connections, *(["--demo"] if session.demo else [])]
    kind = ("-t", "-o", "LogLevel=ERROR") if terminal else ("-T",)
    return ["ssh", *options, *kind, *target.words, far_command((*before, *words))]
