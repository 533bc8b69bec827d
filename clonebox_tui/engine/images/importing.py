"""Bring in a disk image from elsewhere: verified, inspected, converted, or nothing stays of it."""

import asyncio
import re
import shutil
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

from clonebox_tui.engine.current_job import current_job
from clonebox_tui.engine.images import metadata
from clonebox_tui.engine.images.disk_info import DiskInfo, inspect_disk
from clonebox_tui.engine.images.download import fetch, is_address
from clonebox_tui.engine.images.filesystem import run_checked
from clonebox_tui.engine.images.locking import file_lock, new_workspace, remove_workspace
from clonebox_tui.engine.images.metadata import Metadata
from clonebox_tui.engine.images.progress import ProgressCallback, percent_reader
from clonebox_tui.engine.images.publishing import publish
from clonebox_tui.engine.in_thread import in_thread
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.secrets import without_credentials

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_SHA512 = re.compile(r"[0-9a-f]{128}")


async def import_image(
    source: str, store: Path, report: ProgressCallback, *, name: str = "", sha512: str = ""
) -> Metadata:
    """Import a file or http(s)/file address into `store/NAME`. Cancel the task to stop it.

    `sha512` (128 hex digits) is checked against the file as it was given. Raises `ProblemError`: USAGE,
    NAME_INVALID, NAME_TAKEN, FILE_NOT_FOUND, DOWNLOAD_FAILED, CHECKSUM_MISMATCH, IMAGE_INVALID.
    """
    expected = _checked_sha512(sha512)
    name = _checked_name(name or name_of(source))
    target = store / name
    async with file_lock(store / f".{name}.lock"):
        if target.exists():
            raise problem(
                Code.NAME_TAKEN,
                f"There is already an image called {name}.",
                next="Give another name: `--name`.",
            )
        work = new_workspace(store, ".importing-")
        try:
            made = await _import_into(source, work, name, expected, report)
            await in_thread(lambda: publish(work / "image", target))
            return made
        finally:
            await asyncio.to_thread(remove_workspace, work)


def name_of(source: str) -> str:
    """A name for what comes from `source`: its file name without extension, as names are written."""
    path = unquote(urlsplit(source).path) if is_address(source) else source
    stem = Path(path).name.lower().split("?")[0]
    stem = re.sub(r"\.(qcow2|img|raw|vmdk|vdi|vhdx?)$", "", stem)
    return re.sub(r"[^a-z0-9._-]+", "-", stem).strip("-._")[:63] or "image"


async def _import_into(
    source: str, work: Path, name: str, expected: str, report: ProgressCallback
) -> Metadata:
    given, image = work / "given", work / "image"
    image.mkdir()
    image.chmod(0o755)  # whatever the umask: QEMU's own user must get in
    digest = await fetch(source, given, lambda done, total: report("fetch", done, total, "bytes"))
    if expected and digest != expected:
        raise problem(
            Code.CHECKSUM_MISMATCH,
            f"{without_credentials(source)} is not what was expected.",
            why=f"Its SHA-512 is {digest}.",
            next="Fetch it again from a source you trust, or correct --sha512.",
            details=(f"expected {expected}", f"found    {digest}"),
        )
    info = await inspect_disk(given)
    disk = image / metadata.DISK
    await _to_qcow2(given, disk, info, report)
    made = Metadata(
        name=name,
        kind="imported",
        created_at=time.time(),
        size_bytes=disk.stat().st_size,
        virtual_size_bytes=info.virtual_size,
        sha512=digest,
        source=without_credentials(source),
        marks=await asyncio.to_thread(metadata.marks_of, image),
        job=current_job.get(),
    )
    metadata.write(made, image)
    for path in image.iterdir():
        path.chmod(0o444)
    return made


async def _to_qcow2(given: Path, disk: Path, info: DiskInfo, report: ProgressCallback) -> None:
    if info.format == "qcow2":
        shutil.move(given, disk)
        return
    argv = ["qemu-img", "convert", "-p", "-f", info.format, "-O", "qcow2", str(given), str(disk)]
    reader = percent_reader("convert", float(info.virtual_size), report)
    await run_checked(argv, "Converting the disk", on_line=reader)


def _checked_sha512(value: str) -> str:
    value = value.strip().lower()
    if value and not _SHA512.fullmatch(value):
        raise problem(
            Code.USAGE,
            "That is not a SHA-512 checksum.",
            why=f"It has {len(value)} characters; a SHA-512 has 128 hexadecimal digits.",
            next="Copy it from the SHA512SUMS file beside the image.",
        )
    return value


def _checked_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise problem(
            Code.NAME_INVALID,
            f"An image cannot be called {name!r}.",
            why="Names have 1–63 of a–z, 0–9, dot, dash and underscore, and begin with a letter or digit.",
            next="Give another name: `--name`.",
        )
    return name
