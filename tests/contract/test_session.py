"""The session connection of an ordinary user: its own machines, folders by 9p, snapshots with memory."""

import json
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guests.accounts import remove_account
from tests.guests.domain import unique_name
from tests.guests.micro import MicroGuest

pytestmark = [pytest.mark.qemu, pytest.mark.system]


@pytest.fixture
def user() -> Iterator[pwd.struct_passwd]:
    """An account of its own, with a home; everything it runs is ended and it is removed afterwards."""
    name = unique_name("cbl")[:16]
    subprocess.run(["useradd", "--create-home", name], check=True)
    account = pwd.getpwnam(name)
    yield account
    remove_account(name, account.pw_uid)


def test_an_ordinary_user_has_machines_of_their_own(
    user: pwd.struct_passwd, micro_guest: MicroGuest, micro_disk: Path, checkout: Path
) -> None:
    home = Path(user.pw_dir)
    shutil.copyfile(micro_disk, home / "disk.qcow2")
    shutil.chown(home / "disk.qcow2", user.pw_uid, user.pw_gid)
    (home / "run").mkdir(mode=0o700)
    shutil.chown(home / "run", user.pw_uid, user.pw_gid)
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "XDG_RUNTIME_DIR": str(home / "run")}
    numbers = [str(user.pw_uid), str(user.pw_gid)]
    files = [str(home), str(micro_guest.kernel), str(micro_guest.initrd)]
    program = [sys.executable, "-m", "tests.contract.session_user", *numbers, *files]
    ended = subprocess.run(
        program, cwd=checkout, env=environment, capture_output=True, text=True, timeout=800, check=False
    )
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert "9p" in told["capabilities"]
    assert "virtiofs" not in told["capabilities"]
    assert (told["busy"], told["mark"]) == ("share-busy", "before\n")
    assert told["log"] > 0
    assert told["qemu log"] > 0
    assert told["started"] is not None
    # What a guest writes into a shared folder belongs to the user.
    assert (home / "a shared folder" / "file").read_text() == "guest\n"
    assert (home / "a shared folder" / "file").stat().st_uid == user.pw_uid
