"""From a folder to a wish: a file as it stands, else what is detected; nothing is written."""

from pathlib import Path

import msgspec
import pytest

from clonebox_tui import config
from clonebox_tui.engine.detect import prepare
from clonebox_tui.engine.detect.items import item
from clonebox_tui.model.environment import (
    GIBIBYTE,
    DetectedItem,
    DetectedKind,
    HostLimits,
    PackageFacts,
    ProjectFacts,
    ServiceFacts,
)
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.model.rpc import Context, PrepareClone, Prepared

LIMITS = HostLimits(8, 16 * GIBIBYTE, 12 * GIBIBYTE, 100 * GIBIBYTE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "shop"
    place.mkdir()
    return place


def items(folder: Path) -> tuple[DetectedItem, ...]:
    return (
        item(DetectedKind.PROJECT, str(folder), "asked for", ProjectFacts(str(folder)), suggested=True),
        item(DetectedKind.SERVICE, "nginx", "enabled", ServiceFacts("nginx.service", "nginx")),
        item(DetectedKind.PACKAGE, "jq", "by hand", PackageFacts("1.6")),
    )


def request(place: Path, **changes: object) -> PrepareClone:
    context = Context("/", {"HOME": "/home/mia", "CPUS": "3"})
    return msgspec.structs.replace(PrepareClone(str(place), context), **changes)


async def prepared(place: Path, **changes: object) -> Prepared:
    return await prepare(request(place, **changes), LIMITS)


async def test_a_file_is_used_as_it_stands(folder: Path) -> None:
    text = (
        "vm: {name: mine, vcpus: '${CPUS}'}  # by hand\npackages: [git, git]\nconnection: test:///default\n"
    )
    (folder / ".clonebox.yaml").write_text(text)
    found = await prepared(folder, items=items(folder))
    assert (found.existing, found.config_text, found.directory) == (True, text, str(folder))
    assert (found.wish.name, found.wish.vcpus, found.wish.packages) == ("mine", 3, ("git",))
    assert found.connection == "test:///default"
    assert found.report is not None
    assert [fault.path for fault in found.report.faults] == ["packages[1]"]


async def test_a_file_may_be_named_itself(folder: Path) -> None:
    (folder / "other.yaml").write_text("vm: {name: other}\n")
    found = await prepared(folder / "other.yaml", connection="qemu:///session")
    assert (found.wish.name, found.directory, found.connection) == ("other", str(folder), "qemu:///session")


async def test_without_a_file_the_chosen_items_make_one(folder: Path) -> None:
    found = await prepared(folder, items=items(folder))
    assert not found.existing
    assert found.wish.packages == ("jq", "nginx")
    assert found.wish.services == ("nginx",)
    assert found.wish.vcpus == 2
    assert [share.host for share in found.wish.shares] == [str(folder)]
    assert "- jq     # 1.6, installed by hand" in found.config_text
    assert config.find_file(folder) is None
    reread = config.load_text(folder / ".clonebox.yaml", found.config_text, config.Request({}))
    assert reread.wish == found.wish


async def test_without_items_what_is_suggested_is_taken(folder: Path) -> None:
    found = await prepared(folder)
    assert [share.host for share in found.wish.shares] == [str(folder)]
    assert found.wish.name == "clone-shop"


async def test_name_profile_and_settings_win_and_are_in_the_written_file(folder: Path) -> None:
    (folder / ".clonebox.d").mkdir()
    (folder / ".clonebox.d/big.yaml").write_text("vm: {vcpus: 7}\n")
    found = await prepared(folder, items=(), name="1e3", profile="big", settings=("vm.ram_mb=512",))
    assert (found.wish.name, found.wish.vcpus, found.wish.memory_bytes) == ("1e3", 7, GIBIBYTE // 2)
    assert "vcpus: 7\n" in found.config_text


async def test_an_absent_share_stops_a_clone(folder: Path) -> None:
    (folder / ".clonebox.yaml").write_text("paths: {/not/here: /mnt/x}\n")
    with pytest.raises(ProblemError) as caught:
        await prepared(folder)
    assert caught.value.problem.code is Code.CONFIG_INVALID


async def test_a_folder_that_is_not_there_is_said(folder: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        await prepared(folder / "gone")
    assert caught.value.problem.code is Code.FILE_NOT_FOUND
