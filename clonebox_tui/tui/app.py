"""Entry of the full-screen front end: asks the worker first, imports the screen while it answers."""

import os
import sys

from clonebox_tui import __version__
from clonebox_tui.model.places import places
from clonebox_tui.model.problem import Exit, Problem, ProblemError
from clonebox_tui.tui.options import Options, parse


def main(words: list[str]) -> int:
    """Run the cockpit; returns its exit code."""
    try:
        options = parse(words)
    except ProblemError as error:
        return _fail(error.problem)
    if options.version:
        sys.stdout.write(f"clonebox-tui {__version__}\n")
        return int(Exit.DONE)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        from clonebox_tui.model.problem import Code

        return _fail(
            Problem(
                Code.USAGE, "The cockpit needs a terminal.", next="clonebox-tui --help lists the commands."
            )
        )
    try:
        return _run(options)
    except ProblemError as error:
        return _fail(error.problem)


def _run(options: Options) -> int:
    from clonebox_tui.client.early import Early, begin

    where = places(os.environ, os.getuid(), demo=options.demo)
    arguments = _worker_arguments(options)
    early: Early | None = begin(
        where, demo=options.demo, worker_arguments=arguments, uris=tuple(options.connect)
    )
    if options.link == "slow":
        # Read by Textual when it is imported.
        os.environ.update(TEXTUAL_FPS="5", TEXTUAL_ANIMATIONS="none")
    from clonebox_tui.client import Client
    from clonebox_tui.model.rpc import Watch
    from clonebox_tui.tui.breaking import keep_open
    from clonebox_tui.tui.face import Face
    from clonebox_tui.tui.keymap import load_keymap
    from clonebox_tui.tui.session import Session

    async def connect() -> Client:
        nonlocal early
        # What was begun can be used once; afterwards one starts from nothing.
        begun, early = early, None
        client = await Client.connect(
            where,
            demo=options.demo,
            worker_arguments=arguments,
            uris=tuple(options.connect),
            readonly=options.readonly,
            early=begun,
        )
        if begun is None:
            await client.watch(Watch())
        return client

    keymap = load_keymap(where.config)
    session = Session(readonly=options.readonly, only=tuple(options.connect))

    def opened(shown: Problem | None) -> Face:
        face = Face(connect, session, shown=shown)
        face.set_keymap(keymap)
        if options.theme:
            face.theme = f"clonebox-{options.theme}"
        return face

    code, failure = keep_open(opened, where.cockpit_log)
    return _fail(failure) if failure else code


def _worker_arguments(options: Options) -> tuple[str, ...]:
    words: list[str] = []
    if options.machines is not None:
        words += ["--machines", str(options.machines)]
    if options.seed is not None:
        words += ["--seed", str(options.seed)]
    return tuple(words)


def _fail(failure: Problem) -> int:
    lines = [failure.what, failure.why, failure.next, *failure.details]
    sys.stderr.write("\n".join(line for line in lines if line) + "\n")
    return int(failure.exit_code)
