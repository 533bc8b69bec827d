"""The whole story in a real terminal, by keyboard only: from a folder to a machine and back to nothing."""

import os
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import libvirt
import psutil
import pytest

from tests.e2e.terminal import Terminal
from tests.guests import domain as domains

pytestmark = [pytest.mark.qemu, pytest.mark.full, pytest.mark.timeout(2700)]

SPACE, LONG, PLAIN = "mit leer ü", "l" * 60, "plain"
READY_SECONDS, ACT_SECONDS = 900, 240
"""Ten times what an idle machine without KVM needs."""
_BUSY_SECONDS, _LOOKS = 20, 4
"""Long enough that what else the host does shows on both sides alike."""


@pytest.fixture
def name(system_libvirt: libvirt.virConnect) -> Iterator[str]:
    """A name of its own for the machine; whatever a broken story leaves is removed."""
    # Short enough for the list to show it whole.
    chosen = f"cbx-{uuid.uuid4().hex[:6]}"
    yield chosen
    domains.remove(system_libvirt, chosen)


@pytest.fixture
def images(base_image: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the base image lies already, so that the story is about the clone and not about apt."""
    folder = base_image.parent.parent
    monkeypatch.setenv("CLONEBOX_IMAGES_DIR", str(folder))
    return folder


@pytest.fixture
def project(world: Path) -> Path:
    """A folder with three folders to share, each with a marker."""
    folder = world / "home" / "shop"
    for share in (SPACE, LONG, PLAIN):
        (folder / share).mkdir(parents=True)
        (folder / share).chmod(0o777)
        (folder / share / "marker").write_text(f"here is {share}\n")
    world.chmod(0o755)
    return folder


@pytest.fixture
def terminal(project: Path, images: Path) -> Iterator[Terminal]:
    """The cockpit, opened from within the folder; the worker is stopped afterwards."""
    del images
    command = [sys.executable, "-m", "clonebox_tui", "--connect", "qemu:///system"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    with Terminal(command, environment, 120, 40, cwd=project) as opened:
        yield opened
    stop = [sys.executable, "-m", "clonebox_tui", "worker", "stop", "--force"]
    subprocess.run(stop, env=environment, timeout=120, check=False, capture_output=True)


def test_from_a_folder_to_a_machine_and_back_to_nothing(
    terminal: Terminal, project: Path, name: str, images: Path, system_libvirt: libvirt.virConnect
) -> None:
    _open_the_wizard(terminal)
    _describe(terminal, project, name)
    _build(terminal, project, name)
    _watch_a_busy_guest(terminal, system_libvirt, name)
    _take_change_restore(terminal)
    _reboot(terminal, system_libvirt, name)
    _delete(terminal, name)
    deadline = time.monotonic() + ACT_SECONDS  # the list may know it before the folder is gone
    while (images / "machines" / name).exists() and time.monotonic() < deadline:
        terminal.pump(0.2)
    assert name not in [domain.name() for domain in system_libvirt.listAllDomains()]
    assert not (images / "machines" / name).exists()
    assert not list(images.rglob(f"*{name}*"))
    assert (project / SPACE / "marker").read_text() == f"here is {SPACE}\n"
    terminal.press("q")
    assert terminal.ended() == 0


def _open_the_wizard(terminal: Terminal) -> None:
    """On an empty host it opens by itself; where other machines run, `n` opens it."""
    screen = terminal.wait_for(r"Which folder|[1-9]\d* machine")
    if "Which folder" not in screen:
        terminal.press("n")
    terminal.wait_for("Which folder")
    terminal.wait_for("acceleration", 60)
    terminal.press("enter")
    terminal.wait_for("chosen of", 60)
    terminal.wait_for("looking", 60, absent=True)


def _describe(terminal: Terminal, project: Path, name: str) -> None:
    """The form: what was detected of this very host is left out, two packages and a service go in."""
    terminal.press("enter")
    terminal.wait_for("processors", 60)
    for text in (name, "2", "1", "6", "dev", "tree nginx-light", "nginx", "80"):
        terminal.press("home", "ctrl+k")
        terminal.type(text)
        terminal.press("tab")
    terminal.press("f7", "delete")
    lines = [f"{project / share} -> /home/dev/{share}" for share in (SPACE, LONG, PLAIN)]
    for line in lines:
        terminal.type(line)
        terminal.press("enter")
    terminal.pump(1)
    deadline = (
        time.monotonic() + 60
    )  # what is checked as one types may still be about what stood there before
    while wrong := [line for line in terminal.text.splitlines() if "! " in line and "uid 0" not in line]:
        assert time.monotonic() < deadline, wrong
        terminal.pump(0.5)
    terminal.press("ctrl+n")
    terminal.wait_for("build it", 60)
    terminal.wait_for(r"\.clonebox\.yaml")
    assert not (project / ".clonebox.yaml").exists()


def _build(terminal: Terminal, project: Path, name: str) -> None:
    terminal.press("enter")
    terminal.wait_for(r"▓|░", 60)
    terminal.wait_for(rf"{name} is ready|rolled-back|failed", READY_SECONDS)
    terminal.settle()
    assert f"{name} is ready" in terminal.text, terminal.text
    assert (project / ".clonebox.yaml").is_file()
    terminal.press("enter")
    terminal.wait_for(f"─ {name} ─", 60)
    terminal.wait_for("agent ok", 60)


def _in_the_guest(terminal: Terminal, command: str, expected: str, seconds: float = ACT_SECONDS) -> None:
    """Run a command by `x` and read its end on the screen."""
    terminal.press("x")
    terminal.wait_for("exec", 60)
    terminal.type(command)
    terminal.press("enter")
    terminal.wait_for(expected, seconds)
    terminal.wait_for(r"exit \d+|timed out", seconds)
    terminal.press("esc")
    terminal.wait_for("Snapshots", 60)


def _watch_a_busy_guest(terminal: Terminal, connection: libvirt.virConnect, name: str) -> None:
    """The figure on the screen is within 15 % of what the kernel says of QEMU's process."""
    loop = 'timeout 150 sh -c "while :; do :; done" >/dev/null 2>&1'
    busy = f"sh -c 'for i in 1 2; do {loop} & done; echo begun'"
    _in_the_guest(terminal, busy, "begun")
    pid = int(Path(f"/run/libvirt/qemu/{name}.pid").read_text())
    terminal.pump(8)
    process, vcpus = psutil.Process(pid), connection.lookupByName(name).maxVcpus()
    # Another look where the host itself stalled for seconds: then the two do not speak of the same time.
    looks = [_shown_and_measured(terminal, process, vcpus)]
    while abs(looks[-1][0] - looks[-1][1]) > _tolerance(looks[-1][1]) and len(looks) < _LOOKS:
        looks.append(_shown_and_measured(terminal, process, vcpus))
    shown, measured = looks[-1]
    # Where many others want the host's processors as well, a busy guest gets next to nothing of them.
    assert measured > 20 or os.getloadavg()[0] > 3 * (os.cpu_count() or 1), looks
    assert abs(shown - measured) <= _tolerance(measured), looks
    terminal.wait_for(r"[⣀-⣿⠁-⣿]{2}")  # the graph is drawn
    _in_the_guest(terminal, "sh -c 'pkill -f while; echo calm'", "calm")


def _tolerance(measured: float) -> float:
    """What the figure may be off, in percent of the machine; it is shown without decimals."""
    return max(0.15 * measured, 1.5)


def _shown_and_measured(terminal: Terminal, process: psutil.Process, vcpus: int) -> tuple[float, float]:
    """Percent of the machine's CPUs over the same seconds: on the screen, and by the kernel's accounts."""
    began, cpu = time.monotonic(), sum(process.cpu_times()[:2])
    # The screen tells of the second that has just passed, so it is read a second later than the kernel.
    terminal.pump(1)
    shown: list[float] = []
    while time.monotonic() - began < _BUSY_SECONDS:
        terminal.pump(0.5)
        shown += [float(each) for each in re.findall(r"cpu +(\d+) %", terminal.text)[:1]]
    used = sum(process.cpu_times()[:2]) - cpu
    measured = 100 * used / (time.monotonic() - began) / vcpus
    return sum(shown) / len(shown), measured


def _take_change_restore(terminal: Terminal) -> None:
    _in_the_guest(terminal, "sh -c 'echo before >/root/state; echo wrote $((20+22))'", "wrote 42")
    terminal.press("p", "t")
    terminal.wait_for("What for", 60)
    terminal.press("home", "ctrl+k")
    terminal.type("kept")
    terminal.press("enter")
    terminal.wait_for("Take snapshot kept", ACT_SECONDS)
    terminal.press("y")
    terminal.wait_for(r"● kept|kept +\d", ACT_SECONDS)
    terminal.wait_for(r"▓|░", ACT_SECONDS, absent=True)
    _in_the_guest(terminal, "sh -c 'echo after >/root/state; cat /root/state; echo $((50+5))'", "55")
    terminal.press("p", "g", "R")
    terminal.wait_for("Cancel", 60)
    terminal.press("y")
    terminal.wait_for(r"▓|░", 60)
    terminal.wait_for(r"▓|░", ACT_SECONDS, absent=True)
    terminal.wait_for("agent ok", ACT_SECONDS)
    _in_the_guest(terminal, "sh -c 'echo it says $(cat /root/state)'", "it says before")


def _reboot(terminal: Terminal, connection: libvirt.virConnect, name: str) -> None:
    """After a reboot of the guest each share is there again, with what the host put into it."""
    assert connection.lookupByName(name).isActive()
    _in_the_guest(terminal, "sh -c 'touch /run/this-boot; echo noted $((3*3))'", "noted 9")
    terminal.press("1", "r")
    terminal.wait_for("Cancel", 60)
    terminal.press("y")
    terminal.wait_for("agent ok", ACT_SECONDS, absent=True)
    terminal.wait_for("agent ok", READY_SECONDS)
    _in_the_guest(terminal, "sh -c 'test -e /run/this-boot || echo booted $((4*4))'", "booted 16")
    for share in (SPACE, LONG, PLAIN):
        # The agent is up before the mounts are: wait for systemd to say so.
        wait = f'sh -c \'for i in $(seq 100); do test -e "/home/dev/{share}/marker" && break; sleep 1; done; '
        _in_the_guest(terminal, f'{wait} wc -l <"/home/dev/{share}/marker"; echo seen $((5*5))\'', "seen 25")
        assert "No such file" not in terminal.text


def _delete(terminal: Terminal, name: str) -> None:
    """For good: what goes to the trash is still there."""
    terminal.press("1", ":")
    terminal.type("purge")
    terminal.press("enter")
    terminal.wait_for("Type", 60)
    terminal.type(name)
    terminal.press("enter")
    terminal.wait_for(rf"Type .{name}.", absent=True)
    terminal.wait_for(rf"[●○◐‖?] {name}", ACT_SECONDS, absent=True)
    terminal.wait_for(r"▓|░", ACT_SECONDS, absent=True)
