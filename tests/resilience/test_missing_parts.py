"""Without a program, a module, or a daemon: it starts, says what is missing and which package has it."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.shell import PROGRAM, Shell
from tests.resilience.cockpit import Watched

pytestmark = pytest.mark.slow

NOWHERE = "qemu+unix:///system?socket=/nowhere/libvirt-sock"
HIDING = Path(__file__).parent / "hiding"
PROGRAMS = {
    "qemu-system-x86_64": "qemu-system-x86",
    "qemu-img": "qemu-utils",
    "ssh": "openssh-client",
    "mmdebstrap": "mmdebstrap",
    "mke2fs": "e2fsprogs",
    "virtiofsd": "qemu-system-common",
}


class Lacking(Shell):
    """A shell whose worker cannot see some programs and modules."""

    def begin(self, checkout: Path, programs: str = "", modules: str = "") -> None:
        """Start the worker; a front end would not hand it our folder."""
        self.environment["PYTHONPATH"] = f"{HIDING}:{checkout}"
        self.environment |= {"HIDDEN_PROGRAMS": programs, "HIDDEN_MODULES": modules}
        process = subprocess.Popen(
            [*PROGRAM, *self.before, "worker", "run"], env=self.environment, cwd=self.root
        )
        while not (self.runtime / "worker.sock").is_socket():
            assert process.poll() is None
            time.sleep(0.02)


@pytest.fixture
def shell() -> Iterator[Lacking]:
    """A shell with a connection that cannot be, and none besides."""
    made = Lacking("--connect", NOWHERE)
    yield made
    made.close()


def checks(shell: Lacking) -> dict[str, dict[str, object]]:
    """What the doctor says, by the name of each check."""
    said = shell("doctor", "--json")
    assert said.code == 6  # there is no daemon
    found = said.document()["checks"]
    return {str(check["name"]): check for check in found}


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_missing_program_is_named_with_its_package(shell: Lacking, program: str, checkout: Path) -> None:
    shell.begin(checkout, programs=program)
    check = checks(shell)[program]
    assert check["state"] in ("problem", "warning")
    assert check["package"] == PROGRAMS[program]
    assert check["fix"] == f"apt install {PROGRAMS[program]}"
    assert check["fixable"] is False  # nothing is installed without being asked
    listed = shell("list")
    assert listed.code == 6
    assert "/nowhere/libvirt-sock" in listed.errors
    assert "Next: " in listed.errors


def test_with_no_program_at_all_everything_still_answers(shell: Lacking, checkout: Path) -> None:
    shell.begin(checkout, programs=":".join((*PROGRAMS, "libvirtd", "virtqemud", "dpkg")))
    found = checks(shell)
    missing = {name for name, check in found.items() if check["state"] != "ok"}
    assert set(PROGRAMS) <= missing
    assert found["connection"]["package"] == "libvirt-daemon-system"
    assert found["connection"]["fixable"] is False
    (shell.root / "folder").mkdir()
    assert shell("detect", "folder").code == 0
    built = shell("image", "build", "--json")
    assert built.code == 6
    assert built.problem()["code"] in ("tool-missing", "connection-failed")


def test_without_libvirts_module_the_demo_runs_and_the_rest_says_so(shell: Lacking, checkout: Path) -> None:
    shell.begin(checkout, modules="libvirt:libvirtmod:libvirt_qemu")
    listed = shell("list", "--json")
    assert listed.code == 6
    assert listed.problem()["code"] == "libvirt-missing"
    assert "make install" in str(listed.problem()["next"])
    assert checks(shell)["libvirt module"]["state"] == "problem"
    shell.before = ("--demo",)
    assert len(shell("list", "--json").records("machines")) == 12
    shell("worker", "stop", "--force")
    shell.before = ("--connect", NOWHERE)


@pytest.mark.parametrize(
    ("modules", "what", "way_on"),
    [("", "cannot be reached", "Start libvirt"), ("libvirt", "libvirt's Python", "make install")],
)
def test_the_cockpit_says_what_is_missing(
    shell: Lacking, checkout: Path, modules: str, what: str, way_on: str
) -> None:
    shell.begin(checkout, modules=modules)
    with Watched((*PROGRAM, *shell.before), shell.environment, (120, 40), shell.root) as terminal:
        terminal.wait_for("Next:", 60)
        terminal.settle()
        shown = " ".join(terminal.text.replace("│", " ").split())
        assert what in shown
        assert way_on in shown
        terminal.press("q")
        assert terminal.ended() == 0
