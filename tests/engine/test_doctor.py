"""The doctor tells what this host can do and what to install, and makes nothing but what was asked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from clonebox_tui.engine.detect import read_host_limits
from clonebox_tui.engine.doctor import Doctor
from clonebox_tui.engine.doctor import host as host_checks
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.leftovers import Leftover
from clonebox_tui.model.connection import Connection, Link
from clonebox_tui.model.environment import GIBIBYTE, HostLimits
from clonebox_tui.model.places import places
from clonebox_tui.model.problem import Code, Problem
from clonebox_tui.model.rpc import Check, Survey
from clonebox_tui.providers import provider_for

NOWHERE = "qemu+unix:///system?socket=/nowhere/libvirt-sock"


@asynccontextmanager
async def _doctor(uri: str, world: Path) -> AsyncIterator[Doctor]:
    fleet = Fleet(provider_for)
    fleet.add(uri)
    await fleet.opened(60)

    async def accelerator() -> tuple[str, str]:
        return "tcg", "the test says so"

    place = places({"HOME": str(world / "home"), "XDG_DATA_HOME": str(world / "home" / "data")}, 0)
    yield Doctor(fleet, place, accelerator, read_host_limits)
    await fleet.close()


def _by_name(survey: Survey) -> dict[str, Check]:
    return {check.name: check for check in survey.checks}


async def test_a_tool_that_is_missing_is_named_with_its_package(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clonebox_tui.engine.doctor.tools.SYSTEM_FOLDERS", str(world))
    monkeypatch.setenv("PATH", str(world))
    (world / "ssh").write_text("#!/bin/sh\n")
    (world / "ssh").chmod(0o755)
    async with _doctor("qemu:///session", world) as doctor:
        checks = _by_name(await doctor.survey())
    assert checks["ssh"].state == "ok"
    assert (checks["qemu-img"].state, checks["qemu-img"].package) == ("problem", "qemu-utils")
    assert "apt install qemu-utils" in checks["qemu-img"].fix
    assert checks["mmdebstrap"].state == "warning"


async def test_a_fix_makes_the_folder_and_only_that(world: Path) -> None:
    folder = world / "home" / "data" / "clonebox"
    async with _doctor("qemu:///session", world) as doctor:
        before = _by_name(await doctor.survey())["folder"]
        assert (before.state, before.fixable) == ("ok", True)
        after = _by_name(await doctor.fix(("folder",)))["folder"]
    assert (after.found, after.fixable) == (str(folder), False)
    assert folder.stat().st_mode & 0o777 == 0o700


async def test_a_connection_that_is_down_says_why_and_what_to_do(world: Path) -> None:
    async with _doctor(NOWHERE, world) as doctor:
        check = _by_name(await doctor.survey(NOWHERE))["connection"]
    assert check.state == "problem"
    assert "/nowhere/libvirt-sock" in check.found
    assert check.fix


async def test_the_demo_claims_nothing_about_this_host(world: Path) -> None:
    async with _doctor("simulated://demo?machines=1", world) as doctor:
        survey = await doctor.survey()
    assert [check.name for check in survey.checks] == ["connection", "memory", "store"]


def test_room_is_judged_with_its_figures() -> None:
    little = HostLimits(2, 4 * GIBIBYTE, GIBIBYTE // 2, GIBIBYTE)
    disk, memory = host_checks.disk_check(little, Path("/place")), host_checks.memory_check(little)
    assert (disk.state, disk.found) == ("problem", "1.0 GiB free for /place")
    assert (memory.state, memory.found) == ("warning", "0.5 of 4.0 GiB free, 2 CPUs")


def test_only_what_is_certain_can_be_fixed() -> None:
    unsure = Leftover("/place/machines/old", "of no machine that is defined")
    certain = Leftover("/place/machines/gone", "of a clone that never was ready", removable=True)
    check = host_checks.leftovers_check((unsure,))
    assert (check.state, check.fixable, unsure.path in check.found) == ("warning", False, True)
    assert host_checks.leftovers_check((certain, unsure)).fixable
    assert host_checks.leftovers_check(()).state == "ok"


def test_the_causes_own_advice_comes_first() -> None:
    cause = Problem(Code.CONNECTION_FAILED, "no", why="refused", next="join the group libvirt")
    down = Connection("qemu:///system", Link.DOWN, 0.0, "libvirt", problem=cause)
    check = host_checks.connection_check(down, "qemu:///system")
    assert (check.fix, "refused" in check.found) == ("join the group libvirt", True)
