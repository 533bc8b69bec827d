"""docs/cli.md says what the parser takes and what the commands print."""

from clonebox_tui.model.problem import Exit
from tests.cli import test_json
from tests.cli.reference import PAGE, page


def test_commands_and_options_are_those_of_the_parser() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.cli.reference"


def test_every_exit_code_is_told() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for code in Exit:
        assert f"| {code.value} |" in text


def test_every_key_is_told() -> None:
    text = PAGE.read_text(encoding="utf-8")
    keys = set().union(
        test_json.MACHINE, test_json.DETAILS, test_json.SNAPSHOT, test_json.JOB, test_json.PLAN,
        test_json.SAMPLE_OF_MACHINE, test_json.HOST, test_json.WORKER,
        *(fields for _, fields in test_json.KEYS.values()),
    )  # fmt: skip
    assert [key for key in sorted(keys) if f"`{key}`" not in text] == []
