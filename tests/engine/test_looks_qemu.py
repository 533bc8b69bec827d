"""What a script changed in a real guest is what a diff of its disks tells; the disks stay as they were."""

import os
from pathlib import Path

import pytest

from clonebox_tui.engine.looks.difference import Looks
from clonebox_tui.model.acts import CreateSnapshot, RestorePath
from clonebox_tui.model.difference import Difference, DiffWanted, FileWanted, Kind
from clonebox_tui.model.places import places
from clonebox_tui.model.problem import Code, ProblemError
from tests.engine.time_bench import TimeBench

pytestmark = [
    pytest.mark.qemu,
    pytest.mark.skipif(os.geteuid() != 0, reason="the system daemon's disks are root's"),
]
_BEGIN = """
mkdir -p etc/systemd/system/multi-user.target.wants var/lib/dpkg home/dev usr/lib
package() { printf 'Package: %s\\nStatus: install ok installed\\nVersion: %s\\n\\n' "$1" "$2"; }
(package jq 1.6; package old 1) > var/lib/dpkg/status
echo 'root:x:0:0:root:/root:/bin/sh' > etc/passwd
ln -s /lib/systemd/system/cron.service etc/systemd/system/multi-user.target.wants/cron.service
for number in 1 2 3 4 5 6 7 8 9; do echo "line $number" >> etc/hosts; done
echo secret > etc/key; echo touched > etc/touched; echo gone > etc/gone
ln -s hosts etc/link; echo same > usr/lib/unseen
printf 'a\\000b' > etc/binary; sync
"""
_SCRIPT = """
sed -i 's/line 5/line five/' etc/hosts
chmod 600 etc/key; chown 12:34 etc/key; touch etc/touched; rm etc/gone
ln -sf passwd etc/link; printf 'a\\000c' > etc/binary
mkdir etc/new; printf 'x y\\n' > 'etc/new/with space'; echo more > usr/lib/unseen
package() { printf 'Package: %s\\nStatus: install ok installed\\nVersion: %s\\n\\n' "$1" "$2"; }
(package jq 1.7; package curl 8) > var/lib/dpkg/status
echo 'dev:x:1000:1000::/home/dev:/bin/bash' >> etc/passwd
echo 'dev:$y$hash:1::::::' > etc/shadow; echo '-----BEGIN PRIVATE KEY-----' > etc/id
rm etc/systemd/system/multi-user.target.wants/cron.service
ln -s /lib/systemd/system/nginx.service etc/systemd/system/multi-user.target.wants/nginx.service; sync
"""


def _looks(bench: TimeBench, cache: Path) -> Looks:
    environment = {"XDG_CACHE_HOME": str(cache / "k"), "CLONEBOX_IMAGES_DIR": str(bench.folder / "store")}
    place = places(environment, 0)
    return Looks(bench.fleet, place, bench.engine.agent)


def _check(found: Difference) -> None:
    wants = "/etc/systemd/system/multi-user.target.wants"
    assert {each.path: (each.kind, each.what) for each in found.files} == {
        "/etc/binary": (Kind.CHANGED, ("content",)),
        "/etc/gone": (Kind.REMOVED, ("file",)),
        "/etc/hosts": (Kind.CHANGED, ("content",)),
        "/etc/key": (Kind.CHANGED, ("mode", "owner")),
        "/etc/link": (Kind.CHANGED, ("target",)),
        "/etc/new": (Kind.ADDED, ("folder",)),
        "/etc/new/with space": (Kind.ADDED, ("file",)),
        "/etc/passwd": (Kind.CHANGED, ("content",)),
        "/etc/shadow": (Kind.ADDED, ("file",)),
        "/etc/id": (Kind.ADDED, ("file",)),
        f"{wants}/cron.service": (Kind.REMOVED, ("link",)),
        f"{wants}/nginx.service": (Kind.ADDED, ("link",)),
    }
    texts = {each.path: each.text for each in found.files}
    assert "-line 5\n+line five" in texts["/etc/hosts"]
    assert texts["/etc/binary"] == ""
    assert texts["/etc/shadow"] == texts["/etc/id"] == ""  # secrets
    assert texts["/etc/new/with space"].endswith("+x y")
    assert {each.name: (each.before, each.after) for each in found.packages or ()} == {
        "curl": ("", "8"),
        "jq": ("1.6", "1.7"),
        "old": ("1", ""),
    }
    assert {each.name: each.kind for each in found.services or ()} == {
        "cron.service": Kind.REMOVED,
        "nginx.service": Kind.ADDED,
    }
    assert [each.name for each in found.users or ()] == ["dev"]
    assert found.used_before_bytes
    assert found.used_after_bytes
    assert not found.truncated


async def test_a_diff_finds_exactly_what_a_script_changed(bench: TimeBench, tmp_path: Path) -> None:
    looks = _looks(bench, tmp_path)
    await bench.up()
    await bench.guest(f"cd /mnt/vda; {_BEGIN}")
    await bench.done(CreateSnapshot(bench.machine, "before"))
    await bench.guest(f"cd /mnt/vda; {_SCRIPT}")
    running = await looks.difference(DiffWanted(bench.machine, "before"))
    _check(running)
    assert "while the machine runs" in running.source

    await bench.done(CreateSnapshot(bench.machine, "after"))
    await bench.fleet.provider_of(bench.machine)[0].kill(bench.spec.uuid)
    before = bench.hash()
    _check(await looks.difference(DiffWanted(bench.machine, "before", "after")))
    _check(await looks.difference(DiffWanted(bench.machine, "before")))
    back = await looks.difference(DiffWanted(bench.machine, "after", "before"))
    assert {each.path: each.kind for each in back.files}["/etc/gone"] is Kind.ADDED
    below = await looks.difference(DiffWanted(bench.machine, "before", "after", ("/usr", "/etc/new")))
    assert [each.path for each in below.files] == ["/etc/new", "/etc/new/with space", "/usr/lib/unseen"]

    file = await looks.file(FileWanted(bench.machine, "before", "/etc/gone"))
    assert file.content == b"gone\n"
    linked = await looks.file(FileWanted(bench.machine, "before", "/etc/link"))
    assert linked.content.startswith(b"line 1\n")
    with pytest.raises(ProblemError) as caught:
        await looks.file(FileWanted(bench.machine, "after", "/etc/gone"))
    assert caught.value.problem.code is Code.FILE_NOT_FOUND
    assert bench.hash() == before
    assert len(list((tmp_path / "k" / "clonebox" / "looks").iterdir())) == 2
    assert not list((bench.folder / "store" / "looks").iterdir())


async def test_files_come_back_with_modes_and_owners(bench: TimeBench, tmp_path: Path) -> None:
    await bench.up()
    await bench.guest(
        "cd /mnt/vda; mkdir -p 'conf/sub dir'; echo one > conf/one; chown 12:34 conf/one; chmod 640 conf/one;"
        "echo two > 'conf/sub dir/two'; ln -s one conf/link; head -c 900000 /dev/urandom > conf/big; sync"
    )
    sum_then = await bench.guest("md5sum < /mnt/vda/conf/big")
    await bench.done(CreateSnapshot(bench.machine, "kept"))
    await bench.guest(
        "cd /mnt/vda; echo spoilt > conf/one; rm -r 'conf/sub dir' conf/big; echo more > conf/new"
    )

    plan = await bench.engine.jobs.plan(_back(bench, "/conf", "/mnt/vda/conf"), None)
    assert plan.destructive
    assert "/mnt/vda/conf" in plan.warnings[0]
    await bench.done(_back(bench, "/conf", "/mnt/vda/conf"))
    listing = "cd /mnt/vda/conf; stat -c '%n %a %u:%g' one; cat one 'sub dir/two' link; ls -a /mnt/vda"
    said = await bench.guest(listing)
    assert said.startswith("one 640 12:34\none\ntwo\none\n")
    assert ".part" not in said
    assert ".old" not in said
    assert await bench.guest("md5sum < /mnt/vda/conf/big") == sum_then
    assert await bench.guest("cat /mnt/vda/conf/new 2>/dev/null; true") == ""

    await bench.done(_back(bench, "/conf/one", str(tmp_path / "one"), guest=False))
    assert (tmp_path / "one").read_text() == "one\n"
    assert (tmp_path / "one").stat().st_mode & 0o777 == 0o640
    await bench.done(_back(bench, "/conf", str(tmp_path / "conf"), guest=False))
    assert (tmp_path / "conf" / "sub dir" / "two").read_text() == "two\n"
    for act, code in (
        (_back(bench, "/conf/none", "/mnt/vda/x"), Code.FILE_NOT_FOUND),
        (_back(bench, "/conf", "/nowhere/x"), Code.FILE_NOT_FOUND),
        (_back(bench, "conf", "/mnt/vda/x"), Code.USAGE),
    ):
        with pytest.raises(ProblemError) as caught:
            await bench.engine.jobs.plan(act, None)
        assert caught.value.problem.code is code
    assert not list((tmp_path / ".cache" / "clonebox" / "looks").glob("get-*"))


def _back(bench: TimeBench, path: str, target: str, guest: bool = True) -> RestorePath:
    return RestorePath(bench.machine, "kept", path, target, bench.machine if guest else "")
