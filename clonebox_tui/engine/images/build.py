"""Build a bootable Debian base image from the host's own package archives, or leave nothing behind."""

import asyncio
import time
from pathlib import Path

from clonebox_tui.engine.current_job import current_job
from clonebox_tui.engine.images import metadata
from clonebox_tui.engine.images.aptconf import host_acquire
from clonebox_tui.engine.images.filesystem import bootstrap, make_disk, run_checked
from clonebox_tui.engine.images.initrd import write_initrd
from clonebox_tui.engine.images.kernel import extract_vmlinux
from clonebox_tui.engine.images.locking import file_lock, new_workspace, remove_workspace
from clonebox_tui.engine.images.metadata import Metadata
from clonebox_tui.engine.images.progress import ProgressCallback, percent_reader
from clonebox_tui.engine.images.publishing import publish
from clonebox_tui.engine.images.recipe import KERNEL_COMMAND_LINE, VERSION, Recipe
from clonebox_tui.engine.images.sources import debian_sources
from clonebox_tui.engine.in_thread import in_thread
from clonebox_tui.engine.process import run
from clonebox_tui.model.problem import Code, problem


async def host_recipe(suite: str = "", packages: tuple[str, ...] = ()) -> Recipe:
    """The recipe for this host: its suite (or `suite`), its architecture, its Debian sources."""
    host_suite = _os_release().get("VERSION_CODENAME", "")
    suite = suite or host_suite
    architecture = (await run(["dpkg", "--print-architecture"])).text.strip()
    sources = debian_sources(suite, host_suite)
    if not sources:
        raise problem(
            Code.IMAGE_BUILD_FAILED,
            "This host has no Debian package sources to build an image from.",
            why=f"No entry for {suite or 'a Debian suite'} signed by Debian's keyring in /etc/apt.",
            next="Import a cloud image instead: `clonebox-tui image import FILE --sha512 …`.",
        )
    return Recipe(suite, architecture, sources, packages, await host_acquire())


async def build(recipe: Recipe, store: Path, report: ProgressCallback) -> Metadata:
    """Build `recipe` into `store/NAME`, or return what is there already. Cancel the task to stop it.

    Two builds of one name wait for each other, and the second gets the first one's image.
    Raises `ProblemError`: IMAGE_BUILD_FAILED with the tool's own last lines, TOOL_MISSING.
    """
    target = store / recipe.name
    async with file_lock(store / f".{recipe.name}.lock"):
        existing = metadata.read(target)
        if existing:
            return existing
        work = new_workspace(store, ".building-")
        try:
            made = await _build_into(recipe, work, report)
            await in_thread(lambda: publish(work / "image", target))
            return made
        finally:
            await asyncio.to_thread(remove_workspace, work)


async def _build_into(recipe: Recipe, work: Path, report: ProgressCallback) -> Metadata:
    image = work / "image"
    image.mkdir()
    image.chmod(0o755)  # whatever the umask: QEMU's own user must get in
    root = await bootstrap(recipe, work, report)
    await asyncio.to_thread(_take_kernel, root, image)
    raw = await make_disk(root, work, report)
    size_bytes = raw.stat().st_size
    argv = ["qemu-img", "convert", "-p", "-f", "raw", "-O", "qcow2", str(raw), str(image / metadata.DISK)]
    await run_checked(
        argv, "Converting the disk", on_line=percent_reader("convert", float(size_bytes), report)
    )
    made = await asyncio.to_thread(_describe, recipe, image, size_bytes)
    metadata.write(made, image)
    for path in image.iterdir():
        path.chmod(0o444)
    return made


def _take_kernel(root: Path, image: Path) -> None:
    """Copy the kernel out of the new system, unpacked, and make its initrd."""
    kernel = max((root / "boot").glob("vmlinuz-*"))
    version = kernel.name.removeprefix("vmlinuz-")
    (image / metadata.KERNEL).write_bytes(extract_vmlinux(kernel.read_bytes()))
    busybox = next(path for path in (root / "bin/busybox", root / "usr/bin/busybox") if path.exists())
    write_initrd(image / metadata.INITRD, busybox.read_bytes(), root / "usr/lib/modules" / version)


def _describe(recipe: Recipe, image: Path, virtual_size_bytes: int) -> Metadata:
    disk = image / metadata.DISK
    marks = metadata.marks_of(image)
    return Metadata(
        name=recipe.name,
        kind="built",
        created_at=time.time(),
        size_bytes=disk.stat().st_size,
        virtual_size_bytes=virtual_size_bytes,
        sha512=marks[metadata.DISK].sha512,
        marks=marks,
        kernel=metadata.KERNEL,
        initrd=metadata.INITRD,
        command_line=KERNEL_COMMAND_LINE,
        job=current_job.get(),
        recipe_version=VERSION,
        suite=recipe.suite,
        architecture=recipe.architecture,
        packages=recipe.all_packages,
        sources=recipe.public_sources,
    )


def _os_release() -> dict[str, str]:
    lines = Path("/etc/os-release").read_text().splitlines()
    pairs = (line.split("=", 1) for line in lines if "=" in line)
    return {key: value.strip('"') for key, value in pairs}
