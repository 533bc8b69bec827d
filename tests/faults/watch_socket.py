"""Watches qemu:///system where /run/libvirt is a folder of the test's own: prints each change of the link.

Run by `unshare --mount --propagation private`: python -m tests.faults.watch_socket FOLDER.
"""

import asyncio
import subprocess
import sys

from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.providers import provider_for

URI = "qemu:///system"


async def watch() -> None:
    """Until killed."""
    fleet = Fleet(provider_for)
    fleet.add(URI)
    said = ""
    while True:
        now = fleet.connections[URI]
        names = sorted(machine.name for machine in fleet.machines.values())
        line = f"{now.link.value} {' '.join(names)}".strip()
        if line != said:
            print(line, flush=True)
            said = line
        await asyncio.sleep(0.02)


if __name__ == "__main__":
    subprocess.run(["mount", "--bind", sys.argv[1], "/run/libvirt"], check=True)
    asyncio.run(watch())
