"""The commands that the pages show are run as they stand, in their order, on the simulated fleet."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.shell import Shell

pytestmark = pytest.mark.slow

_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)


def shown(page: Path) -> list[str]:
    """Lines of code blocks that call the program, without what they are piped into or say of themselves."""
    lines = [line for block in _BLOCK.findall(page.read_text()) for line in block.splitlines()]
    return [re.split(r" [|#]|  ", line)[0] for line in lines if line.startswith("clonebox-tui ")]


@pytest.fixture
def shell() -> Iterator[Shell]:
    """A home with the project that the pages speak of."""
    made = Shell("--demo")
    (made.root / "shop" / ".git").mkdir(parents=True)
    yield made
    made.close()


@pytest.mark.parametrize(("page", "least"), [("README.md", 3), ("docs/getting-started.md", 8)])
def test_what_a_page_shows_works(shell: Shell, checkout: Path, page: str, least: int) -> None:
    lines = shown(checkout / page)
    assert len(lines) >= least
    for line in lines:
        words = [word.replace("~", str(shell.root)) for word in shlex.split(line)[1:]]
        said = shell(*words)
        # What a command finds in the simulated guest is its own matter; 125 is a failure of ours.
        assert said.code != 125 if words[0] == "exec" else said.code == 0, (line, said)
