"""Every command of the program runs in the demo and ends as documented; a new one needs a row here."""

import json
import re
from pathlib import Path

import click
import pytest

from clonebox_tui.cli.main import cli, main
from tests.cli.reference import commands as leaves
from tests.cli.shell import Shell

ROWS: dict[str, list[tuple[str, int]]] = {
    "list": [
        ("list", 0),
        ("list --json", 0),
        ("list --tag web --group shop", 0),
        ("list --filter state:running --json", 0),
        ("list --filter [", 2),
    ],
    "show": [("show web-dev", 0), ("show web-dev --json", 0), ("show web-dev --definition", 0)],
    "start": [("start scratch", 0), ("start scratch --json", 4)],
    "stop": [("stop queue", 0)],
    "kill": [("kill cache", 4), ("kill cache --yes --json", 0)],
    "pause": [("pause db --json", 0)],
    "resume": [("resume old-ci", 0)],
    "reboot": [("reboot staging --no-wait", 0)],
    "delete": [
        ("delete docs --plan", 0),
        ("delete docs", 4),
        ("delete docs --yes", 0),
        ("show docs", 3),
        ("delete docs --disks", 2),
        ("clone project --yes --wait --name purged", 0),
        ("delete purged --purge --yes --json", 0),
    ],
    "trash list": [("trash list", 0), ("trash list --json", 0)],
    "trash restore": [
        ("clone project --yes --wait --name thrown", 0),
        ("delete thrown --yes --json", 0),
        ("trash restore thrown --plan", 0),
        ("trash restore thrown --name again --json", 0),
        ("show again", 0),
        ("trash restore thrown", 3),
    ],
    "trash purge": [
        ("trash purge", 2),
        ("clone project --yes --wait --name doomed", 0),
        ("delete doomed --yes", 0),
        ("trash purge doomed --plan --json", 0),
        ("trash purge --all", 4),
        ("trash purge --all --yes --json", 0),
        ("trash restore doomed", 3),
    ],
    "undo": [
        ("tag build +undone", 0),
        ("undo --plan --json", 0),
        ("undo", 0),
        ("undo absent", 3),
    ],
    "redo": [
        ("tag staging +again", 0),
        ("undo --json", 0),
        ("redo --plan", 0),
        ("redo --yes", 0),
        ("redo", 4),
    ],
    "history": [("history", 0), ("history --json", 0)],
    "tag": [
        ("tag web-dev", 0),
        ("tag web-dev +new -web", 0),
        ("tag web-dev db +https -h2 --json", 0),
        ("tag web-dev +https", 0),
        ("tag +web", 2),
        ("tag absent +x", 3),
        ("tag db +a,b", 2),
    ],
    "group": [("group api", 0), ("group api other", 0), ("group api --clear", 0), ("group api x --clear", 2)],
    "note": [("note api text", 0), ("note api", 0), ("note api --clear --json", 0), ("note absent", 3)],
    "detect": [("detect .", 0)],
    "clone": [
        ("clone project --plan", 0),
        ("clone project --plan --json --name planned", 0),
        ("clone project", 4),
        ("clone project --yes --json --name made", 0),
        ("clone absent --yes", 2),
    ],
    "create": [("create -f project/.clonebox.yaml --plan", 0), ("create -f absent.yaml", 2)],
    "exec": [
        ("exec web-dev -- hostname", 0),
        ("exec --json web-dev -- false", 1),
        ("exec web-dev --on api --json -- true", 0),
        ("exec absent -- true", 125),
    ],
    "console": [("console web-dev", 2)],
    "ssh": [("ssh web-dev --print", 6)],
    "ls": [("ls web-dev:/etc", 0), ("ls web-dev:/ --json", 0), ("ls web-dev:/absent", 3), ("ls /etc", 2)],
    "cp": [
        ("cp web-dev:/etc/os-release . --plan --json", 0),
        ("cp web-dev:/etc/os-release .", 0),
        ("cp web-dev:/etc/os-release .", 4),
        ("cp os-release web-dev:/tmp --json", 0),
        ("cp web-dev:/tmp/os-release absent/folder", 3),
        ("cp project web-dev:/tmp", 6),
        ("cp a b", 2),
    ],
    "snapshot list": [("snapshot list web-dev", 0), ("snapshot list --json web-dev", 0)],
    "snapshot tree": [("snapshot tree web-dev", 0), ("snapshot tree --json web-dev", 0)],
    "snapshot show": [("snapshot show web-dev base", 0), ("snapshot show web-dev absent", 3)],
    "snapshot create": [
        ("snapshot create build --name mine --plan", 0),
        ("snapshot create build --name mine --description why --json", 0),
        ("snapshot create build --name settled --settle", 0),
        ("snapshot create build --name a/b", 2),
    ],
    "snapshot diff": [
        ("snapshot diff web-dev base", 0),
        ("snapshot diff web-dev base before-upgrade --text --path /etc --json", 0),
        ("snapshot diff web-dev base base", 2),
        ("snapshot diff web-dev absent", 3),
        ("snapshot diff web-dev base --path etc", 2),
    ],
    "snapshot cat": [
        ("snapshot cat web-dev base /etc/hostname", 0),
        ("snapshot cat web-dev base /etc/hostname --json", 0),
        ("snapshot cat web-dev base /absent", 3),
    ],
    "snapshot get": [
        ("snapshot get web-dev base /etc/hostname name --plan --json", 0),
        ("snapshot get web-dev base /etc/hostname name", 0),
        ("snapshot get web-dev base /etc/hostname name", 4),
        ("snapshot get web-dev base /etc/hostname web-dev:/root/name --json", 0),
    ],
    "fork": [
        ("fork web-dev base --name past --plan", 0),
        ("fork web-dev base --name past --json", 0),
        ("fork web-dev --name many --count 2 --start", 0),
        ("fork web-dev --name past", 4),
        ("fork web-dev absent --name other", 3),
    ],
    "bisect": [
        ("bisect web-dev --good base --plan -- true", 0),
        ("bisect web-dev --good base -- test ! -e /etc/hostname", 0),
        ("bisect web-dev --good base --bad absent -- true", 3),
        ("bisect web-dev --good base", 2),
    ],
    "snapshot policy": [
        ("snapshot policy cache", 0),
        ("snapshot policy cache --every 6 --keep-daily 7", 0),
        ("snapshot policy cache --json", 0),
        ("snapshot policy cache --before-risky --keep-before 2", 0),
        ("snapshot policy cache --before-risky --keep-before 0", 2),
        ("snapshot policy cache --every 0.01", 2),
        ("snapshot policy cache --off --every 1", 2),
        ("snapshot policy cache --off --json", 0),
    ],
    "snapshot restore": [
        ("snapshot restore metrics base --plan --json", 0),
        ("snapshot restore metrics base", 4),
        ("snapshot restore metrics absent --yes", 3),
    ],
    "snapshot delete": [
        ("snapshot delete web-dev experiment", 4),
        ("snapshot delete web-dev experiment --yes --json", 0),
        ("snapshot list web-dev --all", 0),
        ("snapshot show web-dev experiment", 3),
        ("trash list", 0),
        ("trash restore web-dev/experiment", 0),
        ("snapshot delete web-dev experiment --purge --yes --json", 0),
        ("trash restore web-dev/experiment", 3),
    ],
    "logs": [("logs api", 0), ("logs api -n 3 --json", 0), ("logs api --source absent", 3)],
    "why": [("why web-dev", 0), ("why scratch --json", 0), ("why absent", 3)],
    "monitor": [
        ("monitor api --samples 1", 0),
        ("monitor --samples 1 --json", 0),
        ("monitor --host --samples 1 --json", 0),
        ("monitor api --host", 2),
    ],
    "image list": [("image list", 0), ("image list --json", 0)],
    "image build": [("image build --suite bookworm", 6)],
    "image import": [("image import /nonexistent.qcow2", 3)],
    "image remove": [("image remove absent --yes", 6)],
    "job list": [("job list", 0), ("job list --json", 0)],
    "job show": [("job show absent", 3)],
    "job log": [("job log absent", 3)],
    "job wait": [("job wait absent", 3)],
    "job cancel": [("job cancel absent", 3)],
    "job rerun": [("job rerun absent", 3), ("job rerun absent --plan", 3)],
    "config check": [("config check", 3), ("config check project", 0), ("config check project --json", 0)],
    "config schema": [("config schema", 0)],
    "doctor": [("doctor", 0), ("doctor --json", 0)],
    "connection list": [("connection list", 0), ("connection list --json", 0)],
    "connection add": [
        ("connection add simulated://other?machines=2&seed=9 --json", 0),
        ("connection add qemu:///system", 2),
        ("connection add nonsense", 2),
    ],
    "connection remove": [
        ("connection add simulated://other?machines=2&seed=9", 0),
        ("connection remove simulated://other?machines=2&seed=9 --json", 0),
        ("connection remove simulated://other?machines=2&seed=9", 3),
    ],
    "connection trust": [("connection trust qemu:///system", 2), ("connection trust ssh://", 2)],
    "worker run": [],
    "worker status": [("worker status", 0), ("worker status --json", 0)],
    "worker stop": [],
    "worker restart": [],
    "worker describe": [("worker describe", 0)],
    "worker dial": [],
    "completion": [
        ("completion bash", 0),
        ("completion zsh", 0),
        ("completion fish", 0),
        ("completion x", 2),
    ],
}
"""Command to the lines that are run in the demo, in this order, and how each ends; empty: elsewhere."""

FILE = "version: '1'\nvm:\n  name: from-file\n"
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


COMMANDS = dict(leaves(cli))


def test_every_command_has_a_row() -> None:
    assert set(COMMANDS) == set(ROWS)


@pytest.mark.slow
@pytest.mark.parametrize("command", [name for name, lines in ROWS.items() if lines])
def test_command_ends_as_documented(command: str, demo: Shell) -> None:
    (demo.root / "project").mkdir(exist_ok=True)
    (demo.root / "project" / ".clonebox.yaml").write_text(FILE)
    for line, code in ROWS[command]:
        words = line.split()
        said = demo(*words)
        assert said.code == code, (line, said)
        if code == 0:
            assert said.stdout, line
        else:
            assert said.stderr or said.stdout, line
        if "--json" in words and said.stdout:
            check_json(said.stdout)


@pytest.mark.parametrize("command", list(COMMANDS))
def test_help_tells_all_at_80_columns(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main([*command.split(), "--help"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"Usage: clonebox-tui {command} ")
    assert max(map(len, text.splitlines())) <= 80
    for parameter in COMMANDS[command].params:
        if isinstance(parameter, click.Option):
            assert parameter.opts[-1] in text
            assert parameter.help, f"{command} {parameter.name} says nothing about itself"


# To exec and ssh, words that are not ours belong to the guest's command.
@pytest.mark.parametrize("command", sorted(COMMANDS.keys() - {"exec", "ssh"}))
def test_unknown_option_is_wrong_usage(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command.split(), "--nonsense"]) == 2
    said = capsys.readouterr()
    assert "--nonsense" in said.err
    assert not said.out


def check_json(data: bytes) -> None:
    """One object with a plural key; every time in it is RFC 3339 in UTC."""
    document = json.loads(data)
    first = next(iter(document))
    assert first.endswith("s") or first == "branches"
    assert isinstance(document[first], list)
    check_times(document)


def check_times(value: object) -> None:
    """Every value whose key says that it is a time is one."""
    if isinstance(value, list):
        for each in value:
            check_times(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if (key.endswith("_at") or key == "time") and each is not None:
                assert RFC_3339.fullmatch(each), (key, each)
            check_times(each)


def test_what_was_rendered_is_a_project_file(demo: Shell, folder: Path) -> None:
    said = demo("detect", str(folder), "--yaml")
    (folder / ".clonebox.yaml").write_text(said.text)
    assert demo("config", "check", str(folder)).code == 0
