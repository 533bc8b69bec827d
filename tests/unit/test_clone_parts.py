"""The parts of a clone that decide something: tags, fstab lines, addresses, folders, what apt says."""

import os
import re
import socket
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clonebox_tui.engine.clone import blueprint, folder, mounts, project_file, shares
from clonebox_tui.engine.clone.base import Base
from clonebox_tui.engine.clone.packages import PackageFollower, absent_packages
from clonebox_tui.engine.clone.waiting import console_evidence
from clonebox_tui.model.environment import NetworkMode, PortWish, ShareWish
from clonebox_tui.model.machine import Share
from clonebox_tui.model.problem import Code, ProblemError
from tests.engine.clone_workshop import WISH, Notes

PATHS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=60)


@given(PATHS)
def test_an_fstab_line_names_any_path_in_one_field(name: str) -> None:
    guest = f"/home/dev/{name}"
    line = shares.fstab_line(Share("/h", guest, shares.tag_for(guest), "virtiofs"))
    fields = re.split(r"[ \t\n]+", line)
    assert len(fields) == 6
    assert mounts.unescaped(fields[1]) == guest


@given(PATHS)
def test_a_tag_is_short_and_the_same_for_the_same_place(name: str) -> None:
    tag = shares.tag_for(name)
    assert tag == shares.tag_for(name)
    assert len(tag.encode()) <= 31


def test_shares_are_read_only_where_wished_and_parents_come_first() -> None:
    wishes = [ShareWish("/b", "/home/dev/a/b", True), ShareWish("/a", "/home/dev/a")]
    made = shares.shares_of(wishes, "9p")
    assert [share.guest for share in made] == ["/home/dev/a", "/home/dev/a/b"]
    assert " ro,trans=virtio" in shares.fstab_line(made[1])
    assert " rw,trans=virtio" in shares.fstab_line(made[0])


def test_the_driver_is_what_the_connection_can() -> None:
    assert shares.driver_for(("9p", "virtiofs")) == "virtiofs"
    assert shares.driver_for(("9p",)) == "9p"
    with pytest.raises(ProblemError) as caught:
        shares.driver_for(("define",))
    assert caught.value.problem.code is Code.NOT_SUPPORTED


def test_parents_inside_the_home_belong_to_the_user() -> None:
    assert shares.missing_parents("/home/dev/work/deep/a", "/home/dev") == (
        "/home/dev/work",
        "/home/dev/work/deep",
    )
    assert shares.missing_parents("/srv/a", "/home/dev") == ()


def test_a_blueprint_has_an_identity_of_its_own_and_a_way_in() -> None:
    base = Base("debian", "/images/debian/disk.qcow2")
    wish = msgspec.structs.replace(WISH, ports=(PortWish(80, 18080), PortWish(53, protocol="udp")))
    one, two = (blueprint.draw(wish, base, Path("/m"), "tcg", ("9p",)) for _ in range(2))
    assert one.uuid != two.uuid
    assert one.mac != two.mac
    assert one.mac.startswith("52:54:00:")
    assert one.ports == (80,)
    assert [(each.bind, each.guest_port) for each in one.forwards] == [("127.0.0.1", 22), ("127.0.0.1", 80)]
    assert blueprint.ssh_port(one) == one.forwards[0].host_port


def test_a_machine_on_libvirts_network_gets_no_forwards() -> None:
    wish = msgspec.structs.replace(WISH, network=NetworkMode.DEFAULT)
    spec = blueprint.draw(wish, Base("b", "/b"), Path("/m"), "kvm", ())
    assert (spec.network, spec.forwards) == ("default", ())


def test_a_port_in_use_is_refused_by_its_number() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ProblemError) as caught:
            blueprint.refuse_taken_ports(msgspec.structs.replace(WISH, ports=(PortWish(80, port),)))
    assert str(port) in caught.value.problem.what


def test_a_folder_is_removed_by_the_job_that_made_it_only(tmp_path: Path) -> None:
    place = tmp_path / "clonebox" / "machines" / "box"
    folder.make_folder(place, "job-1", open_to_qemu=True)
    with pytest.raises(ProblemError) as caught:
        folder.make_folder(place, "job-2", open_to_qemu=True)
    assert caught.value.problem.code is Code.NAME_TAKEN
    folder.remove_folder(place, "job-2")
    assert place.is_dir()
    folder.remove_folder(place, "job-1")
    assert not place.exists()
    folder.remove_folder(place, "job-1")


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_the_project_file_goes_only_while_it_is_as_it_was_written(tmp_path: Path) -> None:
    run, before = Notes(), os.umask(0o077)
    await project_file.write(tmp_path, "vm: {}\n", run)
    os.umask(before)
    assert (tmp_path / ".clonebox.yaml").stat().st_mode & 0o777 == 0o644
    with pytest.raises(ProblemError) as caught:
        project_file.refuse_existing(tmp_path)
    assert caught.value.problem.code is Code.PLAN_STALE
    assert "vm" not in repr(run.memory["project_file"][1:])  # type: ignore[index]
    (tmp_path / ".clonebox.yaml").write_text("vm: {name: mine}\n")
    await project_file.take_back(run)
    assert (tmp_path / ".clonebox.yaml").exists()
    (tmp_path / ".clonebox.yaml").write_text("vm: {}\n")
    # As a full disk or a crash leaves it: half of it, under the job's own name.
    (tmp_path / f".clonebox.yaml.job-{run.job_id}").write_text("vm:")
    await project_file.take_back(run)
    assert _names(tmp_path) == []


async def test_a_project_file_that_appears_meanwhile_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Notes()

    def others_first(_source: Path, target: Path) -> None:
        target.write_text("theirs")
        raise FileExistsError

    monkeypatch.setattr(os, "link", others_first)
    with pytest.raises(ProblemError) as caught:
        await project_file.write(tmp_path, "vm: {}\n", run)
    assert caught.value.problem.code is Code.PLAN_STALE
    await project_file.take_back(run)
    assert _names(tmp_path) == [".clonebox.yaml"]
    assert (tmp_path / ".clonebox.yaml").read_text() == "theirs"


async def test_a_file_system_without_links_gets_the_project_file_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(_source: Path, _target: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", no_links)
    await project_file.write(tmp_path, "vm: {}\n", Notes())
    assert _names(tmp_path) == [".clonebox.yaml"]
    assert (tmp_path / ".clonebox.yaml").read_text() == "vm: {}\n"


async def test_what_apt_says_becomes_a_count_of_packages() -> None:
    run = Notes()
    follower = PackageFollower(run, 2)
    for line in (
        "dlstatus:1:12.5:Retrieving file 1 of 2\n",
        "pmstatus:tree:10.0:Unpacking tree (amd64)\n",
        "pmstatus:libc6:amd64:20.0:Unpacking libc6:amd64 (amd64)\npmstatus:tree:60.0:Inst",
        "alled tree (amd64)\n",
        "pmstatus:libc6:amd64:90.0:Installed libc6:amd64 (amd64)\n",
    ):
        await follower.heard("stdout", line.encode())
    assert run.told == [
        ("fetching packages", 12.5, 100),
        ("unpacking packages", 1, 2),
        ("unpacking packages", 2, 2),
        ("installing packages", 1, 2),
        ("installing packages", 2, 2),
    ]


def test_packages_that_apt_does_not_know_are_named() -> None:
    words = (
        "E: Unable to locate package nonesuch\n"
        "E: Package 'virtual' has no installation candidate\n"
        "E: Unable to locate package odd.name+x\n"
        "E: Couldn't find any package by glob 'odd.name+x'\n"
    )
    assert absent_packages(words) == {"nonesuch", "virtual", "odd.name+x"}


def test_what_a_console_printed_is_told_without_its_control_sequences() -> None:
    printed = b"\x1bc\x1b[?7l\x1b[2J\x1b[0mSeaBIOS\r\n\r\n/ # \x1b[6n" + b"\r\nlast\r\n"
    assert console_evidence(printed) == ("console: SeaBIOS", "console: / #", "console: last")
    many = b"\r\n".join(b"line %d" % number for number in range(40))
    assert [line[-2:] for line in console_evidence(many)] == [str(number) for number in range(28, 40)]


@pytest.mark.parametrize("printed", [b"", b"\r\n", b"\x1bc\x1b[2J\r\n \r\n"])
def test_a_console_that_printed_nothing_says_so(printed: bytes) -> None:
    (line,) = console_evidence(printed)
    assert "nothing readable" in line
