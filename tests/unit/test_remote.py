"""What a URI says of another host: whom ssh calls, and by which short name it is shown."""

import pytest

from clonebox_tui.model.problem import Exit, ProblemError
from clonebox_tui.model.remote import SshTarget, host_labels, host_target, is_remote, ssh_target


@pytest.mark.parametrize(
    ("uri", "target", "pin_name"),
    [
        ("qemu+ssh://web1/system", SshTarget("web1"), "web1"),
        ("qemu+ssh://me@Web1.example.org:2222/session", SshTarget("web1.example.org", "me", 2222),
         "[web1.example.org]:2222"),
        ("ssh://me@[fe80::1]:22", SshTarget("fe80::1", "me", 22), "[fe80::1]:22"),
        ("ssh://me@web1?keyfile=/home/me/key", SshTarget("web1", "me", 0, "/home/me/key"), "web1"),
    ],
)  # fmt: skip
def test_whom_ssh_calls(uri: str, target: SshTarget, pin_name: str) -> None:
    assert ssh_target(uri) == target
    assert target.pin_name == pin_name


@pytest.mark.parametrize("uri", ["qemu:///system", "qemu+tls://web1/system", "simulated://demo?seed=1"])
def test_ssh_has_no_part_in_other_uris(uri: str) -> None:
    assert ssh_target(uri) is None


@pytest.mark.parametrize(
    "uri",
    ["ssh://-oProxyCommand=x", "ssh://-l@web1", "ssh://", "ssh://me:secret@web1", "ssh://web1:port",
     "qemu+ssh://we b/system", "ssh://$(id)@web1"],
)  # fmt: skip
def test_what_could_be_an_option_or_a_shell_word_is_refused_and_no_password_shown(uri: str) -> None:
    with pytest.raises(ProblemError) as refused:
        ssh_target(uri)
    assert refused.value.problem.exit_code is Exit.USAGE
    assert "secret" not in str(refused.value.problem)


@pytest.mark.parametrize("uri", ["qemu+ssh://web1/system", "ssh://web1/path", "web1", "http://web1"])
def test_a_host_is_named_by_ssh_alone(uri: str) -> None:
    with pytest.raises(ProblemError, match="names no host"):
        host_target(uri)


@pytest.mark.parametrize(
    ("uri", "remote"),
    [
        ("qemu:///system", False), ("qemu+unix:///system?socket=/x/y", False), ("test:///a/b", False),
        ("simulated://demo?machines=3", False), ("qemu+ssh://web1/system", True),
        ("qemu+tcp://web1/system", True),
    ],
)  # fmt: skip
def test_where_files_lie_elsewhere(uri: str, remote: bool) -> None:
    assert is_remote(uri) is remote


def test_short_names_are_all_different() -> None:
    assert host_labels(["qemu:///system", "qemu:///session", "qemu+ssh://me@web1.example.org/system"]) == {
        "qemu:///system": "system",
        "qemu:///session": "session",
        "qemu+ssh://me@web1.example.org/system": "web1",
    }
    assert list(host_labels(["qemu+ssh://web1/system", "qemu+ssh://web1/session"]).values()) == [
        "web1/system",
        "web1/session",
    ]
    assert list(host_labels(["qemu+ssh://web1.a.org/system", "qemu+ssh://web1.b.org/system"]).values()) == [
        "web1.a.org",
        "web1.b.org",
    ]
    assert list(host_labels(["qemu+ssh://10.0.0.1:22/system", "qemu+ssh://10.0.0.1:23/system"]).values()) == [
        "10.0.0.1:22",
        "10.0.0.1:23",
    ]
    ways = [
        "qemu+unix:///system?socket=/a",
        "qemu:///system",
        "qemu+ssh://a@h/system",
        "qemu+tls://a@h/system",
    ]
    assert len(set(host_labels(ways).values())) == 4
