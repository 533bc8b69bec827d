"""Fields of the wizard are checked as they are typed, by the file's own rules, each with a sentence."""

from pathlib import Path

import msgspec
import pytest

from clonebox_tui import config
from clonebox_tui.model.environment import (
    GIBIBYTE,
    MEBIBYTE,
    HostLimits,
    MachineWish,
    PortWish,
    ShareWish,
)

GOOD = MachineWish(
    "clone-shop", 2, 2 * GIBIBYTE, 20 * GIBIBYTE, "mia", 1000, packages=("git",), services=("ssh",)
)
LIMITS = HostLimits(4, 8 * GIBIBYTE, 4 * GIBIBYTE, 50 * GIBIBYTE)


def test_a_good_wish_has_no_faults(tmp_path: Path) -> None:
    wish = msgspec.structs.replace(
        GOOD,
        base_image="debian-12",
        shares=(ShareWish(str(tmp_path), "/home/mia/a"),),
        ports=(PortWish(80), PortWish(53, 5353, "udp")),
        post_commands=("echo ${X}",),
    )
    faults = config.check_wish(wish, LIMITS, {"other"})
    assert (faults.errors, faults.warnings) == ({}, {})


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": "a b"}, "name", "not a valid name"),
        ({"name": ""}, "name", "not a valid name"),
        ({"name": "taken"}, "name", "already there"),
        ({"vcpus": 0}, "vcpus", "out of range"),
        ({"memory_bytes": 100 * MEBIBYTE}, "memory_bytes", "out of range"),
        ({"memory_bytes": 9 * GIBIBYTE}, "memory_bytes", "this host has 8.0 GiB"),
        ({"disk_bytes": 0}, "disk_bytes", "out of range"),
        ({"username": "Mia"}, "username", "not a valid name"),
        ({"uid": 0}, "uid", "out of range"),
        ({"base_image": "/not/here.qcow2"}, "base_image", "not on this host"),
        ({"packages": ("git", "a b")}, "packages.1", "not a valid name"),
        ({"services": ("/x",)}, "services.0", "not a valid name"),
        ({"ports": (PortWish(0),)}, "ports.0.guest", "out of range"),
        ({"ports": (PortWish(80, 70000),)}, "ports.0.host", "out of range"),
        ({"ports": (PortWish(80), PortWish(80))}, "ports.1", "that of ports[0]"),
        ({"shares": (ShareWish("/not/here", "/mnt/a"),)}, "shares.0.host", "not on this host"),
        ({"shares": (ShareWish("/usr", "/usr"),)}, "shares.0.guest", "guest itself needs"),
        (
            {"shares": (ShareWish("/usr", "/mnt/a"), ShareWish("/var", "/mnt/a"))},
            "shares.1",
            "same guest path",
        ),
        ({"post_commands": (" ",)}, "post_commands.0", "is empty"),
    ],
)
def test_a_field_that_cannot_stand_is_an_error(changes: dict[str, object], field: str, words: str) -> None:
    faults = config.check_wish(msgspec.structs.replace(GOOD, **changes), LIMITS, {"taken"})
    assert set(faults.errors) == {field}
    assert words in faults.errors[field]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"memory_bytes": 5 * GIBIBYTE}, "memory_bytes"),
        ({"vcpus": 5}, "vcpus"),
        ({"disk_bytes": 60 * GIBIBYTE}, "disk_bytes"),
        ({"shares": (ShareWish("/usr", "/mnt/a"), ShareWish("/var", "/mnt/a/b"))}, "shares.1"),
        ({"packages": ("git", "git")}, "packages.1"),
    ],
)
def test_a_field_that_may_not_be_meant_is_a_warning(changes: dict[str, object], field: str) -> None:
    faults = config.check_wish(msgspec.structs.replace(GOOD, **changes), LIMITS)
    assert faults.errors == {}
    assert set(faults.warnings) == {field}
