"""What the cockpit imports before its first picture is written down: each module makes every start slower."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.bench.terminal import Terminal
from tests.bench.world import FIRST_NAME, World

_LIST = Path(__file__).with_name("first_picture.txt")

_ADVICE = f"""The cockpit has begun to import these before its first picture: %s.
One of ours costs every start 0.1 to 0.8 ms, a package of others up to 50 ms. Import it where it is first
used: inside the function that needs it, or, as a whole part of the cockpit, in tui/late_parts.py. What is
asked of the worker later comes from model/rpc.py inside functions; model/opening.py has what is asked first.
`python -X importtime -c "import clonebox_tui.tui.face"` tells who imports whom. If the list itself cannot
be drawn without it, add it to {_LIST.name}, and look at the price: make bench ARGS="start"."""


def _allowed() -> set[str]:
    return {line for line in _LIST.read_text().splitlines() if line and not line.startswith("#")}


def _counted(name: str) -> str:
    """Our modules count one by one, those of others as packages."""
    package = name.partition(".")[0]
    return name if package == "clonebox_tui" else package


def _of_python_itself() -> set[str]:
    """Its library, which differs between its versions, and what an environment brings to every start."""
    answer = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    return {*sys.stdlib_module_names, *answer.stdout.split(), "__main__", "__mp_main__", "tests"}


@pytest.mark.slow
def test_nothing_new_is_imported_before_the_first_picture(tmp_path: Path) -> None:
    file = tmp_path / "modules"
    with World(12) as world:
        world.start_worker()
        program = (sys.executable, "-m", "tests.architecture.first_picture", str(file))
        with Terminal((*program, *world.cockpit[3:]), world.environment) as terminal:
            terminal.wait_for_word(FIRST_NAME)
            # The panes that come after the list tell that it has been written down what that needed.
            terminal.wait_for_word(b"Snapshots")
            terminal.leave()
    loaded = {_counted(name) for name in file.read_text().split()} - _of_python_itself()
    assert {"clonebox_tui.tui.screens.cockpit", "textual"} <= loaded
    new = sorted(loaded - _allowed())
    if new:
        pytest.fail(_ADVICE % ", ".join(new), pytrace=False)


def test_the_list_of_the_first_picture_names_modules_that_there_are() -> None:
    gone = sorted(name for name in _allowed() if find_spec(name) is None)
    assert gone == [], f"take them out of {_LIST.name}"
