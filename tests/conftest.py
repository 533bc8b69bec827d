"""Every test lives in a world of its own, and a test of real QEMU that cannot run is a failure in CI."""

import contextlib
import os
import random
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import psutil
import pytest

pytest_plugins = ["tests.fixtures.strictness", "tests.guests.fixtures"]

_CHECKOUT = Path(__file__).resolve().parent.parent
_KEPT_VARIABLES = ("PATH", "COVERAGE_PROCESS_START", "CLONEBOX_TEST_SYSTEM", "CLONEBOX_TEST_CACHE", "CI")
_SEED = "CLONEBOX_FAULTS_SEED"
_PLACES = ("config", "state", "cache", "data")


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder that expensive fixtures share known before any test's environment replaces it.

    What is generated is judged by what comes of it: a host that stalls for 200 ms makes no test fail.
    """
    _hear_signals(everywhere=hasattr(config, "workerinput"))
    patient = hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
    hypothesis.settings.register_profile("patient", patient)
    hypothesis.settings.load_profile("patient")
    os.environ.setdefault("CLONEBOX_TEST_CACHE", str(_CHECKOUT / ".cache" / "tests"))
    # Before the workers of xdist begin: all of them take the same sample of the faults.
    os.environ.setdefault(_SEED, str(random.randrange(10_000)))


def _hear_signals(everywhere: bool) -> None:
    """Under nohup, or behind a shell's `&`, programs start deaf to these: not those that tests send them to.

    A handler is not inherited as being deaf is; the test process itself goes on as it was asked to.
    """
    for number in (signal.SIGHUP, signal.SIGINT):
        if signal.getsignal(number) is signal.SIG_IGN or (everywhere and number == signal.SIGHUP):
            signal.signal(number, lambda *_: None)


def pytest_report_header() -> str:
    """Say which sample of the faults is taken, so that it can be taken again."""
    return f"faults: {_SEED}={os.environ[_SEED]}"


@pytest.fixture(autouse=True)
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give the test its own home, XDG places and runtime folder; the folder is removed afterwards.

    It lies directly under /tmp with a short name: a UNIX socket's path must stay below 108 bytes.
    Everything a user has set is gone: no test sees another's configuration, worker or machines.
    """
    root = Path(tempfile.mkdtemp(prefix="cbx-", dir="/tmp"))
    for name in [name for name in os.environ if name.startswith(("CLONEBOX_", "XDG_", "LIBVIRT_", "VIRSH_"))]:
        if name not in _KEPT_VARIABLES:
            monkeypatch.delenv(name)
    for name in ("NO_COLOR", "COLORTERM", "TEXTUAL", "SSH_CONNECTION", "SSH_TTY", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
    for place in _PLACES:
        folder = root / "home" / f".{place}"
        folder.mkdir(parents=True)
        monkeypatch.setenv(f"XDG_{place.upper()}_HOME", str(folder))
    for variable, folder in (("XDG_RUNTIME_DIR", root / "xdg"), ("CLONEBOX_RUNTIME_DIR", root / "run")):
        folder.mkdir(mode=0o700)
        monkeypatch.setenv(variable, str(folder))
    monkeypatch.setenv("HOME", str(root / "home"))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("TZ", "UTC")
    yield root
    if any(root.rglob("worker.lock")):
        _end_processes_of(root)
    shutil.rmtree(root, ignore_errors=True)


def _end_processes_of(root: Path) -> None:
    """End what a failed test left running: a worker outlives its front ends on purpose."""
    left = [process for process in psutil.process_iter() if _lives_in(process, root)]
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    for process in psutil.wait_procs(left, timeout=5)[1]:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def _lives_in(process: psutil.Process, root: Path) -> bool:
    try:
        runtime = process.environ().get("CLONEBOX_RUNTIME_DIR", "")
    except psutil.Error:
        return False
    return process.pid != os.getpid() and Path(runtime).is_relative_to(root)


@pytest.fixture(scope="session")
def shared_cache() -> Path:
    """The folder for what is too costly to build in each test: guests, images, wheels. Lock it."""
    folder = Path(os.environ["CLONEBOX_TEST_CACHE"])
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The root of the source tree under test."""
    return _CHECKOUT
