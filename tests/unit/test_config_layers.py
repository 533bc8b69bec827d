"""Profiles, `--set`, variables and secrets: what is laid over a file, and what never leaks out of it."""

from pathlib import Path

import pytest

from clonebox_tui import config
from clonebox_tui.model.environment import GIBIBYTE, MEBIBYTE, FaultLevel, GuestUser, HostLimits
from clonebox_tui.model.problem import Code, ProblemError

FILE = "vm:\n  name: base\n  vcpus: 2\n  ram_mb: 1024\npackages: [git]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".clonebox.yaml").write_text(FILE)
    return tmp_path


def profile(folder: Path, name: str, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.yaml").write_text(text)


def load(folder: Path, *settings: str, use: str | None = None, **environment: str) -> config.LoadedConfig:
    variables = {"HOME": str(folder / "home"), **environment}
    return config.load(folder / ".clonebox.yaml", variables, profile=use, settings=settings)


def test_a_profile_lies_over_the_file_maps_merged_lists_replaced(folder: Path) -> None:
    profile(folder / ".clonebox.d", "web", "vm:\n  vcpus: 4\n  services: [nginx]\npackages: [nginx]\n")
    wish = load(folder, use="web").wish
    assert (wish.name, wish.vcpus, wish.memory_bytes) == ("base", 4, 1024 * MEBIBYTE)
    assert (wish.packages, wish.services) == (("nginx",), ("nginx",))


def test_profiles_are_found_in_the_project_then_the_users_folders(folder: Path) -> None:
    home = folder / "home"
    profile(home / ".clonebox.d", "p", "vm: {vcpus: 3}")
    assert load(folder, use="p").wish.vcpus == 3
    profile(home / ".config/clonebox/profiles", "p", "vm: {vcpus: 4}")
    assert load(folder, use="p").wish.vcpus == 4
    profile(folder / "xdg/clonebox/profiles", "p", "vm: {vcpus: 5}")
    assert load(folder, use="p", XDG_CONFIG_HOME=str(folder / "xdg")).wish.vcpus == 5
    profile(folder / ".clonebox.d", "p", "vm: {vcpus: 6}")
    assert load(folder, use="p").wish.vcpus == 6


@pytest.mark.parametrize("name", ["nope", "../web", "/etc/passwd", ""])
def test_an_unknown_profile_lists_the_names_and_the_places(folder: Path, name: str) -> None:
    profile(folder / ".clonebox.d", "web", "vm: {}")
    profile(folder, "web", "vm: {}")
    with pytest.raises(ProblemError) as caught:
        load(folder, use=name)
    assert caught.value.problem.code is Code.CONFIG_INVALID
    assert "web" in caught.value.problem.why
    assert f"searched: {folder / '.clonebox.d'}" in caught.value.problem.details
    assert len(caught.value.problem.details) == 3


def test_a_fault_in_a_profile_is_told_as_the_profiles(folder: Path) -> None:
    profile(folder / ".clonebox.d", "bad", "vm: {vcpus: many}")
    with pytest.raises(ProblemError) as caught:
        load(folder, use="bad")
    assert caught.value.problem.details[0].startswith("error: profile bad vm.vcpus: 'many' is text")


@pytest.mark.parametrize("text", ["- a\n", "a: [\n", "a: &a [*a]\n"])
def test_a_profile_that_is_no_map_is_refused(folder: Path, text: str) -> None:
    profile(folder / ".clonebox.d", "odd", text)
    with pytest.raises(ProblemError) as caught:
        load(folder, use="odd")
    assert caught.value.problem.code is Code.CONFIG_INVALID


def test_set_wins_over_file_and_profile(folder: Path) -> None:
    profile(folder / ".clonebox.d", "web", "vm: {vcpus: 4, name: web}")
    wish = load(folder, "vm.vcpus=8", "name=mine", "packages=[vim, jq]", "packages.1=curl", use="web").wish
    assert (wish.vcpus, wish.name, wish.packages) == (8, "mine", ("vim", "curl"))


def test_set_can_make_a_section_that_is_not_there(folder: Path) -> None:
    assert load(folder, "services=[nginx]", "vm.accel=tcg").wish.services == ("nginx",)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("vm.vcpu=3", "not known"),
        ("colour=red", "not known"),
        ("vm.name", "not key=value"),
        ("=3", "not key=value"),
        ("vm.name=[", "not valid YAML"),
        ("packages.9=x", "no place"),
    ],
)
def test_a_setting_that_makes_no_sense_is_wrong_usage(folder: Path, setting: str, words: str) -> None:
    with pytest.raises(ProblemError) as caught:
        load(folder, setting)
    assert caught.value.problem.code is Code.USAGE
    assert words in caught.value.problem.what


def test_a_setting_of_a_wrong_value_is_told_as_such(folder: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        load(folder, "vm.vcpus=none")
    assert caught.value.problem.details[0].startswith("error: --set vm.vcpus: ")
    assert "Did you mean" not in caught.value.problem.next
    # Not the file's fault, which need not be there at all.
    assert caught.value.problem.what == "--set has 1 fault."
    assert "Correct the file" not in caught.value.problem.next


def test_variables_come_from_the_files_beside_before_the_requests_environment(folder: Path) -> None:
    (folder / ".clonebox.yaml").write_text("vm: {name: '${A}-${B}-${C}'}\n")
    (folder / ".env").write_text("# comment\nA=env\nexport B='env'\n\nbroken line\n")
    (folder / ".clonebox.env").write_text('A = "clonebox"\n')
    assert load(folder, A="process", B="process", C="process").wish.name == "clonebox-env-process"


def test_the_workers_own_environment_is_never_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONLY_HERE", "leaked")
    (folder / ".clonebox.yaml").write_text("vm: {name: '${ONLY_HERE:-clean}'}\n")
    assert load(folder).wish.name == "clean"


def test_what_a_variable_holds_is_never_shown(folder: Path) -> None:
    secret = "hunter2-s3cret"
    (folder / ".env").write_text(f"SECRET={secret}\nPORT=99{secret}\n")
    (folder / ".clonebox.yaml").write_text(
        "vm:\n  name: ${SECRET} x\n  ram_mb: ${SECRET}\n"
        "  base_image: ./${SECRET}\n  network_mode: ${SECRET}\n"
        "packages: ['${SECRET}!', '${SECRET}!']\nports: ['${PORT}', {guest: 1, bind: '${SECRET}'}]\n"
        "paths:\n  - {host: '/${SECRET}', guest: '/proc/${SECRET}'}\n"
        "  - {host: '${SECRET}', guest: '${SECRET}'}\n"
    )
    report = config.check(folder / ".clonebox.yaml", {})
    told = "\n".join(fault.text() for fault in report.faults)
    assert not report.ok
    assert secret not in told
    assert "${SECRET}" in told
    with pytest.raises(ProblemError) as caught:
        load(folder)
    assert secret not in repr(caught.value.problem)


def test_a_password_variable_that_is_not_set_does_not_matter(folder: Path) -> None:
    (folder / ".clonebox.yaml").write_text("vm: {name: a, password: '${VM_PASSWORD}'}\n")
    faults = load(folder).faults
    assert [(fault.level, fault.path) for fault in faults] == [(FaultLevel.WARNING, "vm.password")]


def test_a_variable_in_a_key_is_warned_about(folder: Path) -> None:
    (folder / ".clonebox.yaml").write_text("paths:\n  ${HOME}/x: /mnt/x\n")
    messages = [fault.message for fault in load(folder).faults]
    assert "variables are not put into keys" in messages


def test_tilde_and_relative_folders_are_made_absolute(folder: Path) -> None:
    (folder / ".clonebox.yaml").write_text("paths:\n  ~/a: /mnt/a\n  ./b: /mnt/b\n  .: /mnt/c\n")
    assert [share.host for share in load(folder).wish.shares] == [
        f"{folder}/home/a",
        f"{folder}/b",
        str(folder),
    ]


def test_both_file_names_are_found_and_the_hidden_one_wins(tmp_path: Path) -> None:
    assert config.find_file(tmp_path) is None
    (tmp_path / "clonebox.yaml").touch()
    assert config.find_file(tmp_path) == tmp_path / "clonebox.yaml"
    (tmp_path / ".clonebox.yaml").touch()
    assert config.find_file(tmp_path) == tmp_path / ".clonebox.yaml"
    assert config.find_file(tmp_path / "clonebox.yaml") == tmp_path / "clonebox.yaml"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("shop", "clone-shop"),
        ("My Shop (2)", "clone-My-Shop-2"),
        ("Über", "clone-ber"),
        ("…", "clone-folder"),
        ("x" * 90, "clone-" + "x" * 58),
        ("-a-", "clone-a"),
    ],
)
def test_the_default_name_is_fit_for_a_machine(name: str, expected: str) -> None:
    assert config.default_name(Path("/srv") / name) == expected


@pytest.mark.parametrize(
    ("name", "uid", "expected"),
    [
        ("mia", 1001, GuestUser("mia", 1001)),
        ("root", 0, GuestUser("dev", 1000)),
        ("DOMAIN\\mia", 70001, GuestUser("dev", 70001)),
    ],
)
def test_the_guests_user_is_the_hosts_but_never_root(name: str, uid: int, expected: GuestUser) -> None:
    assert config.guest_user(name, uid) == expected


def test_default_sizes_follow_the_host() -> None:
    small = HostLimits(1, 2 * GIBIBYTE, GIBIBYTE * 3 // 2, 0)
    large = HostLimits(16, 64 * GIBIBYTE, 60 * GIBIBYTE, 0)
    tiny = HostLimits(2, GIBIBYTE, GIBIBYTE // 4, 0)
    assert [config.default_vcpus(host) for host in (small, large, None)] == [1, 2, 1]
    sizes = [config.default_memory_bytes(host) // MEBIBYTE for host in (small, large, tiny, None)]
    assert sizes == [768, 2048, 512, 2048]


def test_the_schema_knows_every_key_and_says_which_do_nothing_yet() -> None:
    schema = config.schema()
    assert {"vm", "paths", "packages", "ports", "name", "connection"} <= set(schema["properties"])
    assert "ignored for now" in schema["properties"]["snap_packages"]["description"]
    machine = schema["$defs"]["VmSection"]["properties"]
    assert machine["accel"]["enum"] == ["auto", "kvm", "tcg"]
    assert (machine["vcpus"]["anyOf"][0]["minimum"], machine["vcpus"]["anyOf"][0]["maximum"]) == (1, 512)
    assert schema["properties"]["packages"]["items"]["pattern"] == "^[a-z0-9][a-z0-9+.-]+$"
