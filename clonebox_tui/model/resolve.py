"""Which machine a person means by `M`: a name, `connection/name`, an id, or the beginning of a UUID."""

from collections.abc import Iterable

from clonebox_tui.model.machine import Machine
from clonebox_tui.model.problem import Code, problem

SHORTEST_PREFIX = 4
"""Fewer characters of a UUID are a slip rather than a choice."""


def resolve(text: str, machines: Iterable[Machine]) -> Machine:
    """The machine meant; AMBIGUOUS with the candidates, or MACHINE_NOT_FOUND with the nearest names.

    A full id or name wins over the beginning of a UUID.
    """
    known = list(machines)
    for found in (
        [each for each in known if each.id == text],
        [each for each in known if each.name == text or f"{each.connection}/{each.name}" == text],
        [each for each in known if _begins(each.uuid, text)],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            raise problem(
                Code.AMBIGUOUS,
                f"{text} may be any of {len(found)} machines.",
                next="Say which: CONNECTION/NAME, or more of the UUID.",
                details=tuple(f"{each.connection}/{each.name}  {each.uuid}" for each in found),
            )
    near = _nearest(text, known)
    raise problem(
        Code.MACHINE_NOT_FOUND,
        f"There is no machine {text}.",
        why=f"Nearest: {', '.join(near)}." if near else "",
        next="List the machines: `clonebox-tui list`.",
        details=near,
    )


def _begins(uuid: str, text: str) -> bool:
    digits = text.lower().replace("-", "")
    return len(digits) >= SHORTEST_PREFIX and uuid.lower().replace("-", "").startswith(digits)


def _nearest(text: str, machines: list[Machine]) -> tuple[str, ...]:
    # Only needed after a mistake: front ends start without it.
    from difflib import get_close_matches

    names = {each.name.lower(): each.name for each in machines}
    return tuple(names[near] for near in get_close_matches(text.lower(), names, n=3, cutoff=0.6))
