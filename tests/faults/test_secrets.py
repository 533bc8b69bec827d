"""Planted secrets show up in nothing that is kept or told: journal, events, log, process list, image."""

import base64
import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from clonebox_tui.client import Client
from clonebox_tui.model.acts import ImportImage
from clonebox_tui.model.job import JobState
from clonebox_tui.model.places import Places, places
from clonebox_tui.model.rpc import JOB_LOG, JOBS, Nothing, OnJob, Watch
from clonebox_tui.model.secrets import has_password, without_credentials
from tests.worker.conftest import alive, ended, worker_pid

_PASSWORD, _TOKEN, _VARIABLE = "canary-password-1", "canary-token-2", "canary-variable-3"
CANARIES = (_PASSWORD, _TOKEN, _VARIABLE)


class _Guarded(http.server.BaseHTTPRequestHandler):
    """Gives the disk to who knows the password and the token."""

    disk = b""
    asked: list[str]

    def do_GET(self) -> None:
        pair = base64.b64encode(f"me:{_PASSWORD}".encode()).decode()
        allowed = self.headers.get("Authorization") == f"Basic {pair}" and _TOKEN in self.path
        self.send_response(200 if allowed else 401)
        body = self.disk if allowed else b""
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[int]:
    """The port of a server that wants a password."""
    disk = tmp_path / "disk.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", str(disk), "1M"], check=True)
    _Guarded.disk = disk.read_bytes()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Guarded)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def where(world: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Places]:
    """A worker's places, images among them; nothing of it lives on."""
    monkeypatch.setenv("CLONEBOX_IMAGES_DIR", str(world / "images"))
    monkeypatch.setenv("DATABASE_URL", f"postgres://me:{_VARIABLE}@db/x")
    found = places(os.environ, os.geteuid())
    yield found
    pid = worker_pid(found)
    if pid and alive(pid):
        os.kill(pid, 15)
        assert ended(pid)


def _kept(world: Path) -> bytes:
    return b"".join(path.read_bytes() for path in world.rglob("*") if path.is_file())


def _programs() -> str:
    """Command lines of this user; pytest's own words hold what the test is called, never a canary."""
    return "".join(map(_mine, Path("/proc").glob("[0-9]*/cmdline")))


def _mine(path: Path) -> str:
    try:  # in one go: a program may end at any moment
        return path.read_text(errors="replace") if path.stat().st_uid == os.getuid() else ""
    except OSError:
        return ""


@pytest.mark.qemu
@pytest.mark.parametrize("password", [_PASSWORD, f"wrong-{_PASSWORD}"])
async def test_an_address_with_a_password_leaves_no_trace(
    world: Path, where: Places, guarded: int, password: str
) -> None:
    source = f"http://me:{password}@127.0.0.1:{guarded}/disk.qcow2?token={_TOKEN}#{_TOKEN}"
    told: list[object] = []
    client = await Client.connect(where, worker_arguments=("--connect", "qemu:///session"))
    async with client:
        client.listen(told.append)
        await client.watch(Watch(samples=False))
        act = ImportImage(source, "qemu:///session", "guarded")
        job = await client.wait((await client.run(act)).id)
        log = await client.call(JOB_LOG, OnJob(job.id))
        jobs = await client.call(JOBS, Nothing())
        programs = _programs()
    assert job.state is (JobState.SUCCEEDED if password == _PASSWORD else JobState.ROLLED_BACK)
    kept = _kept(world)
    said = msgspec.json.encode([job, log, jobs]).decode() + repr(told) + programs
    assert [each for each in CANARIES if each.encode() in kept or each in said] == []


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("/plain/path@home?x", "/plain/path@home?x"),
        ("https://user:pass@host/p?token=1#f", "https://host/p"),
        ("https://user@host:8443/p", "https://host:8443/p"),
        ("https://us@er:p@ss@host/p", "https://host/p"),
        ("https://[broken", "https://…"),
    ],
)
def test_what_is_kept_of_an_address(source: str, kept: str) -> None:
    assert without_credentials(source) == kept


@pytest.mark.parametrize(
    ("uri", "holds"),
    [
        ("qemu+ssh://me:word@host/system", True),
        ("qemu+ssh://me:word@[::1]:22/system?keyfile=/k", True),
        ("qemu+ssh://me@host:22/system", False),
        ("qemu:///system?socket=/a:b@c", False),
        ("simulated://demo?machines=2", False),
    ],
)
def test_a_uri_with_a_password_is_known(uri: str, holds: bool) -> None:
    assert has_password(uri) is holds


@pytest.mark.parametrize("words", [("list",), ()])
def test_no_front_end_takes_a_uri_with_a_password(words: tuple[str, ...]) -> None:
    uri = f"qemu+ssh://me:{_PASSWORD}@127.0.0.1:1/system"
    command = [sys.executable, "-m", "clonebox_tui", "--connect", uri, *words]
    said = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    assert said.returncode == 2
    assert "may hold no password: qemu+ssh://127.0.0.1:1/system." in said.stderr
    assert _PASSWORD not in said.stdout + said.stderr
