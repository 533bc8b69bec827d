"""The full Debian base image for tests, built once and kept where QEMU's own user can read it."""

import asyncio
import os
from pathlib import Path

from clonebox_tui.engine.images.build import build, host_recipe
from tests.guests.places import shared_folder

_SYSTEM_IMAGES = Path("/var/lib/libvirt/images")


def image_store() -> Path:
    """Folder of the images kept for tests: in libvirt's own as root, else in this user's open folder."""
    if os.geteuid() == 0 and _SYSTEM_IMAGES.is_dir():
        return _SYSTEM_IMAGES / "clonebox-test" / "images"
    return shared_folder() / "images"


def base_image() -> Path:
    """Folder of the image (`disk.qcow2`, kernel, initrd, `image.json`), built when it is missing: 1–3 min.

    Safe in several processes at once: the build itself holds a lock, and the second gets the first's image.
    """

    async def make() -> str:
        made = await build(await host_recipe(), image_store(), lambda *_: None)
        return made.name

    store = image_store()
    store.mkdir(parents=True, exist_ok=True)
    return store / asyncio.run(make())
