"""The images in one folder; one that any disk still needs is never removed."""

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from clonebox_tui.engine.images import metadata
from clonebox_tui.engine.images.locking import discard_abandoned
from clonebox_tui.engine.images.metadata import KernelBoot, Metadata
from clonebox_tui.model.image import Image
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.trash import IN_TRASH

References = Mapping[str, tuple[str, ...]]
"""Path of a file that a backing chain or a boot needs → all who need it (machines, or disks)."""


class ImageStore:
    """Images as folders below `folder`: `disk.qcow2`, `image.json` and, for built ones, kernel and initrd.

    `folder` is `images/` in the data place of a connection; it need not exist yet.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def list(self, references: References | None = None) -> tuple[Image, ...]:
        """Every image, newest first; `references` fills in who uses it."""
        folders = sorted(self.folder.glob("*/")) if self.folder.is_dir() else []
        found = [(place, metadata.read(place)) for place in folders if not place.name.startswith(".")]
        images = [made.image(place, self._users(place, references or {})) for place, made in found if made]
        return tuple(sorted(images, key=lambda image: image.created_at, reverse=True))

    def find(self, name: str) -> Image:
        """The image called `name`, or the only one that starts so; raises IMAGE_NOT_FOUND, AMBIGUOUS."""
        images = {image.name: image for image in self.list()}
        if name in images:
            return images[name]
        candidates = tuple(other for other in images if name and other.startswith(name))
        if len(candidates) > 1:
            raise problem(
                Code.AMBIGUOUS,
                f"Several images are called {name}…",
                next="Write more of the name.",
                details=candidates,
            )
        if not candidates:
            raise problem(
                Code.IMAGE_NOT_FOUND,
                f"There is no image called {name}.",
                next="See what there is: `clonebox-tui image list`.",
                details=tuple(images),
            )
        return images[candidates[0]]

    def metadata(self, name: str) -> Metadata:
        """Everything kept about the image `name`: its inputs, checksum, sources."""
        image = self.find(name)
        made = metadata.read(Path(image.path).parent)
        if made is None:  # removed in between
            raise problem(
                Code.IMAGE_NOT_FOUND,
                f"There is no image called {name}.",
                next="See what there is: `clonebox-tui image list`.",
            )
        return made

    def kernel_boot(self, name: str) -> KernelBoot | None:
        """Kernel, initrd and command line of the image; None when it boots from its own disk."""
        folder = Path(self.find(name).path).parent
        return metadata.kernel_boot(self.metadata(name), folder)

    def remove(self, name: str, references: References) -> Image:
        """Delete an image. Raises IMAGE_IN_USE while any backing chain or boot needs one of its files."""
        image = self.find(name)
        folder = Path(image.path).parent
        users = self._users(folder, references)
        refuse_used(image, users)
        self.finish_removing(image.name)
        # Renamed first: a crash half way leaves nothing that still looks like an image.
        folder.rename(self._doomed(image.name))
        self.finish_removing(image.name)
        return image

    def finish_removing(self, name: str) -> None:
        """Delete what a removal that was interrupted left."""
        if self._doomed(name).is_dir():
            shutil.rmtree(self._doomed(name))

    def take_back(self, job_id: str) -> None:
        """Delete what a job made here: its image, its workspaces; nothing else."""
        discard_abandoned(self.folder, job_id)
        for image in self.list():
            if self.metadata(image.name).job == job_id:
                self.remove(image.name, {})

    def _doomed(self, name: str) -> Path:
        return self.folder / f".removing-{name}"

    @staticmethod
    def _users(folder: Path, references: References) -> tuple[str, ...]:
        inside = folder.resolve()
        found = [users for path, users in references.items() if Path(path).resolve().is_relative_to(inside)]
        return tuple(sorted({user for users in found for user in users}))


def refuse_used(image: Image, users: tuple[str, ...]) -> None:
    """IMAGE_IN_USE when anybody needs it; what is in the trash does, since it may come back."""
    if not users:
        return
    away = all(user.endswith(IN_TRASH) for user in users)
    raise problem(
        Code.IMAGE_IN_USE,
        f"The image {image.name} is in use.",
        why=f"Needed by {', '.join(users)}.",
        next="Purge them first: `clonebox-tui trash list`." if away else "Delete those machines first.",
        details=users,
    )


def references_of(paths: Iterable[str]) -> References:
    """References whose users are only known by their paths."""
    return {path: (path,) for path in paths}
