"""Every fault of a file is told at once, at its line and column, in words that help."""

from pathlib import Path

import pytest

from clonebox_tui import config
from clonebox_tui.config import Request
from clonebox_tui.model.environment import ConfigFault, FaultLevel
from clonebox_tui.model.problem import Code, Exit, ProblemError

BAD = [
    # (text, line, column, path, a part of the message)
    ("vm:\n  name: a b\n", 2, 9, "vm.name", "not a valid name"),
    ("vm:\n  name: ../etc\n", 2, 9, "vm.name", "not a valid name"),
    ("vm:\n  name: -x\n", 2, 9, "vm.name", "not a valid name"),
    (f"vm:\n  name: {'n' * 65}\n", 2, 9, "vm.name", "not a valid name"),
    ("vm:\n  name: ''\n", 2, 9, "vm.name", "not a valid name"),
    ("vm:\n  name: [a]\n", 2, 9, "vm.name", "is a list, not text"),
    ("vm:\n  name: ok\n  ram_mb: lots\n", 3, 11, "vm.ram_mb", "not a whole number"),
    ("vm:\n  ram_mb: 64\n", 2, 11, "vm.ram_mb", "out of range"),
    ("vm:\n  ram_mb: yes please\n", 2, 11, "vm.ram_mb", "not a whole number"),
    ("vm:\n  ram_mb: true\n", 2, 11, "vm.ram_mb", "is true or false"),
    ("vm:\n  vcpus: 0\n", 2, 10, "vm.vcpus", "out of range"),
    ("vm:\n  vcpus: 1.5\n", 2, 10, "vm.vcpus", "not a whole number"),
    ("vm:\n  disk_size_gb: -5\n", 2, 17, "vm.disk_size_gb", "out of range"),
    ("vm:\n  disk_size_gb: 20GB\n", 2, 17, "vm.disk_size_gb", "not a whole number"),
    ("vm:\n  network_mode: wifi\n", 2, 17, "vm.network_mode", "not one of the choices"),
    ("vm:\n  accel: fast\n", 2, 10, "vm.accel", "not one of the choices"),
    ("vm:\n  username: Root User\n", 2, 13, "vm.username", "not a valid name"),
    ("vm:\n  uid: 0\n", 2, 8, "vm.uid", "out of range"),
    ("vm:\n  gui: perhaps\n", 2, 8, "vm.gui", "not true or false"),
    ("vm: big\n", 1, 5, "vm", "is not a map"),
    ("vm:\n- name\n", 2, 1, "vm", "is not a map"),
    ("ram_mb: x\n", 1, 9, "ram_mb", "not a whole number"),
    ("packages: git vim\n", 1, 11, "packages", "is not a list"),
    ("packages:\n  - git\n  - Git Hub\n", 3, 5, "packages[1]", "not a valid name"),
    ("packages: [git, 'x; rm -rf /']\n", 1, 17, "packages[1]", "not a valid name"),
    ("packages: [git, {a: 1}]\n", 1, 17, "packages[1]", "is a map"),
    ("packages:\n  -\n", 2, 4, "packages[0]", "is empty"),
    ("services: [nginx, 'a b']\n", 1, 19, "services[1]", "not a valid name"),
    ("paths:\n  /srv: relative\n", 2, 9, "paths['/srv']", "not an absolute path"),
    ("paths:\n  /srv: /etc\n", 2, 9, "paths['/srv']", "the guest itself needs"),
    ("paths:\n  /srv: /proc/x\n", 2, 9, "paths['/srv']", "the guest itself needs"),
    ("paths:\n  /srv: /a/../b\n", 2, 9, "paths['/srv']", "`..`"),
    ("paths:\n  /srv: /mnt/a\n  /tmp: /mnt/a/\n", 3, 9, "paths['/tmp']", "same guest path"),
    ("paths: /srv\n", 1, 8, "paths", "neither a map nor a list"),
    ("paths:\n  - host: /srv\n", 2, 5, "paths[0].guest", "is missing"),
    # libvirt takes no definition with such a folder in it.
    ('paths:\n  - {host: "/srv/a\\nb", guest: /mnt/a}\n', 2, 12, "paths[0].host", "a control character"),
    ("paths:\n  - {host: /srv, guest: /mnt/a, mode: magic}\n", 2, 39, "paths[0].mode", "not one of"),
    ("ports: [80, '80:http']\n", 1, 13, "ports[1]", "is not a port"),
    ("ports: [70000]\n", 1, 9, "ports[0].guest", "out of range"),
    ("ports: ['8080:80', '8080:81']\n", 1, 20, "ports[1]", "the host port is that of ports[0]"),
    ("ports: ['somewhere:80:80']\n", 1, 9, "ports[0]", "no valid address"),
    ("post_commands: [ls, '']\n", 1, 21, "post_commands[1]", "is empty"),
    ("post_commands: ls\n", 1, 16, "post_commands", "is not a list"),
    ("vm:\n  name: a\nvm:\n  name: b\n", 3, 1, "vm", "stands twice (first in line 1)"),
    ("vm:\n  base_image: ${NOWHERE}/x\n", 2, 15, "vm.base_image", "variable NOWHERE is not set"),
    ("vm:\n  name: ${A B}\n", 2, 9, "vm.name", "is no variable"),
    ("vm:\n  name: [a\n", 3, 1, "", "not valid YAML"),
    ("vm:\n\tname: a\n", 2, 1, "", "not valid YAML"),
    ("- just\n- a list\n", 1, 1, "", "no keys at its top"),
    ("vm: {name: a}\nx\x07y: 1\n", 2, 2, "", "control character"),
]


def faults_of(text: str, tmp_path: Path, **environment: str) -> tuple[ConfigFault, ...]:
    return config.check_text(tmp_path / ".clonebox.yaml", text, {"HOME": str(tmp_path), **environment}).faults


@pytest.mark.parametrize(("text", "line", "column", "path", "message"), BAD)
def test_a_bad_value_is_found_where_it_stands(
    text: str, line: int, column: int, path: str, message: str, tmp_path: Path
) -> None:
    errors = [fault for fault in faults_of(text, tmp_path) if fault.level is FaultLevel.ERROR]
    assert [(fault.line, fault.column, fault.path) for fault in errors] == [(line, column, path)]
    assert message in errors[0].message


def test_all_faults_of_a_file_come_at_once_in_its_order(tmp_path: Path) -> None:
    text = "vm:\n  name: a b\n  vcpus: none\nservices: x\npackages: [A, b!]\nports: [0]\npaths: {/x: y}\n"
    errors = [fault for fault in faults_of(text, tmp_path) if fault.level is FaultLevel.ERROR]
    assert [fault.line for fault in errors] == [2, 3, 4, 5, 5, 6, 7]
    assert all("expected: " in fault.hint for fault in errors)


@pytest.mark.parametrize(
    ("text", "place", "meant"),
    [
        ("pakages: [git]\n", (1, 1), "packages"),
        ("vm:\n  name: a\n  disk_gb: 5\n", (3, 3), "disk_size_gb"),
        ("vm:\n  Name: a\n", (2, 3), "name"),
        ("paths:\n  - {host: /, guset: /mnt/a, guest: /mnt/a}\n", (2, 15), "guest"),
        ("ports:\n  - {guest: 80, hots: 1}\n", (2, 17), "host"),
    ],
)
def test_an_unknown_key_is_a_warning_with_the_nearest_name(
    text: str, place: tuple[int, int], meant: str, tmp_path: Path
) -> None:
    (fault,) = [fault for fault in faults_of(text, tmp_path) if "not known" in fault.message]
    assert fault.level is FaultLevel.WARNING
    assert (fault.line, fault.column) == place
    assert fault.hint == f"did you mean `{meant}`?"


def test_an_unknown_key_like_no_other_is_still_told(tmp_path: Path) -> None:
    (fault,) = faults_of("zzzzqq: 1\n", tmp_path)
    assert (fault.level, fault.path, fault.hint) == (FaultLevel.WARNING, "zzzzqq", "it is ignored")


def test_an_absent_folder_is_a_warning_when_checked_and_an_error_for_a_clone(tmp_path: Path) -> None:
    text = "paths:\n  /not/here: /mnt/a\n"
    (fault,) = faults_of(text, tmp_path)
    assert (fault.level, fault.line, fault.column) == (FaultLevel.WARNING, 2, 14)
    with pytest.raises(ProblemError) as caught:
        config.load_text(tmp_path / "c.yaml", text, Request({}, require_host_files=True))
    assert "'/not/here' is not on this host" in caught.value.problem.why


def test_nested_shares_are_warned_about(tmp_path: Path) -> None:
    text = f"paths:\n  {tmp_path}: /mnt/a\n  /usr: /mnt/a/b\n"
    (fault,) = faults_of(text, tmp_path)
    assert (fault.level, fault.line) == (FaultLevel.WARNING, 3)
    assert "inside each other" in fault.message


def test_the_outer_of_two_nested_shares_comes_first(tmp_path: Path) -> None:
    text = "paths:\n  /usr: /mnt/a/b\n  /var: /mnt/a\n"
    wish = config.load_text(tmp_path / "c.yaml", text, Request({})).wish
    assert [share.guest for share in wish.shares] == ["/mnt/a", "/mnt/a/b"]


def test_repeated_packages_are_warned_about_and_taken_once(tmp_path: Path) -> None:
    text = "packages: [git, vim, git]\n"
    (fault,) = faults_of(text, tmp_path)
    assert (fault.level, fault.column) == (FaultLevel.WARNING, 22)
    assert config.load_text(tmp_path / "c.yaml", text, Request({})).wish.packages == ("git", "vim")


def test_loading_a_bad_file_raises_with_every_fault_and_exit_code_5(tmp_path: Path) -> None:
    file = tmp_path / ".clonebox.yaml"
    file.write_text("vm:\n  name: a b\n  vcpus: x\n")
    with pytest.raises(ProblemError) as caught:
        config.load(file, {})
    assert caught.value.problem.code is Code.CONFIG_INVALID
    assert caught.value.problem.exit_code is Exit.INVALID_CONFIG
    assert caught.value.problem.what.endswith("has 2 faults.")
    assert len(caught.value.problem.details) == 2
    assert caught.value.problem.details[0].startswith("error: 2:9 vm.name: 'a b'")


def test_escape_characters_of_a_file_never_reach_a_message_raw(tmp_path: Path) -> None:
    text = 'vm:\n  name: "a\\x1b[31m"\n"k\\x1b]0;x": 1\npaths: {"/\\x1b[2J": rel}\n'
    lines = [fault.text() for fault in faults_of(text, tmp_path)]
    assert len(lines) >= 3
    assert not any("\x1b" in line for line in lines)


@pytest.mark.parametrize("text", ["secrets: hunter2\n", "vm:\n  auth: {password: hunter2}\n  limits: x\n"])
def test_what_stands_under_a_secret_key_is_never_quoted(text: str, tmp_path: Path) -> None:
    lines = [fault.text() for fault in faults_of(text, tmp_path)]
    assert any(line.startswith("error") for line in lines)
    assert "hunter2" not in "".join(lines)


def test_an_alias_bomb_is_refused_quickly(tmp_path: Path) -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    (fault,) = faults_of("\n".join(rows), tmp_path)
    assert (fault.level, fault.line) == (FaultLevel.ERROR, 1)
    assert "too deeply or far too many" in fault.message


@pytest.mark.parametrize(
    "text",
    ["a: &a [*a]\n", "[" * 200_000, "a: " + "{a: " * 200 + "1" + "}" * 200, "- a\n" * 60_000],
    ids=["itself", "brackets", "maps", "wide"],
)
def test_endless_nesting_is_refused(text: str, tmp_path: Path) -> None:
    faults = faults_of(text, tmp_path)
    assert [(fault.level, fault.line) for fault in faults] == [(FaultLevel.ERROR, 1)]
    assert "too deeply or far too many" in faults[0].message


def test_tags_make_no_objects(tmp_path: Path) -> None:
    faults = faults_of("vm:\n  name: !!python/object/apply:os.system [echo]\n", tmp_path)
    assert [fault.path for fault in faults if fault.level is FaultLevel.ERROR] == ["vm.name"]


def test_an_empty_file_is_a_machine_with_defaults(tmp_path: Path) -> None:
    folder = tmp_path / "Mein Projekt (neu)!"
    folder.mkdir()
    loaded = config.load_text(folder / ".clonebox.yaml", "# nothing yet\n", Request({}))
    assert loaded.wish.name == "clone-Mein-Projekt-neu"
    assert loaded.faults == ()


@pytest.mark.parametrize(
    ("make", "code", "words"),
    [
        (lambda path: path.unlink(missing_ok=True), Code.FILE_NOT_FOUND, "There is no file"),
        (lambda path: path.mkdir(), Code.CONFIG_INVALID, "not a regular file"),
        (lambda path: path.write_bytes(b"vm:\n  name: \xff\n"), Code.CONFIG_INVALID, "not UTF-8"),
        (lambda path: path.write_bytes(b"#" * 2_000_000), Code.CONFIG_INVALID, "too large"),
    ],
    ids=["absent", "folder", "latin-1", "huge"],
)
def test_a_file_that_cannot_be_read_says_why(make: object, code: Code, words: str, tmp_path: Path) -> None:
    path = tmp_path / ".clonebox.yaml"
    assert callable(make)
    make(path)
    with pytest.raises(ProblemError) as caught:
        config.check(path, {})
    assert caught.value.problem.code is code
    assert words in caught.value.problem.what
