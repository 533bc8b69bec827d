"""On real QEMU: a disk without a file system is compared by what the guest's own agent told of itself."""

import os

import pytest

from clonebox_tui.engine.looks.difference import Looks
from clonebox_tui.engine.looks.noted import SOURCE
from clonebox_tui.model.acts import CreateSnapshot
from clonebox_tui.model.difference import Difference, DiffWanted, Kind
from clonebox_tui.model.problem import Code, ProblemError
from tests.engine.time_bench import TimeBench

pytestmark = [
    pytest.mark.qemu,
    pytest.mark.skipif(os.geteuid() != 0, reason="the system daemon's disks are root's"),
]
_BEGIN = """
umount /mnt/vda; dd if=/dev/zero of=/dev/vda bs=1M count=4 2>/dev/null; sync
units=/etc/systemd/system; mkdir -p $units/multi-user.target.wants
ln -s /lib/systemd/system/cron.service $units/multi-user.target.wants/cron.service
echo 'root:x:0:0:root:/root:/bin/sh' > /etc/passwd
printf '#!/bin/sh\\ncat /tmp/packages\\n' > /bin/dpkg-query; chmod +x /bin/dpkg-query
printf 'jq 1.6 installed\\nold 1 installed\\n' > /tmp/packages
"""
_SCRIPT = """
units=/etc/systemd/system; rm $units/multi-user.target.wants/cron.service
ln -s /dev/null $units/rsyslog.service; ln -s /lib/systemd/system/ssh.service $units/sshd.service
echo 'dev:x:1000:1000::/home/dev:/bin/bash' >> /etc/passwd
printf 'jq 1.7 installed\\nold 1 config-files\\n' > /tmp/packages
"""


def _check(found: Difference) -> None:
    assert {each.name: (each.before, each.after) for each in found.packages or ()} == {
        "jq": ("1.6", "1.7"),
        "old": ("1", ""),
    }
    assert {each.name: (each.before, each.after) for each in found.services or ()} == {
        "cron.service": ("enabled", ""),
        "rsyslog.service": ("", "masked"),
    }
    assert {each.name: each.kind for each in found.users or ()} == {"dev": Kind.ADDED}
    assert found.files == ()
    assert "Files are not compared" in found.notes[0]


async def test_packages_services_and_users_are_found_as_a_script_changed_them(bench: TimeBench) -> None:
    engine = bench.engine
    looks = Looks(bench.fleet, engine.world.places, engine.agent, engine.recorded)
    await bench.up()
    await bench.guest(_BEGIN)
    await bench.done(CreateSnapshot(bench.machine, "before"))
    await bench.guest(_SCRIPT)
    now = await looks.difference(DiffWanted(bench.machine, "before"))
    assert now.source == f"{SOURCE}, and tells now"
    _check(now)
    await bench.done(CreateSnapshot(bench.machine, "after"))
    both = await looks.difference(DiffWanted(bench.machine, "before", "after"))
    assert both.source == SOURCE
    _check(both)
    bench.domain.destroy()
    bench.domain.snapshotCreateXML("<domainsnapshot><name>outside</name></domainsnapshot>", 0)
    with pytest.raises(ProblemError) as caught:
        await looks.difference(DiffWanted(bench.machine, "before", "outside"))
    assert caught.value.problem.code is Code.NOT_SUPPORTED
    assert "told nothing when outside was taken" in caught.value.problem.why
