"""Picks a front end without importing the other: bare or with global options only it is the cockpit."""

import os
import sys

from clonebox_tui import __version__

_GLOBAL_OPTIONS_WITH_VALUE = frozenset({"--connect", "--host", "--machines", "--link", "--theme", "--seed"})
"""Options whose next word is a value, not a command; a test compares them with both front ends."""

_ASKS_FOR_HELP = frozenset({"--help", "-h"})

_COMPLETION_VARIABLE = "_CLONEBOX_TUI_COMPLETE"
"""Set by a shell that asks for completions of a line: such a call has no words, and wants no cockpit."""


def wants_cockpit(arguments: list[str]) -> bool:
    """Tell whether these words hold no command and ask for no help, so that the cockpit opens."""
    words = iter(arguments)
    for word in words:
        if word in _ASKS_FOR_HELP or not word.startswith("-"):
            return False
        if word in _GLOBAL_OPTIONS_WITH_VALUE:
            next(words, None)
    return True


def main(arguments: list[str] | None = None) -> int:
    """Run the front end that the words on the command line ask for; return its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    if words == ["--version"]:
        sys.stdout.write(f"clonebox-tui {__version__}\n")
        return 0
    try:
        if wants_cockpit(words) and _COMPLETION_VARIABLE not in os.environ:
            from clonebox_tui.tui.app import main as run_cockpit

            return run_cockpit(words)
        from clonebox_tui.lean_asyncio import import_lean_asyncio

        import_lean_asyncio()
        from clonebox_tui.cli.main import main as run_command

        return run_command(words)
    except KeyboardInterrupt:
        # While a front end was still being imported: it cannot answer for itself yet.
        return 130


if __name__ == "__main__":
    sys.exit(main())
