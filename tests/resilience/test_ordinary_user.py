"""An ordinary user outside the group libvirt: all of it on qemu:///session, and a plain no elsewhere."""

import json
import pwd
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.guests.accounts import remove_account
from tests.guests.domain import unique_name
from tests.guests.places import open_to_all

pytestmark = [pytest.mark.qemu, pytest.mark.system]

PROJECT = """version: '1'
vm: {{name: cbx-user, vcpus: 1, ram_mb: 768, disk_size_gb: 4, username: {name}, uid: {uid}}}
paths:
  {home}/proj: {home}/proj
packages: []
services: []
"""


@dataclass(frozen=True)
class Account:
    """A user of its own, and a way to run the program as that user, as after a login."""

    entry: pwd.struct_passwd

    @property
    def home(self) -> Path:
        """The home folder."""
        return Path(self.entry.pw_dir)

    def run(self, *words: str, timeout_seconds: float = 240) -> "subprocess.CompletedProcess[str]":
        """`clonebox-tui WORDS`, in a folder of the user's."""
        name = self.entry.pw_name
        become = ("setpriv", "--reuid", name, "--regid", str(self.entry.pw_gid), "--init-groups")
        return subprocess.run(
            [*become, sys.executable, "-P", "-m", "clonebox_tui", *words],
            cwd=self.home / "proj",
            env={"HOME": str(self.home), "USER": name, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=timeout_seconds,
            check=False,
        )

    def done(self, *words: str, timeout_seconds: float = 240) -> str:
        """The same, which must succeed; what it said."""
        ended = self.run(*words, timeout_seconds=timeout_seconds)
        assert ended.returncode == 0, (words, ended.stdout, ended.stderr)
        assert "Traceback" not in ended.stderr
        return ended.stdout


@pytest.fixture
def account(checkout: Path) -> Iterator[Account]:
    """An account with a project folder; all it runs is ended, and it is removed afterwards."""
    if not (open_to_all(checkout) and open_to_all(Path(sys.executable).parent)):
        pytest.skip("another user cannot reach this checkout")
    name = unique_name("cbr")[:16]
    subprocess.run(["useradd", "--create-home", name], check=True)
    entry = pwd.getpwnam(name)
    (Path(entry.pw_dir) / "proj").mkdir()
    shutil.chown(Path(entry.pw_dir) / "proj", entry.pw_uid, entry.pw_gid)
    yield Account(entry)
    remove_account(name, entry.pw_uid)
    shutil.rmtree(f"/tmp/clonebox-{entry.pw_uid}", ignore_errors=True)


def test_the_program_starts_and_says_what_this_user_may(account: Account) -> None:
    assert "No machines yet" in account.done("list")
    survey = json.loads(account.done("doctor", "--json"))["checks"]
    checks = {check["name"]: check for check in survey}
    assert checks["connection"]["found"].startswith("qemu:///session")
    assert checks["connection"]["state"] == "ok"
    assert str(account.home) in checks["folder"]["found"]
    assert {"newuidmap", "fakeroot"} <= set(checks)
    refused = account.run("--connect", "qemu:///system", "list", "--json")
    assert refused.returncode in (4, 6), refused
    fault = json.loads(refused.stderr.splitlines()[0])["problems"][0]
    assert fault["code"] == "permission-denied"
    assert "group libvirt" in fault["next"]
    assert "qemu:///session" in fault["next"]


def test_a_socket_one_may_not_open_is_a_missing_right(account: Account) -> None:
    with socket.socket(socket.AF_UNIX) as closed, tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        path = f"{folder}/libvirt-sock"
        closed.bind(path)
        closed.listen()
        Path(path).chmod(0o600)
        refused = account.run("--connect", f"qemu+unix:///system?socket={path}", "list", "--json")
    fault = json.loads(refused.stderr.splitlines()[0])["problems"][0]
    assert fault["code"] == "permission-denied"
    assert "Permission denied" in fault["why"]
    assert "group libvirt" in fault["next"]


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_a_clone_of_their_own_from_the_first_boot_to_the_last(account: Account, base_image: Path) -> None:
    images = account.home / ".local/share/clonebox/images"
    shutil.copytree(base_image, images / base_image.name)
    entry = account.entry
    text = PROJECT.format(name=entry.pw_name, uid=entry.pw_uid, home=account.home)
    (account.home / "proj/.clonebox.yaml").write_text(text)
    (account.home / "proj/marker").write_text("here\n")
    subprocess.run(["chown", "-R", f"{entry.pw_uid}:{entry.pw_gid}", str(account.home)], check=True)
    account.done("clone", ".", "--yes", "--wait", timeout_seconds=1200)
    marker = str(account.home / "proj/marker")
    assert account.done("exec", "cbx-user", "--", "cat", marker) == "here\n"
    account.done("exec", "cbx-user", "--", "touch", str(account.home / "proj/made"))
    made = (account.home / "proj/made").stat()
    assert (made.st_uid, stat.S_IMODE(made.st_mode)) == (entry.pw_uid, 0o644)
    assert f"uid={entry.pw_uid}" in account.done("ssh", "cbx-user", "--", "id")
    account.done("snapshot", "create", "cbx-user", "--name", "one", timeout_seconds=240)
    account.done("exec", "cbx-user", "--", "touch", "/root/after")
    account.done("snapshot", "restore", "cbx-user", "one", "--yes", timeout_seconds=400)
    assert account.run("exec", "cbx-user", "--", "ls", "/root/after").returncode == 2
    assert account.done("exec", "cbx-user", "--", "cat", marker) == "here\n"
    account.done("kill", "cbx-user", "--yes")
    account.done("delete", "cbx-user", "--yes", "--purge")
    assert not list((images.parent / "machines").iterdir())
    assert Path(marker).read_text() == "here\n"
