"""The pages tell the truth: links lead somewhere, commands exist, every code has its entry, examples work."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from clonebox_tui import config
from clonebox_tui.cli.main import cli
from clonebox_tui.model.environment import GuestUser
from clonebox_tui.model.problem import Code, Exit, Problem
from clonebox_tui.tui.action import key_text
from clonebox_tui.tui.actions import ACTIONS

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "examples").glob("*.md")])
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_TARGET = re.compile(r"\bmake ([a-z][a-z-]+)")


def anchor_of(heading: str) -> str:
    """How a forge names the place of a heading."""
    kept = re.sub(r"[^\w\s-]", "", heading.replace("`", "").lower())
    return re.sub(r"\s", "-", kept.strip())


def anchors_of(page: Path) -> set[str]:
    return {anchor_of(line.lstrip("# ")) for line in page.read_text().splitlines() if line.startswith("#")}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(page.read_text()):
        if link.startswith(("http://", "https://")):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{page.name} links to {link}"
        assert not anchor or anchor in anchors_of(target), f"{page.name} links to {link}"


def command_lines(text: str) -> Iterator[str]:
    """What is shown as a command: whole lines of code blocks, and code in a sentence."""
    fenced = re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE))
    for line in [*(line for block in fenced for line in block.splitlines()), *inline]:
        _, found, rest = line.partition("clonebox-tui ")
        if found and not line.startswith(("git ", "cd ")):
            yield re.split(r" [|#>]", rest)[0].strip()


def assert_known(words: list[str]) -> None:
    """Follow words through the tree of commands as click does; what is not there fails."""
    known: click.Command = cli
    context = click.Context(known)
    rest = iter(words)
    for word in rest:
        if word == "--":
            return
        if word.startswith("-"):
            name = word.partition("=")[0]
            options = {
                name: each for each in known.get_params(context) for name in each.opts + each.secondary_opts
            }
            assert name in options, f"`{' '.join(words)}`: no option {name}"
            option = options[name]
            assert isinstance(option, click.Option)
            if not option.is_flag and "=" not in word:
                assert next(rest, None) is not None, f"`{' '.join(words)}`: {name} wants a value"
        elif isinstance(known, click.Group):
            found = known.get_command(context, word)
            assert found is not None, f"`{' '.join(words)}`: no command {word}"
            known, context = found, click.Context(found)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_that_are_shown_exist(page: Path) -> None:
    for line in command_lines(page.read_text()):
        assert_known(shlex.split(line))


def test_a_command_that_does_not_exist_is_noticed() -> None:
    lines = list(command_lines("Say `clonebox-tui lsit`.\n```sh\nX=1 clonebox-tui list --jsno # no\n```\n"))
    assert lines == ["list --jsno", "lsit"]
    for line in lines:
        with pytest.raises(AssertionError, match=r"no (command|option)"):
            assert_known(shlex.split(line))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_targets_of_make_that_are_shown_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    shown = [target for line in re.findall(r"`([^`\n]+)`|^(make .*)$", page.read_text(), re.MULTILINE)
             for target in _TARGET.findall("".join(line))]  # fmt: skip
    assert set(shown) <= targets


def codes_by_exit() -> dict[int, set[str]]:
    """What the page of errors lists, by the exit code of the section."""
    listed: dict[int, set[str]] = {}
    section = -1
    for line in (ROOT / "docs" / "troubleshooting.md").read_text().splitlines():
        if line.startswith("## "):
            found = re.match(r"## Exit code (\d+)", line)
            section = int(found[1]) if found else -1
        elif line.startswith("### "):
            listed.setdefault(section, set()).add(line.removeprefix("### "))
    return listed


def test_every_code_has_its_entry_under_its_exit_code_and_there_is_no_other() -> None:
    expected: dict[int, set[str]] = {}
    for code in Code:
        expected.setdefault(int(Problem(code, "").exit_code), set()).add(code.value)
    assert codes_by_exit() == expected
    assert set(expected) <= {int(each) for each in Exit}


@pytest.mark.parametrize("variable", ["CLONEBOX_", "NO_COLOR"])
def test_every_variable_the_program_reads_is_listed(variable: str) -> None:
    listed = (ROOT / "docs" / "where-things-lie.md").read_text()
    for source in (ROOT / "clonebox_tui").rglob("*.py"):
        for name in re.findall(rf"(?<![A-Z_]){variable}[A-Z_]*[A-Z]", source.read_text()):
            assert name in listed, f"{source.name} reads {name}"


def test_the_keys_in_the_readme_are_those_of_the_cockpit() -> None:
    table = (ROOT / "README.md").read_text().partition("## Keys")[2].partition("## Headless")[0]
    shown = set(re.findall(r"`([^`]+)`", table))
    for action in ACTIONS:
        keys = {key_text(key) for key in action.keys}
        hidden = action.id in ("previous-pane", "pane-details", "pane-snapshots")
        assert hidden or not keys or keys & shown, f"{action.id} ({keys}) is not in the README"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_can_be_used_as_it_stands(path: Path) -> None:
    report = config.check(path, {"HOME": "/home/mia"})
    assert not report.faults, [fault.text() for fault in report.faults]
    loaded = config.load(path, {"HOME": "/home/mia"}, user=GuestUser("mia", 1000))
    assert loaded.wish.name.startswith("clone-")


def test_the_table_of_examples_names_each() -> None:
    table = (ROOT / "examples" / "README.md").read_text()
    assert len(EXAMPLES) >= 5
    assert set(re.findall(r"\]\((\w[\w-]*\.yaml)\)", table)) == {path.name for path in EXAMPLES}
