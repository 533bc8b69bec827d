"""Files and folders have the modes they should have, whatever the umask of who starts the program."""

import contextlib
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clonebox_tui.model.places import Places, places
from clonebox_tui.tui.breaking import write_down
from clonebox_tui.tui.own_files import write_setting
from tests.guests.places import open_to_all
from tests.worker.conftest import alive, ended, worker_pid

UMASKS = (0o000, 0o022, 0o077, 0o777)
_NOBODY = 65534


def not_private(folder: Path) -> dict[str, str]:
    """Mode by path, below `folder`: what is not 0700 (folders) or 0600 (all else)."""
    wrong = {}
    for path in [folder, *folder.rglob("*")]:
        with contextlib.suppress(FileNotFoundError):  # SQLite's files come and go
            found = path.lstat().st_mode
            if stat.S_IMODE(found) != (0o700 if stat.S_ISDIR(found) else 0o600):
                wrong[str(path)] = oct(found)
    return wrong


@pytest.fixture
def user(checkout: Path) -> int:
    """Who starts the program: an ordinary user where this may be tried, since no mode stops root."""
    reachable = open_to_all(checkout) and open_to_all(Path(sys.executable).parent)
    return _NOBODY if os.geteuid() == 0 and reachable else os.geteuid()


@pytest.fixture
def home(world: Path, user: int) -> Iterator[Path]:
    """An empty home of that user; the demo's worker there is killed in the end."""
    world.chmod(0o755)
    made = world / "own"
    made.mkdir(0o700)
    os.chown(made, user, -1)
    yield made
    pid = worker_pid(_places(made, user))
    if pid and alive(pid):
        os.kill(pid, signal.SIGKILL)
        ended(pid)


def _environment(home: Path) -> dict[str, str]:
    return {"HOME": str(home), "PATH": os.environ["PATH"], "CLONEBOX_RUNTIME_DIR": str(home / "run")}


def _places(home: Path, user: int) -> Places:
    return places(_environment(home), user, demo=True)


@pytest.mark.parametrize("umask", UMASKS, ids=oct)
def test_all_that_a_first_command_makes_is_the_user_s_alone(home: Path, user: int, umask: int) -> None:
    """State, lock, log, database, socket, and every folder above them that was missing."""
    said = subprocess.run(
        [sys.executable, "-P", "-m", "clonebox_tui", "--demo", "--machines", "2", "list"],
        env=_environment(home), cwd="/", umask=umask, user=user, extra_groups=[],
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    where = _places(home, user)
    made = (where.socket, where.lock, where.database, where.worker_log, where.state / "worker.out")
    assert [path for path in made if not path.exists()] == []
    assert not_private(home) == {}
    assert stat.S_ISSOCK(where.socket.stat().st_mode)


@pytest.mark.parametrize("umask", UMASKS, ids=oct)
def test_what_the_cockpit_writes_is_the_user_s_alone(world: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        write_down(ValueError("x"), world / "own/deep/state/cockpit.log")
        write_setting(world / "own/deep/config/config.toml", "theme", "dark")
    finally:
        os.umask(before)
    assert (world / "own/deep/config/config.toml").read_text() == 'theme = "dark"\n'
    assert not_private(world / "own") == {}


def test_a_log_that_others_could_read_is_closed_to_them(world: Path) -> None:
    log = world / "cockpit.log"
    log.write_text("from before\n")
    log.chmod(0o644)
    write_down(ValueError("x"), log)
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
