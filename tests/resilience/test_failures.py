"""Failures provoked for real: each gives its documented code, what, why and what next, and its exit code."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from clonebox_tui.model.problem import Code, Problem
from tests.cli.shell import Said, Shell

pytestmark = pytest.mark.slow

_FAULTS = (
    "start",
    "create_snapshot",
    "pause",
    "undefine",
    "details:db",
    "read_log",
    "agent",
    "snapshots:api",
)
FAULTY = "simulated://faulty?machines=12&seed=5&transition=0&fail=" + "&fail=".join(_FAULTS)
DEAF = "simulated://deaf?machines=3&seed=5&transition=0&deaf="
DEMO = """
show absent                                            machine-not-found
logs absent                                            machine-not-found
monitor absent --samples 1                             machine-not-found
snapshot show web-dev absent                           snapshot-not-found
snapshot restore web-dev absent --yes                  snapshot-not-found
snapshot delete web-dev absent --yes                   snapshot-not-found
job show absent                                        job-not-found
job cancel absent                                      job-not-found
job wait absent                                        job-not-found
image import /nonexistent.qcow2                        file-not-found
logs api --source absent                               log-not-found
--readonly start scratch                               read-only
--readonly delete docs --yes                           read-only
--readonly clone proj --yes                            read-only
--readonly clone proj                                  read-only
--readonly kill cache                                  read-only
start web-dev                                          wrong-state
pause scratch                                          wrong-state
resume web-dev                                         wrong-state
stop scratch                                           wrong-state
reboot scratch                                         wrong-state
kill scratch --yes                                     wrong-state
delete docs                                            not-confirmed
kill cache                                             not-confirmed
snapshot delete web-dev base                           not-confirmed
snapshot restore metrics base                          not-confirmed
clone proj                                             not-confirmed
snapshot create build --name a/b                       name-invalid
snapshot create web-dev --name base                    name-taken
clone proj --yes --name web-dev                        name-taken
clone proj --yes --name a/b                            config-invalid
create -f bad.yaml --yes                               config-invalid
clone proj --yes --set vm.ram_mb=lots                  config-invalid
clone proj --yes --profile absent                      config-invalid
clone proj --yes --set nonsense.key=1                  usage
ssh web-dev --print                                    not-supported
image build                                            not-supported
image remove absent --yes                              not-supported
exec scratch -- true                                   agent-unavailable
exec old-ci -- true                                    agent-unavailable
exec absent -- true                                    machine-not-found
--connect simulated://x?nonsense=1 list                connection-failed
--connect simulated://z?machines=99999 list            connection-failed
--connect simulated://y?fail=open list                 connection-lost
--connect FAULTY start scratch                         libvirt-error
--connect FAULTY snapshot create web-dev --name mine   libvirt-error
--connect FAULTY pause web-dev                         libvirt-error
--connect FAULTY delete scratch --yes --purge          libvirt-error
--connect FAULTY show db                               libvirt-error
--connect FAULTY logs api                              libvirt-error
--connect FAULTY exec web-dev -- true                  libvirt-error
--connect FAULTY snapshot list api                     libvirt-error
--connect DEAF stop web-dev --timeout 1                timed-out
--connect DEAF --connect FAULTY show web-dev           ambiguous
"""
ELSEWHERE = """
--connect gopher://x list                              connection-failed
--connect test:///nowhere.xml list                     connection-failed
--connect qemu+unix:///system?socket=/nowhere list     connection-failed
"""
IMAGES = """
image remove absent --yes                              image-not-found
image import ROOT/rubbish.qcow2                        image-invalid
image import ROOT/layer.qcow2                          image-invalid
image import ROOT/absent.qcow2                         file-not-found
image import ROOT/good.qcow2 --sha512 ZEROS            checksum-mismatch
image import http://127.0.0.1:1/x.qcow2                download-failed
image import ROOT/good.qcow2 --name good               -
image import ROOT/good.qcow2 --name good               name-taken
"""


def rows(table: str) -> list[tuple[str, str]]:
    """(command line, code) of each line."""
    return [(line.rpartition("  ")[0].strip(), line.split()[-1]) for line in table.strip().splitlines()]


@pytest.fixture(scope="module")
def demo() -> Iterator[Shell]:
    """A shell on the demo, with a project and a faulty file in its folder."""
    shell = Shell("--demo")
    (shell.root / "bad.yaml").write_text("version: '1'\nvm: {name: x, ram_mb: lots}\n")
    (shell.root / "proj").mkdir()
    yield shell
    shell.close()


def fail(shell: Shell, line: str) -> tuple[Said, Problem]:
    """Run a line with --json; how it ended and the problem it told."""
    filled = line.replace("FAULTY", FAULTY).replace("DEAF", DEAF)
    words = filled.replace("ROOT", str(shell.root)).replace("ZEROS", "0" * 128).split()
    words.insert(words.index("--") if "--" in words else len(words), "--json")
    said = shell(*words)
    if said.stderr:
        return said, Problem(**said.problem())  # type: ignore[arg-type]
    found = json.loads(said.stdout)["jobs"][0]["problem"]
    return said, Problem(**found)


def check(shell: Shell, line: str, code: str) -> None:
    """It ends with this code, told in full; the exit code is the code's own."""
    said, problem = fail(shell, line)
    assert problem.code == code, problem
    expected = 125 if "exec " in line else Problem(Code(code), "").exit_code
    assert said.code == expected
    assert problem.what
    assert problem.next
    assert "Traceback" not in f"{problem.what}{problem.why}{problem.next}"


@pytest.mark.parametrize(("line", "code"), rows(DEMO), ids=lambda text: text[:50])
def test_a_failure_in_the_demo(demo: Shell, line: str, code: str) -> None:
    check(demo, line, code)


@pytest.fixture(scope="module")
def plain() -> Iterator[Shell]:
    """A shell without the demo."""
    shell = Shell()
    yield shell
    shell.close()


@pytest.mark.parametrize(("line", "code"), rows(ELSEWHERE), ids=lambda text: text[:50])
def test_a_connection_that_cannot_be(plain: Shell, line: str, code: str) -> None:
    check(plain, line, code)


@pytest.mark.qemu
def test_images_that_are_refused(system_libvirt: object) -> None:
    del system_libvirt
    shell = Shell("--connect", "qemu:///system")
    try:
        shell.environment["CLONEBOX_IMAGES_DIR"] = str(shell.root / "images")
        (shell.root / "rubbish.qcow2").write_bytes(b"rubbish" * 100)
        make = ["qemu-img", "create", "-q", "-f", "qcow2"]
        good, layer = str(shell.root / "good.qcow2"), str(shell.root / "layer.qcow2")
        subprocess.run([*make, good, "1M"], check=True)
        subprocess.run([*make, "-F", "qcow2", "-b", good, layer], check=True)
        for line, code in rows(IMAGES):
            if code == "-":
                words = line.replace("ROOT", str(shell.root)).split()
                assert shell(*words).code == 0
            else:
                check(shell, line, code)
    finally:
        shell.close()


def test_folders_that_cannot_be_used() -> None:
    shell = Shell("--demo")
    try:
        (shell.root / "state").write_text("a file where a folder should be")
        check(shell, "list", "worker-unavailable")
        (shell.root / "state").unlink()
        (shell.runtime / "demo").mkdir(mode=0o700)
        (shell.runtime / "demo").chmod(0o777)
        check(shell, "list", "permission-denied")
        (shell.runtime / "demo").chmod(0o700)
        shell.environment["CLONEBOX_RUNTIME_DIR"] = str(shell.root / ("x" * 120))
        check(shell, "list", "worker-unavailable")
    finally:
        shell.environment["CLONEBOX_RUNTIME_DIR"] = str(shell.runtime)
        shell.close()


def test_a_worker_that_changes_nothing_and_one_that_is_busy() -> None:
    shell = Shell("--demo", "--connect", DEAF)
    try:
        shell.environment["CLONEBOX_READONLY"] = "1"
        check(shell, "pause web-dev", "read-only")
        shell("worker", "stop")
        del shell.environment["CLONEBOX_READONLY"]
        assert shell("list").code == 0
        waiting = shell.start("stop", "web-dev", "--timeout", "600")
        while not shell("job", "list", "--json").records("jobs"):
            pass
        said = shell("worker", "stop")
        assert said.code == 4
        assert "machine-busy" in said.errors
        waiting.terminate()
        waiting.wait()
    finally:
        shell.close()


def test_every_code_is_documented_and_forty_are_provoked(checkout: Path) -> None:
    text = (checkout / "docs/troubleshooting.md").read_text()
    entries = re.findall(r"^### ([a-z-]+)$", text, re.MULTILINE)
    assert set(entries) == {code.value for code in Code}
    assert len(rows(DEMO) + rows(ELSEWHERE) + rows(IMAGES)) >= 40
