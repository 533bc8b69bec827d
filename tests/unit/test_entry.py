"""The command line picks the right front end, and --version answers without loading either."""

import subprocess
import sys

import pytest
from click import Option

from clonebox_tui import __main__ as entry
from clonebox_tui import __version__
from clonebox_tui.__main__ import wants_cockpit
from clonebox_tui.cli import main as headless
from clonebox_tui.tui import options


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


def test_both_front_ends_agree_which_options_take_a_value() -> None:
    of_commands = {
        name
        for parameter in headless.cli.params
        if isinstance(parameter, Option) and not parameter.is_flag
        for name in parameter.opts
    }
    assert options._VALUES == entry._GLOBAL_OPTIONS_WITH_VALUE
    assert of_commands <= entry._GLOBAL_OPTIONS_WITH_VALUE


def test_a_shell_that_asks_for_completions_gets_words_and_no_cockpit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(headless.COMPLETION_VARIABLE, "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "clonebox-tui paus")
    monkeypatch.setenv("COMP_CWORD", "1")
    answer = subprocess.run(
        [sys.executable, "-m", "clonebox_tui"], capture_output=True, text=True, check=False, timeout=60
    )
    assert answer.stdout.splitlines() == ["plain,pause"], answer.stderr
