"""A worker's life as a process: daemon, lock, log, signals; from here it serves until it is told to leave."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence

from clonebox_tui import __version__
from clonebox_tui.engine.core import Engine, World
from clonebox_tui.model.places import Places, places
from clonebox_tui.model.problem import Exit, Problem, ProblemError
from clonebox_tui.worker import lock, logs
from clonebox_tui.worker.idle import IDLE_SECONDS, Idleness
from clonebox_tui.worker.listening import answers
from clonebox_tui.worker.methods import serve_all
from clonebox_tui.worker.server import Server

_log = logging.getLogger(__name__)


def run(
    where: Places,
    demo: bool = False,
    machines: int = 12,
    seed: int = 1,
    uris: Sequence[str] = (),
    ready: Callable[[], None] = lambda: None,
) -> int:
    """Be the worker until told to leave; the process's exit code. `ready` is called once it listens.

    Another worker that lives already is no failure: this one leaves with 0.
    """
    os.umask(0o077)
    os.chdir("/")
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    logs.begin(where.worker_log)
    held = lock.take(where.lock, lambda: answers(where.socket))
    if held is None:
        sys.stderr.write(f"Another worker runs already: {where.lock} is locked.\n")
        return Exit.DONE
    world = World(where, demo, machines, seed, tuple(uris))
    try:
        asyncio.run(_serve(world, ready))
    except ProblemError as error:
        _log.error("the worker cannot work", extra={"why": error.problem.what})
        sys.stderr.write(f"{_sentence(error.problem)}\n")
        return error.problem.exit_code
    except Exception:
        _log.exception("the worker broke")
        raise
    finally:
        os.close(held)
    return Exit.DONE


def main(arguments: Sequence[str]) -> int:
    """`python -m clonebox_tui.worker`: what a front end starts, see `_OPTIONS`."""
    options = _parsed(arguments)
    demo = "--demo" in options
    ready_fd = [int(value) for value in options.get("--ready-fd", [])]
    for descriptor in ready_fd:
        # What the front end had inherited (a script's pipe, a lock of a caller) must end with it.
        os.closerange(descriptor + 1, os.sysconf("SC_OPEN_MAX"))

    def ready() -> None:
        for descriptor in ready_fd:
            os.write(descriptor, b"!")
            os.close(descriptor)

    return run(
        places(os.environ, os.geteuid(), demo),
        demo,
        int(options.get("--machines", ["12"])[-1]),
        int(options.get("--seed", ["1"])[-1]),
        options.get("--connect", []),
        ready,
    )


_OPTIONS = {"--demo": 0, "--machines": 1, "--seed": 1, "--connect": 1, "--ready-fd": 1}
"""Options and how many words follow. Not argparse: every millisecond counts before the socket is there."""


def _parsed(arguments: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    words = iter(arguments)
    for word in words:
        if word not in _OPTIONS:
            raise SystemExit(f"clonebox worker: unknown option {word}; known: {', '.join(_OPTIONS)}")
        found.setdefault(word, []).extend(next(words, "") for _ in range(_OPTIONS[word]))
    return found


async def _serve(world: World, ready: Callable[[], None]) -> None:
    engine = await Engine.open(world)
    server = Server(world, engine, bool(os.environ.get("CLONEBOX_READONLY")))
    serve_all(server)
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_stray)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _leave, server)
    await server.begin(Idleness(float(os.environ.get("CLONEBOX_IDLE_SECONDS") or IDLE_SECONDS)))
    _log.info("the worker listens", extra={"version": __version__, "pid": os.getpid()})
    ready()
    await server.leaving.wait()
    _log.info("the worker leaves")
    await server.end()


def _leave(server: Server) -> None:
    if server.leaving.is_set():
        _log.warning("told twice to leave: the next worker recovers what is unfinished")
        logging.shutdown()
        os._exit(Exit.INTERRUPTED)
    server.leaving.set()


def _stray(_loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    error = context.get("exception")
    info = error if isinstance(error, BaseException) else None
    _log.error("stray failure: %s", context.get("message"), exc_info=info)


def _sentence(failure: Problem) -> str:
    return " ".join(part for part in (failure.what, failure.why, failure.next) if part)
