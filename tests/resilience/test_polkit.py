"""A real polkitd, asked by a libvirtd of its own: its no is a missing right, its yes works."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from clonebox_tui.model.problem import Code
from tests.cli.shell import Shell
from tests.faults.second_libvirtd import SecondLibvirtd
from tests.guests.places import open_to_all
from tests.resilience.test_staged_failures import refused, until

POLKITD = "/usr/lib/polkit-1/polkitd"
NOBODY = "65534"
pytestmark = [
    pytest.mark.qemu,
    pytest.mark.system,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root starts daemons"),
    pytest.mark.skipif(not Path(POLKITD).exists(), reason="polkitd is not installed"),
]

_ASK_FOR_POLKIT = (
    "dbus-send", "--system", "--print-reply", "--dest=org.freedesktop.DBus", "/",
    "org.freedesktop.DBus.GetNameOwner", "string:org.freedesktop.PolicyKit1",
)  # fmt: skip
_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={path}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/>
<allow receive_sender="*"/></policy></busconfig>"""
_RULE = "polkit.addRule(function(action, subject) {{ return polkit.Result.{result}; }});\n"


class Ordinary(Shell):
    """A shell of the user `nobody`, who is in no group."""

    def __init__(self, *before: str) -> None:
        super().__init__(*before)
        for folder in (self.root, self.runtime):
            os.chown(folder, int(NOBODY), int(NOBODY))

    program = ("setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups",
               sys.executable, "-P", "-m", "clonebox_tui")  # fmt: skip

    def close(self) -> None:
        """Also end libvirt's daemon of the session, which lives on for two minutes and keeps a cache here."""
        self("worker", "stop", "--force")
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.environ().get("HOME") == str(self.root):
                    process.kill()
                    process.wait(30)
        shutil.rmtree(self.root, ignore_errors=True)


@pytest.fixture
def rules() -> Iterator[Path]:
    """The folder of polkit's rules, and the address of the bus in the environment."""
    with tempfile.TemporaryDirectory(prefix="cbx-polkit-", dir="/tmp") as folder:
        root = Path(folder)
        root.chmod(0o755)
        (root / "rules").mkdir()
        yield root / "rules"


@pytest.fixture
def bus(rules: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A system bus of the test's own, named in the environment of what is started from now on."""
    path, settings = rules.parent / "bus", rules.parent / "bus.conf"
    settings.write_text(_BUS.format(path=path))
    daemon = subprocess.Popen(
        ["dbus-daemon", f"--config-file={settings}", "--nofork", "--nopidfile"], stderr=subprocess.DEVNULL
    )
    until(path.is_socket)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={path}")
    yield path
    daemon.terminate()
    daemon.wait()


@pytest.fixture
def ordinary(rules: Path, bus: Path, checkout: Path) -> Iterator[Ordinary]:
    """The user's shell, with only a connection to a libvirtd that asks polkit."""
    del bus
    if not open_to_all(checkout):
        pytest.skip("another user cannot reach this checkout")
    libvirtd = SecondLibvirtd()
    settings = libvirtd.root / "etc/libvirtd.conf"
    text = settings.read_text().replace('auth_unix_rw = "none"', 'auth_unix_rw = "polkit"')
    settings.write_text(text.replace('"0700"', '"0777"'))
    bind = f"mount --bind {rules} /etc/polkit-1/rules.d && exec {POLKITD} --no-debug"
    polkitd = subprocess.Popen(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", bind],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    shell = Ordinary("--connect", libvirtd.uri)
    try:
        # Root, who waits for the daemon, is let in without polkit: it may come up later than that.
        until(lambda: subprocess.run(_ASK_FOR_POLKIT, capture_output=True, check=False).returncode == 0)
        libvirtd.start()
        yield shell
    finally:
        shell.close()
        libvirtd.close()
        polkitd.terminate()
        polkitd.wait()


def rule(rules: Path, result: str) -> None:
    """Have polkit answer everything so."""
    (rules / "00-test.rules").write_text(_RULE.format(result=result))


@pytest.mark.parametrize(
    ("result", "words"), [("AUTH_ADMIN", "no polkit agent"), ("NO", "access denied by policy")]
)
def test_the_no_of_polkit(rules: Path, request: pytest.FixtureRequest, result: str, words: str) -> None:
    rule(rules, result)
    ordinary = request.getfixturevalue("ordinary")
    problem = refused(ordinary, Code.PERMISSION_DENIED, "show", "any")
    assert words in problem.why
    assert "group libvirt" in problem.next
    assert "qemu:///session" in problem.next


def test_its_yes(rules: Path, request: pytest.FixtureRequest) -> None:
    rule(rules, "YES")
    ordinary = request.getfixturevalue("ordinary")
    said = ordinary("list", "--json")
    assert (said.code, said.records("machines")) == (0, []), said
