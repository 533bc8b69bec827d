"""Make the file system of a Debian image by mmdebstrap and mke2fs: no loop devices, no mounts."""

import os
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

from clonebox_tui.engine.images.aptconf import guest_lines, secrets
from clonebox_tui.engine.images.overlay import write_overlay
from clonebox_tui.engine.images.progress import PackageProgress, ProgressCallback
from clonebox_tui.engine.images.recipe import EXCLUDED_PATHS, TUNE, Recipe
from clonebox_tui.engine.process import find, run
from clonebox_tui.model.problem import Code, problem

LABEL = "clonebox-root"
_LAST_LINES = 15
_SLACK_BYTES = 1 << 30  # room beyond the content; a clone's disk is larger and the file system grows into it
_GIB = 1 << 30
_FULL_WORDS = ("No space left", "enough free space", "Disk quota exceeded", "Could not allocate block")
"""What dpkg, apt, tar, qemu-img and mke2fs say of a full disk."""
_OWN_MOUNTS = ("unshare", "--mount", "--propagation", "private", "--")


async def run_checked(
    argv: list[str],
    what: str,
    *,
    hidden: tuple[str, ...] = (),
    env: dict[str, str] | None = None,
    on_line: Callable[[str], None] | None = None,
) -> tuple[str, ...]:
    """Run a tool of the build; raises DISK_FULL or IMAGE_BUILD_FAILED with its own last words, `hidden`
    taken out."""
    output = await run(argv, on_line=on_line, env=env)
    if output.code == 0:
        return output.lines
    said = output.lines
    for secret in hidden:
        said = tuple(line.replace(secret, "***") for line in said)
    lines = said[-_LAST_LINES:]
    errors = [line for line in lines if line.startswith(("E:", "dpkg: error", "mke2fs:"))]
    # Said long before the end: what unpacks goes on to the next package, and cleans up.
    full = [line for line in said if any(words in line for words in _FULL_WORDS)]
    raise problem(
        Code.DISK_FULL if full else Code.IMAGE_BUILD_FAILED,
        f"{what} failed: {Path(argv[len(_OWN_MOUNTS) if argv[0] == 'unshare' else 0]).name} ended with "
        f"code {output.code}.",
        why=next(iter((*full, *reversed(errors), *reversed(lines))), ""),
        next="Make room, then try again: nothing was kept."
        if full
        else "Look at the tool's own last lines; check that the package archives can be reached.",
        details=lines,
    )


def refuse_missing_tools() -> None:
    """TOOL_MISSING for what a build needs: some of it only minutes later, some below another program."""
    for tool in ("mmdebstrap", "mke2fs", "qemu-img"):
        find(tool)
    if os.geteuid() != 0:
        for tool in ("fakeroot", "tar", *(["fakechroot"] if _mode() == "fakechroot" else [])):
            find(tool)


async def bootstrap(recipe: Recipe, work: Path, report: ProgressCallback) -> Path:
    """Install Debian into `work/root`; returns that folder. For an ordinary user fakeroot keeps owners."""
    refuse_missing_tools()
    sources, overlay = work / "build.sources", work / "overlay.tar"
    sources.touch(mode=0o600)
    sources.write_text("\n".join(source.deb822() for source in recipe.sources))
    write_overlay(overlay, recipe, guest_lines(recipe.acquire))
    with_tar = os.geteuid() != 0
    target = work / ("root.tar" if with_tar else "root")
    argv = _mmdebstrap(recipe, target, sources, overlay)
    hidden = (*secrets(recipe.acquire), *(part for source in recipe.sources for part in source.secrets))
    progress = PackageProgress(report)
    inside = [*await _own_mounts(), *argv]
    await run_checked(inside, "Installing Debian", hidden=hidden, env={"INITRD": "No"}, on_line=progress.line)
    sources.unlink()
    if not with_tar:
        return target
    root = work / "root"
    root.mkdir()
    await run_checked(
        _as_root(work, ["tar", "-C", str(root), "--exclude=./dev/*", "-xf", str(target)]), "Unpacking"
    )
    target.unlink()
    return root


async def _own_mounts() -> list[str]:
    """The words that give root's mmdebstrap mounts of its own: it mounts proc, sys and devices in the new
    tree, and in our own namespace they would outlive it when it is killed."""
    if os.geteuid() != 0:
        return []
    possible = (await run([*_OWN_MOUNTS, "true"])).code == 0
    return list(_OWN_MOUNTS) if possible else []


def _mmdebstrap(recipe: Recipe, target: Path, sources: Path, overlay: Path) -> list[str]:
    packages = ",".join((f"linux-image-{recipe.architecture}", *recipe.all_packages))
    tune = shlex.quote(str(TUNE))
    return [
        "mmdebstrap",
        "--verbose",
        f"--mode={_mode()}",
        "--variant=minbase",
        f"--format={'directory' if os.geteuid() == 0 else 'tar'}",
        f"--architectures={recipe.architecture}",
        f"--include={packages}",
        *(f"--aptopt={line}" for line in recipe.acquire),
        '--aptopt=Acquire::Languages "none"',
        '--aptopt=APT::Install-Recommends "false"',
        "--dpkgopt=force-unsafe-io",
        "--skip=cleanup/apt/lists",  # the guest then only asks what changed, which saves it many seconds
        *(f"--dpkgopt=path-exclude={path}" for path in EXCLUDED_PATHS),
        f"--customize-hook=tar-in {shlex.quote(str(overlay))} /",
        f"--customize-hook=upload {tune} /clonebox-tune",
        '--customize-hook=chroot "$1" sh /clonebox-tune',
        recipe.suite,
        str(target),
        str(sources),
    ]


def _mode() -> str:
    """How mmdebstrap becomes root inside: really, by user namespaces, or by fakechroot."""
    if os.geteuid() == 0:
        return "root"
    return "unshare" if shutil.which("newuidmap") else "fakechroot"


def _as_root(work: Path, argv: list[str]) -> list[str]:
    """`argv` under fakeroot, with the owners it set before; as root `argv` itself."""
    if os.geteuid() == 0:
        return argv
    state = work / "fakeroot.state"
    state.touch()
    return ["fakeroot", "-i", str(state), "-s", str(state), "--", find(argv[0]), *argv[1:]]


def content_bytes(root: Path) -> int:
    """Bytes the files below `root` take, without following links."""
    total = 0
    for folder, _, names in os.walk(root):
        total += sum(os.lstat(os.path.join(folder, name)).st_size for name in names)  # noqa: PTH118 - 20 000 files
    return total


async def make_disk(root: Path, work: Path, report: ProgressCallback) -> Path:
    """Put the files below `root` into an ext4 file system on a sparse raw disk; returns the disk."""
    disk = work / "disk.raw"
    content = content_bytes(root)
    size = -(-(content + content // 4 + _SLACK_BYTES) // _GIB) * _GIB
    report("disk", 0, float(content), "bytes")
    with disk.open("wb") as file:
        file.truncate(size)
    options = ["-q", "-F", "-t", "ext4", "-L", LABEL, "-m", "1", "-E", "lazy_itable_init=1"]
    argv = ["mke2fs", *options, "-d", str(root), str(disk)]
    await run_checked(_as_root(work, argv), "Making the file system")
    report("disk", float(content), float(content), "bytes")
    return disk
