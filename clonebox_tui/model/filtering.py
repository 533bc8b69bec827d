"""The filter language of lists, the same behind `/` and `list --filter`.

A word is a regular expression, `!` in front is its inverse, `~` makes it fuzzy. For machines several words
must all hold, and `tag:`, `group:`, `state:`, `host:` and `note:` ask for something else than the name.
"""

import re
from collections.abc import Callable

from clonebox_tui.model.machine import Machine, State

Accepts = Callable[[str], bool]
AcceptsMachine = Callable[[Machine], bool]

_FIELDS: dict[str, Callable[[Machine], tuple[str, ...]]] = {
    "name": lambda machine: (machine.name,),
    "tag": lambda machine: machine.tags,
    "group": lambda machine: (machine.group,) if machine.group else (),
    "note": lambda machine: (machine.note,) if machine.note else (),
    "host": lambda machine: (machine.connection,),
    "state": lambda machine: (state_word(machine),),
}
FIELDS = tuple(_FIELDS)
"""What may stand before a colon."""


def state_word(machine: Machine) -> str:
    """The state as a word; a machine whose memory lies on disk is `saved`, one that its host had to pause
    is told with the reason."""
    if machine.trouble is not None:
        return machine.trouble.value
    return "saved" if machine.saved and machine.state is State.OFF else machine.state.value


def compile_filter(text: str) -> tuple[Accepts, str]:
    """A test for one text and a sentence on what is wrong with the filter (empty: nothing).

    Of a text of several lines one has to match; `^` and `$` are the ends of each. A broken expression is
    taken letter by letter, so that typing `[` never empties the list.
    """
    if text.startswith("!") and len(text) > 1:
        inner, fault = compile_filter(text[1:])
        return (lambda name: not inner(name)), fault
    if text.startswith("~"):
        return _fuzzy(text[1:]), ""
    try:
        search = re.compile(text, re.IGNORECASE | re.MULTILINE).search
    except re.error as error:
        plain = text.lower()
        return (lambda name: plain in name.lower()), f"not a regular expression: {error.msg}"
    return (lambda name: search(name) is not None), ""


def compile_machine_filter(text: str) -> tuple[AcceptsMachine, str]:
    """A test for machines, and a sentence on what is wrong, as `compile_filter`."""
    words = [_word(word) for word in text.split()]
    tests = [accepts for accepts, _ in words]
    return (lambda machine: all(accepts(machine) for accepts in tests)), next(
        (fault for _, fault in words if fault), ""
    )


def _word(word: str) -> tuple[AcceptsMachine, str]:
    """One word. `tag:` alone asks for any tag at all, `!tag:` for none."""
    inverse = word.startswith("!") and len(word) > 1
    field, colon, wanted = word[inverse:].partition(":")
    if not colon or field not in _FIELDS:
        field, wanted = "name", word[inverse:]
    values = _FIELDS[field]
    accepts, fault = compile_filter(wanted)
    return (lambda machine: any(map(accepts, values(machine))) is not inverse), fault


def _fuzzy(pattern: str) -> Accepts:
    letters = pattern.lower()

    def within(line: str) -> bool:
        rest = iter(line)
        return all(letter in rest for letter in letters)

    return lambda text: any(map(within, text.lower().splitlines() or [""]))
