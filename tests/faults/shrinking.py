"""A small file system of the test's own that runs full at a moment of the test's choice."""

import os
import subprocess
from pathlib import Path

ROOM = "8g"
"""As roomy as the checks before an act ask for; memory is only used for what is written."""

_ATTEMPTS = 50


class SmallDisk:
    """A tmpfs at `folder`; root only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._mount("-t", "tmpfs", "-o", f"mode=755,size={ROOM}", "tmpfs")

    def leave(self, free_bytes: int) -> None:
        """Let it have so little room from now on."""
        for attempts_left in reversed(range(_ATTEMPTS)):
            now = os.statvfs(self.folder)
            used = (now.f_blocks - now.f_bfree) * now.f_frsize
            try:
                # Nothing at all would mean no limit.
                self._mount("-o", f"remount,size={max(used + free_bytes, now.f_frsize)}")
                break
            except subprocess.CalledProcessError:
                # Whoever writes there meanwhile has more by now than it would be left.
                if not attempts_left:
                    raise

    def grow(self) -> None:
        """Let it have room again."""
        self._mount("-o", f"remount,size={ROOM}")

    def close(self) -> None:
        """Unmount it, also while somebody still holds a file of it."""
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)

    def _mount(self, *words: str) -> None:
        subprocess.run(["mount", *words, str(self.folder)], check=True)
