"""The base images in a connection's folder, as clones ask for them; the standard one is built when needed."""

from pathlib import Path

from clonebox_tui.engine import process
from clonebox_tui.engine.act import StepRun
from clonebox_tui.engine.clone.base import Base
from clonebox_tui.engine.images import metadata
from clonebox_tui.engine.images.build import build, host_recipe
from clonebox_tui.engine.images.metadata import Metadata
from clonebox_tui.model.places import Places
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.model.spec import Boot

_FORMATS = frozenset({"qcow2", "raw"})


class KeptImages:
    """`Bases` over the folders that `places` names."""

    def __init__(self, places: Places) -> None:
        self._places = places

    async def find(self, connection: str, wanted: str | None) -> Base | None:
        """By name or path; without either the standard image, or None while it is not built.
        IMAGE_NOT_FOUND, IMAGE_INVALID."""
        if wanted and wanted.startswith("/"):
            return await _file(Path(wanted))
        if wanted:
            return self._named(connection, wanted)
        try:
            return self._kept(connection, (await host_recipe()).name)
        except ProblemError:
            newest = self._newest(connection)
            if newest is None:
                raise
            return newest

    async def build(self, connection: str, run: StepRun) -> Base:
        """Build the standard image; what the tools say goes into the job's progress."""
        made = await build(await host_recipe(), self._store(connection), run.progress)
        return _base(made, self._store(connection))

    async def standard_name(self, connection: str) -> str:
        """The name that this host's recipe gives."""
        del connection
        return (await host_recipe()).name

    def _store(self, connection: str) -> Path:
        return self._places.images(connection) / "images"

    def _kept(self, connection: str, name: str) -> Base | None:
        found = metadata.read(self._store(connection) / name)
        return _base(found, self._store(connection)) if found else None

    def _named(self, connection: str, name: str) -> Base:
        found = None if "/" in name else self._kept(connection, name)
        if found is None:
            raise problem(
                Code.IMAGE_NOT_FOUND,
                f"There is no image {name} for {connection}.",
                next="Look at `clonebox-tui image list`, build or import one.",
            )
        return found

    def _newest(self, connection: str) -> Base | None:
        """Where nothing can be built (a host that is not Debian) any image that is there will do."""
        store = self._store(connection)
        kept = [metadata.read(folder) for folder in store.iterdir()] if store.is_dir() else []
        found = sorted((one for one in kept if one), key=lambda one: one.created_at)
        return _base(found[-1], store) if found else None


def _base(found: Metadata, store: Path) -> Base:
    folder = store / found.name
    direct = metadata.kernel_boot(found, folder)
    boot = Boot(str(direct.kernel), str(direct.initrd), direct.command_line) if direct else None
    return Base(found.name, str(folder / metadata.DISK), boot=boot)


async def _file(path: Path) -> Base:
    # -U: the image may be in use by a running machine's layer.
    output = await process.run(["qemu-img", "info", "-U", str(path)])
    if output.code:
        raise problem(
            Code.IMAGE_NOT_FOUND,
            f"{path} cannot be used as an image.",
            why=output.text,
            next="Choose one of `clonebox-tui image list`, or leave `base_image` out.",
        )
    lines = [line.partition(": ")[2] for line in output.lines if line.startswith("file format: ")]
    if not lines or lines[0] not in _FORMATS:
        raise problem(
            Code.IMAGE_INVALID,
            f"{path} is no qcow2 or raw image.",
            why=", ".join(lines),
            next="Import it first.",
        )
    return Base(str(path), str(path), lines[0])
