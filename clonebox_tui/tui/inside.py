"""From a key into the guest: its console, a login, its files. What is opened is imported only then."""

import sys
from typing import TYPE_CHECKING

from clonebox_tui.model.problem import ProblemError

if TYPE_CHECKING:
    from clonebox_tui.model.machine import Machine
    from clonebox_tui.tui.screens.cockpit import Cockpit

_SOON_SECONDS = 5.0
"""A login that ends so soon has failed: what it said must be readable."""
_USER = "root"


def console(cockpit: "Cockpit") -> None:
    """Open the serial console."""
    from clonebox_tui.tui.screens.console import ConsoleScreen

    cockpit.app.push_screen(ConsoleScreen(cockpit.session, cockpit.session.targets[0]))


def files(cockpit: "Cockpit") -> None:
    """Go through the guest's folders."""
    from clonebox_tui.tui.screens.files import FilesScreen

    machine = cockpit.session.targets[0]
    cockpit.app.push_screen(FilesScreen(cockpit.session, machine, cockpit.acting))


def log_in(cockpit: "Cockpit") -> None:
    """Give the terminal to `ssh M`, and take it back when that has ended."""
    from textual.app import SuspendNotSupported

    machine = cockpit.session.targets[0]
    try:
        with cockpit.app.suspend():
            _hand_over(ssh_line(machine, cockpit.session.where.far))
    except SuspendNotSupported:
        cockpit.face.tell(
            "This terminal cannot be handed over.", f"In a shell: clonebox-tui ssh {machine.name}"
        )
    cockpit.face.repaint()


def ssh_line(machine: "Machine", far: str) -> list[str]:
    """The command that logs in, as a shell beside this cockpit would run it; `far`: the worker's host."""
    host = ["--host", f"ssh://{far}"] if far else []
    demo = ["--demo"] if machine.connection.startswith("simulated:") else []
    return [sys.executable, "-m", "clonebox_tui", *host, *demo, "ssh", machine.uuid]


def _hand_over(line: list[str]) -> None:
    import signal
    import subprocess
    import time

    # ctrl+c is for the login; a handler, unlike SIG_IGN, is not inherited by it.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    began = time.monotonic()
    try:
        code = subprocess.run(line, check=False).returncode
        if code and time.monotonic() - began < _SOON_SECONDS:
            sys.stderr.write("Enter goes back to the cockpit.\n")
            sys.stderr.flush()
            sys.stdin.readline()
    finally:
        signal.signal(signal.SIGINT, before)


def password(cockpit: "Cockpit") -> None:
    """Set a new password for logging in at the console, after a question, and show it once."""
    cockpit.app.run_worker(_password(cockpit, cockpit.session.targets[0]), group="acts")


async def _password(cockpit: "Cockpit", machine: "Machine") -> None:
    from clonebox_tui.model.rpc import GIVE_PASSWORD, GivePassword
    from clonebox_tui.tui.screens.facts import FactsScreen
    from clonebox_tui.tui.screens.question import QuestionScreen

    lines = [
        ((f"A new, random password for {_USER} in {machine.name}, set by its agent.", "text"),),
        (("It is shown once, here, and kept nowhere.", "text"),),
    ]
    if not await cockpit.app.push_screen_wait(QuestionScreen("New console password", lines, "Set it")):
        return
    try:
        given = await cockpit.session.call(GIVE_PASSWORD, GivePassword(machine.id, _USER))
    except ProblemError as error:
        cockpit.face.tell_problem(error.problem)
        return
    facts = [("user", given.user), ("password", given.password)]
    if given.once:
        facts.append(("then", "another one is asked for at the login"))
    await cockpit.app.push_screen_wait(FactsScreen(f"Console of {machine.name}", facts))
