"""The cockpit's command line, read without any library: global options only, a command means the CLI."""

import msgspec

from clonebox_tui.model.problem import Code, problem


class Options(msgspec.Struct):
    """What was asked for."""

    demo: bool = False
    machines: int | None = None
    seed: int | None = None
    connect: list[str] = []
    host: str = ""
    """ssh://user@server[:port], where the worker is not on this host."""
    readonly: bool = False
    link: str = ""
    """One of `LINKS`; empty is `auto`."""
    theme: str = ""
    """A theme's name for this run; empty: the one that was chosen last."""
    version: bool = False


LINKS = ("auto", "slow", "fast")
"""`slow` leaves out what costs bytes all the time, `fast` nothing; `auto` finds out how the line is."""

_VALUES = frozenset({"--machines", "--connect", "--host", "--link", "--theme", "--seed"})
_FLAGS = frozenset({"--demo", "--readonly", "--version"})


def parse(words: list[str]) -> Options:
    """The options; ProblemError (usage) names the word that is not understood."""
    options = Options()
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if name in _FLAGS and not equals:
            setattr(options, name[2:], True)
        elif name in _VALUES:
            _set(options, name, value if equals else next(rest, ""))
        else:
            raise problem(
                Code.USAGE,
                f"The cockpit does not know {word}.",
                next="See what there is: `clonebox-tui --help`.",
            )
    if options.demo and any(not uri.startswith("simulated:") for uri in options.connect):
        raise problem(
            Code.USAGE,
            "--demo touches nothing real: leave out --connect, or --demo.",
            next="Give one of the two.",
        )
    return options


def _set(options: Options, name: str, value: str) -> None:
    if not value:
        raise problem(
            Code.USAGE, f"{name} needs a value.", next="Write it after the option: `clonebox-tui --help`."
        )
    if name == "--connect":
        from clonebox_tui.model.secrets import refuse_password  # most starts need it not

        refuse_password(value)
        options.connect.append(value)
    elif name == "--host":
        from clonebox_tui.model.remote import host_target

        host_target(value)  # what names no host is refused before anything begins
        options.host = value
    elif name in ("--machines", "--seed"):
        if not value.isascii() or not value.isdigit():
            raise problem(
                Code.USAGE, f"{name} needs a whole number, not {value}.", next="Give a number such as 12."
            )
        setattr(options, name[2:], int(value))
    elif name == "--link" and value not in LINKS:
        raise problem(
            Code.USAGE,
            f"--link is {', '.join(LINKS)}, not {value}.",
            next="Leave it out: how fast the line is is found out.",
        )
    else:
        setattr(options, name[2:], value)
