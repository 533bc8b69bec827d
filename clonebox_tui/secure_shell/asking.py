"""Ask a host which key it has, by ssh itself: the person's own configuration (names, jumps) counts."""

import subprocess
import tempfile
from pathlib import Path

from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.model.remote import SshTarget
from clonebox_tui.secure_shell.host_key import HostKey, parse_line
from clonebox_tui.secure_shell.options import CONNECT_SECONDS, ssh_options
from clonebox_tui.secure_shell.reasons import unreachable

_PATIENCE_SECONDS = CONNECT_SECONDS * 2


def host_keys(target: SshTarget) -> tuple[HostKey, ...]:
    """The keys the host shows now; nobody is let in. CONNECTION_FAILED, TOOL_MISSING. Blocks for seconds."""
    with tempfile.TemporaryDirectory(prefix="clonebox-key-") as folder:
        shown = Path(folder) / "shown"
        said = _said(target, shown)
        lines = shown.read_text(encoding="utf-8").splitlines() if shown.exists() else []
    keys = tuple(found[1] for found in map(parse_line, lines) if found is not None)
    if not keys:
        raise ProblemError(unreachable(said, target))
    return keys


def _said(target: SshTarget, shown: Path) -> str:
    # What is accepted here goes to a file that is thrown away; no key of the person is offered.
    options = ssh_options(target, shown, strict="accept-new")
    argv = ["ssh", *options, "-o", "PreferredAuthentications=none", "-T", *target.words, "true"]
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            check=False, timeout=_PATIENCE_SECONDS,
        )  # fmt: skip
    except FileNotFoundError as error:
        raise no_client() from error
    except subprocess.TimeoutExpired:
        return f"no answer within {_PATIENCE_SECONDS} s"
    return done.stderr.decode(errors="replace")


def no_client() -> ProblemError:
    """There is no ssh here."""
    return problem(Code.TOOL_MISSING, "The ssh client is missing.", next="Install Debian's openssh-client.")
