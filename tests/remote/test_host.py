"""`--host`: the worker and machines of another host, as if one sat there; nothing is left behind here."""

import signal
import subprocess

import pytest

from clonebox_tui.model.problem import Exit
from tests.cli.shell import Shell
from tests.fixtures.sshd import Sshd
from tests.remote.processes import no_ssh_process_stays
from tests.worker.conftest import ended

pytestmark = pytest.mark.slow

DEMO = ("--demo", "--machines", "3")


@pytest.fixture
def there(other: Sshd, person: Shell) -> Shell:
    """A shell whose every command is about the other host, which is believed."""
    person.before = ("--host", other.uri)
    accepted = person("connection", "trust", other.uri, "--fingerprint", other.fingerprint)
    assert accepted.code == 0, accepted.errors
    return person


def test_commands_are_those_of_the_other_host(there: Shell, other: Sshd) -> None:
    names = [each["name"] for each in there(*DEMO, "list", "--json").records("machines")]
    assert names == ["build", "db", "web-dev"]
    (status,) = there("--demo", "worker", "status", "--json").records("workers")
    assert str(status["socket"]).startswith(str(other.runtime))
    assert there("--demo", "exec", "web-dev", "--", "hostname").text == "web-dev\n"
    assert there("--demo", "exec", "web-dev", "--", "sh", "-c", "exit 7").code == 7
    (job,) = there("--demo", "pause", "db", "--json").records("jobs")
    assert job["state"] == "succeeded"
    assert there("--demo", "show", "db", "--json").records("machines")[0]["machine"]["state"] == "paused"  # type: ignore[index]
    # Nothing of it is here: no worker, no socket, no process once a command has ended.
    assert not [*there.root.rglob("worker.lock"), *there.root.rglob("*.sock")]
    no_ssh_process_stays(other.port)
    assert there("--demo", "worker", "stop").code == 0


def test_a_log_there_is_read_and_followed(there: Shell) -> None:
    assert there(*DEMO, "logs", "web-dev", "-n", "5").text.count("\n") == 5
    following = there.start("--demo", "logs", "web-dev", "-n", "3", "-f")
    assert following.stdout is not None
    assert len([following.stdout.readline() for _ in range(5)]) == 5  # two came while it was followed
    following.send_signal(signal.SIGINT)
    following.communicate(timeout=120)
    assert following.returncode == Exit.INTERRUPTED
    assert there("--demo", "worker", "stop").code == 0


def test_a_host_that_nobody_accepted_is_refused_with_its_fingerprint(other: Sshd, person: Shell) -> None:
    said = person("--host", other.uri, *DEMO, "list", "--json")
    assert (said.code, said.problem()["code"]) == (Exit.REFUSED, "host-key-unknown")
    assert other.fingerprint in str(said.problem()["why"])
    assert f"connection trust {other.uri}" in str(said.problem()["next"])
    unsure = person("connection", "trust", other.uri)
    assert unsure.code == Exit.REFUSED
    assert other.fingerprint in unsure.errors
    wrong = person("connection", "trust", other.uri, "--fingerprint", "SHA256:another")
    assert wrong.code == Exit.REFUSED
    assert not (person.root / "config/clonebox/known_hosts").exists()


def test_another_key_is_refused_until_it_replaces_the_old_one(there: Shell, other: Sshd) -> None:
    other.stop()
    other.renew_host_key()
    other.start()
    said = there(*DEMO, "list", "--json")
    assert (said.code, said.problem()["code"]) == (Exit.REFUSED, "host-key-changed")
    assert other.fingerprint in str(said.problem()["why"])
    assert there("connection", "trust", "--yes", other.uri).code == Exit.REFUSED
    assert there("connection", "trust", "--replace", "--yes", other.uri).code == 0
    assert there("--demo", "worker", "status").code == 0


def test_who_has_no_key_is_told_how_to_get_in(there: Shell, other: Sshd) -> None:
    said = there(*DEMO, "list", "--json", SSH_AUTH_SOCK="")
    assert (said.code, said.problem()["code"]) == (Exit.REFUSED, "permission-denied")
    assert "ssh-add" in str(said.problem()["next"])
    there.before = ("--host", f"{other.uri}?keyfile={other.key}")
    assert there("--demo", "worker", "status", SSH_AUTH_SOCK="").text == "No worker is running.\n"


def test_a_host_without_the_program_is_named(there: Shell, other: Sshd) -> None:
    other.path = "/usr/bin:/bin"
    other.stop()
    other.start()
    said = there("list", "--json")
    assert (said.code, said.problem()["code"]) == (Exit.UNAVAILABLE, "tool-missing")


def test_a_host_that_is_not_there_is_named(there: Shell, other: Sshd) -> None:
    other.stop()
    said = there("list", "--json")
    assert (said.code, said.problem()["code"]) == (Exit.UNAVAILABLE, "connection-failed")
    assert "refused" in str(said.problem()["why"])


def test_paths_are_those_over_there(there: Shell, other: Sshd) -> None:
    (other.home / "shop").mkdir()
    (other.home / "shop/requirements.txt").write_text("flask\n")
    refused = there("--demo", "detect", ".")
    assert refused.code == Exit.USAGE
    items = there("--demo", "detect", str(other.home / "shop"), "--json").records("items")
    assert "shop" in str(items)
    assert there("--demo", "worker", "run").code == Exit.USAGE
    assert there("--demo", "worker", "stop").code == 0


def test_ssh_goes_through_the_other_host(there: Shell, other: Sshd) -> None:
    there(*DEMO, "list")
    said = there("--demo", "ssh", "web-dev", "--", "true")
    # A simulated machine has no way in; that the other host said so is what counts here.
    assert (said.code, "web-dev has no SSH way in" in said.errors) == (Exit.UNAVAILABLE, True)
    printed = there("--demo", "ssh", "web-dev", "--print")
    assert str(other.port) in printed.text
    assert there("--demo", "worker", "stop").code == 0


def test_reading_only_stays_so(there: Shell) -> None:
    there.before = (*there.before, "--readonly")
    assert there(*DEMO, "pause", "db").code == Exit.REFUSED
    there.before = there.before[:-1]
    assert there("--demo", "worker", "stop").code == 0


def test_a_worker_over_there_outlives_the_line(there: Shell, other: Sshd) -> None:
    there(*DEMO, "list")
    pid = int((other.home / "STATE/clonebox/demo/worker.lock").read_text())
    other.drop_lines()
    assert not ended(pid, seconds=0.5)
    assert there("--demo", "worker", "stop").code == 0
    assert ended(pid)


def test_completion_asks_nobody_over_there(there: Shell, other: Sshd) -> None:
    said = there(
        _CLONEBOX_TUI_COMPLETE="bash_complete",
        COMP_WORDS=f"clonebox-tui --host {other.uri} --demo start we",
        COMP_CWORD="5",
    )
    assert (said.text.strip(), said.errors) == ("", "")


def test_the_dialled_end_leaves_with_its_line(person: Shell) -> None:
    words = [*("--demo", "worker", "dial", "--", "--demo")]
    dialled = person.start(*words)
    assert dialled.stdin is None
    assert isinstance(dialled, subprocess.Popen)
    assert dialled.wait(timeout=120) == 0
    assert person("--demo", "worker", "stop").code == 0
