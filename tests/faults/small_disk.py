"""Imports a disk into a file system of a few MiB that fills up, in a mount namespace of its own.

Run by `unshare --mount`: python -m tests.faults.small_disk FOLDER SOURCE SIZE. Prints what came of it.
"""

import asyncio
import subprocess
import sys
from pathlib import Path

from clonebox_tui.engine.images.importing import import_image
from clonebox_tui.model.problem import ProblemError


def main(folder: Path, source: str, size: str) -> None:
    """Mount, import, say."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
    try:
        asyncio.run(import_image(source, folder, lambda *_: None, name="big"))
        code = "done"
    except ProblemError as error:
        code = error.problem.code.value
    print(code, sorted(path.name for path in folder.rglob("*")))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:4])
