"""Entry of the full-screen front end: asks the worker first, imports the screen while it answers."""

import os
import sys

from clonebox_tui import __version__
from clonebox_tui.lean_asyncio import import_lean_asyncio
from clonebox_tui.model.places import places
from clonebox_tui.model.problem import Exit, Problem, ProblemError
from clonebox_tui.tui.options import Options, parse
from clonebox_tui.tui.reaching import Reach

_DUMB = ("dumb", "unknown")
"""On these Textual writes nothing, and lays out a screen of another size for ever."""


def main(words: list[str]) -> int:
    """Run the cockpit; returns its exit code."""
    try:
        options = parse(words)
    except ProblemError as error:
        return _fail(error.problem)
    if options.version:
        sys.stdout.write(f"clonebox-tui {__version__}\n")
        return int(Exit.DONE)
    dumb = os.environ.get("TERM", "").lower() in _DUMB
    if dumb or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return _fail(_no_screen(dumb))
    try:
        return _run(options)
    except ProblemError as error:
        if options.host and error.problem.code.value == "host-key-unknown" and _accepted(options.host):
            return main(words)
        return _fail(error.problem)


def _no_screen(dumb: bool) -> Problem:
    from clonebox_tui.model.problem import Code

    if dumb:
        return Problem(
            Code.USAGE,
            "The cockpit needs a terminal whose cursor can be moved.",
            why=f"TERM is {os.environ['TERM']}.",
            next="Use the commands (`clonebox-tui list --watch` tells what changes), or set TERM rightly.",
        )
    return Problem(
        Code.USAGE,
        "The cockpit needs a terminal.",
        next="The commands are listed by `clonebox-tui --help`.",
    )


def _accepted(host: str) -> bool:
    """Ask at the terminal, as ssh does, whether this is the right host; keep its key if so."""
    from clonebox_tui.model.remote import host_target
    from clonebox_tui.secure_shell.pins import Pins
    from clonebox_tui.secure_shell.trust import keys_of, trust

    target, pins = host_target(host), Pins(places(os.environ, os.getuid()).known_hosts)
    found = keys_of(target, pins)
    sys.stdout.write(f"Nobody has accepted the host key of {found.host} yet. It shows:\n")
    sys.stdout.writelines(f"  {key.kind} {key.fingerprint}\n" for key in found.shown)
    sys.stdout.write("Is this the right host? [y/N] ")
    sys.stdout.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        return False
    trust(target, pins, host, [key.fingerprint for key in found.shown], replace=False)
    return True


def _run(options: Options) -> int:
    reach = Reach(options)
    reach.begin()
    import_lean_asyncio()
    if options.link == "slow":
        # Read by Textual when it is imported.
        os.environ.update(TEXTUAL_FPS="5", TEXTUAL_ANIMATIONS="none")
    from clonebox_tui.tui.breaking import keep_open
    from clonebox_tui.tui.face import Face
    from clonebox_tui.tui.keymap import load_keymap
    from clonebox_tui.tui.line import Line
    from clonebox_tui.tui.looks import Looks
    from clonebox_tui.tui.notices import Notices
    from clonebox_tui.tui.session import Session

    keymap = load_keymap(reach.places.config)
    looks = Looks(reach.places.config, options.theme)
    notices = Notices(reach.places.config)
    reach.settle()
    session = Session(readonly=options.readonly, only=tuple(options.connect))
    session.where.far = options.host.partition("://")[2].partition("?")[0].rstrip("/")
    session.where.commands = reach.places.commands
    reach.where = session.where

    line = Line(options.link if options.link != "auto" else "")

    def opened(shown: Problem | None) -> Face:
        face = Face(reach, session, shown=shown, looks=looks, notices=notices, line=line)
        face.broken_log = reach.places.cockpit_log
        face.set_keymap(keymap)
        return face

    code, failure = keep_open(opened, reach.places.cockpit_log)
    return _fail(failure) if failure else code


def _fail(failure: Problem) -> int:
    lines = [failure.what, failure.why, failure.next, *failure.details]
    sys.stderr.write("\n".join(line for line in lines if line) + "\n")
    return int(failure.exit_code)
