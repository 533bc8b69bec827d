"""The command line picks the right front end, and --version answers without loading either."""

import subprocess
import sys

import pytest

from clonebox_tui import __version__
from clonebox_tui.__main__ import wants_cockpit


@pytest.mark.parametrize(
    ("line", "cockpit"),
    [
        ("", True),
        ("--demo", True),
        ("--demo --machines 5000", True),
        ("--connect test:///default", True),
        ("--connect=test:///default --readonly", True),
        ("list", False),
        ("--demo list", False),
        ("--connect test:///default list --json", False),
        ("--help", False),
        ("--demo --help", False),
        ("list --help", False),
    ],
)
def test_a_command_goes_to_the_headless_front_end_and_all_else_to_the_cockpit(
    line: str, cockpit: bool
) -> None:
    assert wants_cockpit(line.split()) is cockpit


def test_version_is_printed_without_loading_a_front_end() -> None:
    script = (
        "import sys; from clonebox_tui.__main__ import main; code = main(['--version']);"
        "print(sorted({'textual', 'click', 'clonebox_tui.cli', 'clonebox_tui.tui'} & set(sys.modules)), code)"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines() == [f"clonebox-tui {__version__}", "[] 0"]
