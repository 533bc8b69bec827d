"""The scripts that end a guest's command, run by every shell that may be `sh` in a guest."""

import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from clonebox_tui.guest import execution, wrapper

SHELLS = [words for words in (["dash"], ["bash"], ["busybox", "sh"]) if shutil.which(words[0])]
SECONDS = 60.0


@pytest.fixture(params=SHELLS, ids=" ".join)
def shell(request: pytest.FixtureRequest) -> list[str]:
    """How one of them is started."""
    return list(request.param)


def _group(script: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        ["sh", "-c", f"{script}; echo ready; sleep 600; sleep 600"],
        start_new_session=True,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


@pytest.mark.parametrize(
    ("script", "end"), [("true", signal.SIGTERM), ("trap '' TERM", signal.SIGKILL)], ids=["asked", "killed"]
)
def test_a_group_is_asked_first_and_killed_then(shell: list[str], script: str, end: signal.Signals) -> None:
    process = _group(script)
    with process:
        subprocess.run(
            [*shell, "-c", execution._KILL, "sh", str(process.pid)], check=True, stderr=subprocess.PIPE
        )
        assert process.wait(SECONDS) == -end
        assert process.stdout is not None
        assert process.stdout.read() == b""  # and nobody of the group holds it any more


def test_what_a_dead_worker_left_is_ended_with_its_folders(shell: list[str], tmp_path: Path) -> None:
    process = _group("true")
    with process:
        for name in ("clonebox-a-1", "clonebox-b-1"):
            (tmp_path / name).mkdir()
        (tmp_path / "clonebox-a-1" / "group").write_text(f"{process.pid}\n")
        subprocess.run([*shell, "-c", wrapper.END_ALL, "sh", str(tmp_path / "clonebox-a")], check=True)
        assert process.wait(SECONDS) == -signal.SIGKILL
    assert [path.name for path in tmp_path.iterdir()] == ["clonebox-b-1"]
