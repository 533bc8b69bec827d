"""Base images as acts: built, imported and removed by jobs.

Building and importing happen in a workspace that becomes an image by one rename at the end: what failed or
was cancelled leaves nothing. What a killed worker left carries the job's id, and is removed by its undo.
"""

import asyncio
import shlex
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

from clonebox_tui.engine.act import Handlers, Step, StepRun
from clonebox_tui.engine.backing import backing_users
from clonebox_tui.engine.clone.disk import refuse_full
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.images.build import build, host_recipe
from clonebox_tui.engine.images.disk_info import QCOW2
from clonebox_tui.engine.images.importing import import_image, name_of
from clonebox_tui.engine.images.store import ImageStore, References, refuse_used
from clonebox_tui.model.acts import BuildImage, ImportImage, RemoveImage
from clonebox_tui.model.connection import Link
from clonebox_tui.model.image import Image
from clonebox_tui.model.places import Places
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.model.remote import is_remote
from clonebox_tui.model.rpc import Context
from clonebox_tui.model.secrets import without_credentials

BUILD_BYTES = 3 * 1024**3
"""What a build needs on the way: the tree, the raw disk, the image."""

ABANDONED_SECONDS = 6 * 3600.0
"""A workspace untouched for so long belongs to nobody: the work takes minutes."""

_WORKSPACES = (".building-*", ".importing-*", ".removing-*")

A = TypeVar("A", BuildImage, ImportImage, RemoveImage)

StoreOf = Callable[[str], ImageStore]
"""The images of a connection (empty: the first); NOT_SUPPORTED where there can be none."""

FindReferences = Callable[[], Awaitable[References]]
"""Finds out which files any disk or machine needs."""


class Images:
    """Where the images of each connection lie, and who needs them."""

    def __init__(self, fleet: Fleet, places: Places) -> None:
        self._fleet = fleet
        self._places = places

    def store(self, connection: str) -> ImageStore:
        """The images of a connection (empty: the first that is up); NOT_SUPPORTED where there are none."""
        up = [each.uri for each in self._fleet.connections.values() if each.link is Link.UP]
        up.sort(key=is_remote)
        uri = connection or next(iter(up), "")
        if not uri.startswith("qemu") or is_remote(uri):
            raise problem(
                Code.NOT_SUPPORTED,
                "There are no base images here.",
                why=f"{uri or 'no connection'} runs no machines from disks of this host",
                next="Choose a connection such as qemu:///system: --connect URI",
            )
        return ImageStore(self._places.images(uri) / "images")

    async def references(self) -> References:
        """Which files any disk or machine needs."""
        return await backing_users(self._fleet, self._places)

    def require_asked(self, store: ImageStore) -> None:
        """CONNECTION_FAILED while machines whose disks may stand on these images cannot be asked."""
        for uri in self._fleet.connections:
            if uri.startswith("qemu:///") and self._places.images(uri) == store.folder.parent:
                self._fleet.provider(uri)

    async def list(self, connection: str) -> tuple[Image, ...]:
        """The images of a connection, each with who needs it; none where there are no images at all."""
        try:
            store = self.store(connection)
        except ProblemError as error:
            if error.problem.code is Code.NOT_SUPPORTED:
                return ()
            raise
        return await listed(store, self.references)


def image_acts(fleet: Fleet, places: Places) -> Handlers:
    """The handlers."""
    images = Images(fleet, places)
    store_of, references = images.store, images.references
    return {
        BuildImage: BuildHandler(store_of),
        ImportImage: ImportHandler(store_of),
        RemoveImage: RemoveHandler(store_of, references, images.require_asked),
    }


class _ImageHandler(Generic[A]):
    """What the three share: the store of a connection, a lane for each, a result."""

    def __init__(self, store_of: StoreOf) -> None:
        self._store_of = store_of

    def lane(self, act: A) -> str:
        """One job of a store after the other: builds are heavy."""
        return f"images {self._store(act).folder}"

    async def result(self, act: A, memory: Mapping[str, object]) -> dict[str, object]:
        """The image's name."""
        del act
        return {"image": memory.get("image", "")}

    def _store(self, act: A) -> ImageStore:
        return self._store_of(act.connection)

    def _undo(self, act: A) -> Callable[[StepRun], Awaitable[None]]:
        async def undo(run: StepRun) -> None:
            await asyncio.to_thread(self._store(act).take_back, run.job_id)

        return undo


class BuildHandler(_ImageHandler[BuildImage]):
    """Builds a Debian image from the host's own package archives."""

    async def plan(self, act: BuildImage, context: Context | None) -> Plan:
        """The plan; IMAGE_BUILD_FAILED where this host has no Debian sources, DISK_FULL."""
        del context
        store = self._store(act)
        recipe = await host_recipe(act.suite, act.packages)
        there = recipe.name in {image.name for image in await asyncio.to_thread(store.list)}
        if not there:
            refuse_full(store.folder, BUILD_BYTES)
        return Plan(
            act="image.build",
            title=f"Build the base image {recipe.name}",
            steps=tuple(step.planned() for step in await self.steps(act, {})),
            fingerprint=f"{recipe.name} {there}",
            name=recipe.name,
            bytes_needed=0 if there else BUILD_BYTES,
            undo="Remove the image.",
            notes=("It is there already: nothing is built.",) if there else ("This takes minutes.",),
        )

    async def steps(self, act: BuildImage, memory: Mapping[str, object]) -> Sequence[Step]:
        """The one step."""
        del memory

        async def make(run: StepRun) -> None:
            await asyncio.to_thread(_sweep, self._store(act).folder)
            recipe = await host_recipe(act.suite, act.packages)
            made = await build(recipe, self._store(act).folder, run.progress)
            await run.remember(image=made.name)

        call = "mmdebstrap, mke2fs -d, qemu-img convert"
        return [Step("build", "Build the image", make, self._undo(act), call)]


class ImportHandler(_ImageHandler[ImportImage]):
    """Brings in a disk image from a file or address."""

    async def plan(self, act: ImportImage, context: Context | None) -> Plan:
        """The plan; USAGE, FILE_NOT_FOUND, NAME_TAKEN, DISK_FULL."""
        del context
        name = act.name or name_of(act.source)
        size_bytes = await asyncio.to_thread(_size, act.source)
        if await asyncio.to_thread((self._store(act).folder / name).exists):
            raise problem(
                Code.NAME_TAKEN,
                f"There is already an image called {name}.",
                next="Give another name: `--name`.",
            )
        # Copied as it is; what a conversion takes besides depends on what the disk holds.
        refuse_full(self._store(act).folder, size_bytes)
        unsure = "Without --sha512 nobody can tell whether it is what it should be."
        return Plan(
            act="image.import",
            title=f"Import the image {name}",
            steps=tuple(step.planned() for step in await self.steps(act, {})),
            fingerprint=f"{without_credentials(act.source)} {act.sha512} {size_bytes}",
            name=name,
            bytes_needed=2 * size_bytes,
            undo="Remove the image.",
            warnings=() if act.sha512 else (unsure,),
        )

    async def steps(self, act: ImportImage, memory: Mapping[str, object]) -> Sequence[Step]:
        """The one step."""
        del memory

        async def bring(run: StepRun) -> None:
            folder = self._store(act).folder
            await asyncio.to_thread(_sweep, folder)
            made = await import_image(act.source, folder, run.progress, name=act.name, sha512=act.sha512)
            await run.remember(image=made.name)

        call = await asyncio.to_thread(_import_call, act.source)
        return [Step("import", "Fetch, verify and convert the image", bring, self._undo(act), call)]


class RemoveHandler(_ImageHandler[RemoveImage]):
    """Deletes an image that nothing stands on."""

    def __init__(
        self, store_of: StoreOf, references: FindReferences, ready: Callable[[ImageStore], None]
    ) -> None:
        super().__init__(store_of)
        self._references = references
        self._ready = ready

    async def plan(self, act: RemoveImage, context: Context | None) -> Plan:
        """The plan; CONNECTION_FAILED, IMAGE_NOT_FOUND, IMAGE_IN_USE."""
        del context
        store = self._store(act)
        self._ready(store)
        image = await asyncio.to_thread(store.find, act.image)
        users = {each.name: each.used_by for each in await listed(store, self._references)}[image.name]
        refuse_used(image, users)
        return Plan(
            act="image.remove",
            title=f"Remove the image {image.name}",
            steps=tuple(step.planned() for step in await self.steps(act, {})),
            fingerprint=f"{image.name} {image.created_at}",
            name=image.name,
            destructive=True,
            reversible=False,
            undo="It cannot be undone; build or import it again.",
            notes=(f"{image.size_bytes} bytes come free.",),
        )

    async def steps(self, act: RemoveImage, memory: Mapping[str, object]) -> Sequence[Step]:
        """The one step."""
        name = str(memory.get("image", ""))
        if not name:
            with suppress(ProblemError):  # the step itself says so
                name = (await asyncio.to_thread(self._store(act).find, act.image)).name

        async def remove(run: StepRun) -> None:
            begun = str(run.memory.get("image", ""))
            store = self._store(act)
            if begun:  # by a worker that died
                await asyncio.to_thread(store.finish_removing, begun)
                if begun not in {image.name for image in await asyncio.to_thread(store.list)}:
                    return
            # Asked again: a clone may have begun to use it since the plan.
            references = await self._references()
            image = await asyncio.to_thread(store.find, act.image)
            await run.remember(image=image.name)
            await asyncio.to_thread(store.remove, image.name, references)

        call = shlex.join(["rm", "-r", str(self._store(act).folder / (name or act.image))])
        return [Step("remove", "Remove the image", remove, call=call, final=True)]


async def listed(store: ImageStore, references: FindReferences) -> tuple[Image, ...]:
    """The images of a store, each with who needs it."""
    return await asyncio.to_thread(store.list, await references())


def _size(source: str) -> int:
    """Bytes of a source on this host; 0 for an address, whose size is not known before it is fetched."""
    if "://" in source:
        return 0
    path = Path(source)
    if not path.is_absolute():
        raise problem(
            Code.USAGE,
            f"{source} is no absolute path.",
            why="the worker has no folder of its own to start from",
            next="Give the whole path, from / on.",
        )
    if not path.is_file():
        raise problem(Code.FILE_NOT_FOUND, f"There is no file {source}.", next="Check the path.")
    return path.stat().st_size


def _import_call(source: str) -> str:
    """What is run for a source; what an address holds is known once it is here."""
    try:
        with Path(source).open("rb") as file:
            is_qcow2 = file.read(len(QCOW2)) == QCOW2
    except OSError:
        return "qemu-img info; qemu-img convert, unless it is qcow2 already"
    return "qemu-img info" if is_qcow2 else "qemu-img info; qemu-img convert"


def _sweep(folder: Path) -> None:
    """Remove what a worker that was killed long ago left half done."""
    for pattern in _WORKSPACES:
        for work in folder.glob(pattern):
            if time.time() - work.stat().st_mtime > ABANDONED_SECONDS:
                shutil.rmtree(work, ignore_errors=True)
