"""People's existing files open: every shape the original accepted, and the new keys."""

from pathlib import Path

import pytest

from clonebox_tui import config
from clonebox_tui.model.environment import (
    GIBIBYTE,
    MEBIBYTE,
    Accel,
    FaultLevel,
    GuestUser,
    MachineWish,
    NetworkMode,
    PortWish,
    ShareWish,
)

SAMPLES = Path(__file__).parent.parent / "samples" / "config"
ENVIRONMENT = {"HOME": "/home/mia", "RAM": "3072", "PROJECTS": "/srv/projects", "GUEST": "dev"}
USER = GuestUser("mia", 1001)


def wish_of(name: str) -> MachineWish:
    return config.load(SAMPLES / name, ENVIRONMENT, user=USER).wish


def notices_of(name: str) -> set[str]:
    faults = config.check(SAMPLES / name, ENVIRONMENT).faults
    return {fault.path for fault in faults if fault.level is FaultLevel.NOTICE}


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_sample_loads_and_none_of_its_keys_is_unknown(path: Path) -> None:
    report = config.check(path, ENVIRONMENT)
    assert report.ok, [fault.text() for fault in report.faults]
    assert not [fault for fault in report.faults if "not known" in fault.message]
    assert config.load(path, ENVIRONMENT, user=USER).wish.name


def test_the_example_of_the_manual_loads_without_a_word(tmp_path: Path) -> None:
    manual = Path(__file__).parent.parent.parent / "docs" / "config.md"
    example = manual.read_text().partition("```yaml\n")[2].partition("```")[0]
    example = example.replace("/home/mia/shop:", f"{tmp_path}:")
    loaded = config.load_text(tmp_path / ".clonebox.yaml", example, config.Request({}))
    assert loaded.faults == ()
    assert (loaded.wish.services, loaded.wish.ports) == (("nginx",), (PortWish(80),))


def test_the_manual_names_every_key_of_the_model() -> None:
    manual = (Path(__file__).parent.parent.parent / "docs" / "config.md").read_text()
    schema = config.schema()
    keys = {*schema["properties"], *schema["$defs"]["VmSection"]["properties"]}
    assert {key for key in keys if key not in manual} == set()


def test_there_are_at_least_ten_samples() -> None:
    assert len(list(SAMPLES.glob("*.yaml"))) >= 10


def test_a_generated_file_keeps_sizes_lists_and_shares() -> None:
    wish = wish_of("01-generated-v1.yaml")
    assert (wish.name, wish.vcpus, wish.memory_bytes) == ("clone-shop", 4, 4096 * MEBIBYTE)
    assert wish.disk_bytes == 20 * GIBIBYTE
    assert wish.services == ("docker", "nginx")
    assert wish.packages == ("build-essential", "curl", "git", "vim")
    assert ShareWish("/home/mia/github/shop", "/mnt/project0") in wish.shares
    assert len(wish.shares) == 5
    assert (wish.username, wish.uid) == ("ubuntu", 1001)


def test_keys_without_an_effect_are_named_and_not_silently_dropped() -> None:
    assert notices_of("01-generated-v1.yaml") == {
        "vm.gui",
        "snap_packages",
        "app_data_paths",
        "browser_profiles",
    }
    assert notices_of("02-nested-v2.yaml") == {"vm.auth", "secrets", "limits", "health_checks"}
    assert notices_of("05-web-services-historic.yaml") == {"web_services", "copy_paths"}


def test_service_suffix_is_one_spelling() -> None:
    assert wish_of("02-nested-v2.yaml").services == ("postgresql",)
    assert wish_of("02-nested-v2.yaml").network is NetworkMode.DEFAULT


def test_a_flat_file_is_the_vm_section() -> None:
    wish = wish_of("03-flat.yaml")
    assert (wish.name, wish.vcpus, wish.memory_bytes, wish.username) == ("old-box", 2, 2 * GIBIBYTE, "anna")
    assert wish.network is NetworkMode.USER


def test_a_password_is_accepted_warned_about_and_never_shown() -> None:
    report = config.check(SAMPLES / "03-flat.yaml", ENVIRONMENT)
    (fault,) = [fault for fault in report.faults if fault.path == "password"]
    assert fault.level is FaultLevel.WARNING
    assert "keys only; password login is not set up" in fault.message
    assert "12345" not in " ".join(each.text() for each in report.faults)


def test_lists_under_vm_join_those_at_the_top() -> None:
    wish = wish_of("04-lists-under-vm.yaml")
    assert wish.packages == ("git-lfs", "python3-venv", "python3-pip", "git")
    assert wish.services == ("docker",)


def test_shell_variables_in_commands_are_the_guests_own() -> None:
    commands = wish_of("05-web-services-historic.yaml").post_commands
    assert commands[0].startswith("set -e\ncd /mnt/project0\n")
    assert 'echo "${f%.sql}"' in commands[0]


def test_variables_defaults_and_escapes() -> None:
    wish = wish_of("06-variables.yaml")
    assert (wish.name, wish.memory_bytes, wish.vcpus) == ("from-default", 3 * GIBIBYTE, 3)
    assert wish.shares == (ShareWish("/srv/projects/shop", "/home/dev/shop$1"),)
    assert wish.post_commands == ("echo ${HOME} $$",)


def test_new_keys() -> None:
    wish = wish_of("07-new-keys.yaml")
    assert wish.accel is Accel.TCG
    assert (wish.connection, wish.base_image, wish.uid) == ("qemu:///session", "debian-12", 1234)
    assert wish.shares == (
        ShareWish(str(SAMPLES / "code"), "/home/dev/code"),
        ShareWish("/usr/share/dict", "/home/dev/words", readonly=True),
    )
    assert wish.ports == (
        PortWish(80),
        PortWish(8080, 8080),
        PortWish(5432, 5432),
        PortWish(53, 5353, "udp", "::1"),
        PortWish(6379, 16379, service="redis-server"),
    )


def test_old_network_words_act_as_the_nearest_and_say_so() -> None:
    assert wish_of("09-nat-bridge-and-limits.yaml").network is NetworkMode.DEFAULT
    assert "vm.network_mode" in notices_of("09-nat-bridge-and-limits.yaml")


def test_anchors_are_followed() -> None:
    assert wish_of("11-anchors.yaml").packages == ("git", "curl")


def test_defaults_fill_what_a_file_leaves_open() -> None:
    wish = wish_of("08-empty-sections.yaml")
    assert (wish.username, wish.uid, wish.memory_bytes) == ("mia", 1001, 2 * GIBIBYTE)
    assert (wish.packages, wish.shares, wish.ports) == ((), (), ())
