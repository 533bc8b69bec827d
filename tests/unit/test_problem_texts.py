"""Every text of every problem in the product has one form: a sentence, and a step that exists."""

import ast
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import libvirt
import pytest

from clonebox_tui.model.problem import Code
from clonebox_tui.providers.libvirt import errors
from tests.unit.test_docs import assert_known

PRODUCT = Path(__file__).resolve().parents[2] / "clonebox_tui"
HOLE = "HOLE"
"""Stands for a value that is not known before the program runs."""
_NAMES = ("code", "what", "why", "next", "details")
_QUOTED = re.compile(r"`clonebox-tui ([^`]+)`")


@dataclass(frozen=True)
class Told:
    """One place where the product makes a problem; a text that is made elsewhere is None."""

    place: str
    what: str | None
    next: tuple[str, ...] | None


def _texts(node: ast.expr | None) -> tuple[str, ...] | None:
    """The texts an expression may give; None where that is not to be seen, () where there is none."""
    if node is None:
        return ()
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return (node.value,)
    if isinstance(node, ast.JoinedStr):
        return ("".join(str(each.value) if isinstance(each, ast.Constant) else HOLE for each in node.values),)
    if isinstance(node, ast.IfExp):
        both = [_texts(node.body), _texts(node.orelse)]
        return tuple(text for found in both for text in found or ())
    return None


def _told_in(path: Path) -> Iterator[Told]:
    text = path.read_text()
    if "roblem(" not in text:
        return
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        if node.func.id not in ("problem", "Problem") or path.name == "problem.py":
            continue
        given = dict(zip(_NAMES, node.args, strict=False))
        given |= {each.arg: each.value for each in node.keywords if each.arg}
        what = _texts(given.get("what"))
        yield Told(f"{path.name}:{node.lineno}", what[0] if what else None, _texts(given.get("next")))


TOLD = [told for path in sorted(PRODUCT.rglob("*.py")) for told in _told_in(path)]


def assert_sentence(text: str, place: str) -> None:
    """It begins like a sentence and ends cleanly."""
    assert text == text.strip(), f"{place}: space around {text!r}"
    assert not text[0].islower(), f"{place}: {text!r} begins in lower case"
    assert not re.search(r"[:;,]$|[.]{2}$|  ", text), f"{place}: {text!r} ends or is spaced oddly"


def test_the_product_tells_many_problems() -> None:
    assert len(TOLD) > 150


@pytest.mark.parametrize("told", TOLD, ids=lambda told: told.place)
def test_what_happened_is_a_sentence(told: Told) -> None:
    if told.what:
        assert_sentence(told.what, told.place)
        assert told.what[-1] in ".!?…)", f"{told.place}: {told.what!r} does not end as a sentence"


@pytest.mark.parametrize("told", TOLD, ids=lambda told: told.place)
def test_the_next_step_is_told_and_exists(told: Told) -> None:
    assert told.next != (), f"{told.place}: {told.what!r} does not say what to do next"
    for text in told.next or ():
        assert_sentence(text, told.place)
        _assert_commands(text)


def _assert_commands(text: str) -> None:
    for line in _QUOTED.findall(text):
        assert_known(shlex.split(line))
    rest = _QUOTED.sub("", text)
    assert "clonebox-tui " not in rest, f"{text!r}: a command stands between backticks"


def test_a_command_that_does_not_exist_is_noticed() -> None:
    with pytest.raises(AssertionError, match="no command"):
        _assert_commands("List them: `clonebox-tui lsit`.")


def test_every_code_is_raised_somewhere() -> None:
    table = PRODUCT / "model" / "problem.py"
    used = "".join(path.read_text() for path in PRODUCT.rglob("*.py") if path != table)
    assert [code for code in Code if f"Code.{code.name}" not in used] == []


NUMBERS = [getattr(libvirt, name) for name in dir(libvirt) if name.startswith("VIR_ERR_")]
WORDS = (
    "internal error: process exited: qemu: could not set up host forwarding rule 'tcp::80-:80'",
    "cannot write data: No space left on device",
    "cannot set up guest memory 'pc.ram': Cannot allocate memory",
    "State blocked by non-migratable device: 0000:00:05.0/vhost-user-fs",
    "unable to execute QEMU agent command 'guest-exec': failed",
    "Cannot acquire state change lock (held by monitor)",
)


class Refused(libvirt.libvirtError):
    """An error of libvirt with a number and words of our choice."""

    def __init__(self, number: int, words: str) -> None:
        super().__init__(words)
        self.number, self.words = number, words

    def get_error_code(self) -> int:
        """Its VIR_ERR number."""
        return self.number

    def get_error_message(self) -> str:
        """Its words."""
        return self.words


@pytest.mark.parametrize("number", sorted(set(NUMBERS)))
def test_every_error_of_libvirt_says_what_to_do_next(number: int) -> None:
    for words in ("it said so", *WORDS):
        failure = errors.translate(Refused(number, words), "Could not start web").problem
        assert failure.what == "Could not start web."
        assert failure.why == words
        assert_sentence(failure.next, failure.code)
        _assert_commands(failure.next)


@pytest.mark.parametrize("uri", ["qemu:///system", "test:///x", "qemu+ssh://host/system", "qemu:///session"])
@pytest.mark.parametrize("words", ["Permission denied", "unable to connect to server", "something else"])
def test_a_connection_that_cannot_be_opened_says_what_to_do_next(uri: str, words: str) -> None:
    failure = errors.connection_problem(Refused(libvirt.VIR_ERR_SYSTEM_ERROR, words), uri)
    assert_sentence(failure.next, uri)
    _assert_commands(failure.next)
