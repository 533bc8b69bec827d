"""What a machine's disk was made on, kept beside it: a layer over another file is worth nothing."""

import shlex
from pathlib import Path

import msgspec

from clonebox_tui.engine.images import metadata
from clonebox_tui.engine.images.marks import Mark
from clonebox_tui.model.problem import Code, problem

RECORD = "base.json"


class Standing(msgspec.Struct, frozen=True):
    """The file `layer` (a name in the record's folder) was made on `base` (a path), which was as marked."""

    layer: str
    base: str
    format: str
    mark: Mark


def keep_standing(layer: Path, base: Path, base_format: str) -> None:
    """Write down what a fresh layer stands on."""
    image = metadata.read(base.parent)
    known = image.marks.get(base.name) if image else None
    mark = Mark.of(base, known.sha512 if known else "")
    kept = Standing(layer.name, str(base), base_format, mark)
    (layer.parent / RECORD).write_bytes(msgspec.json.encode(kept) + b"\n")


def require_same_base(layer: Path, base: Path, whose: str) -> None:
    """IMAGE_INVALID when `layer` stands on another file than it was made on, or that is another by now."""
    try:
        kept = msgspec.json.decode((layer.parent / RECORD).read_bytes(), type=Standing)
    except (OSError, msgspec.MsgspecError):
        return  # not made by a clone of ours
    if kept.layer != layer.name:
        return
    if base.resolve() != Path(kept.base).resolve():
        line = shlex.join(["qemu-img", "rebase", "-u", "-F", kept.format, "-b", kept.base, str(layer)])
        raise problem(
            Code.IMAGE_INVALID,
            f"{whose} cannot be used: its disk stands on another file than it was made on.",
            why=f"{layer} was made on {kept.base}, and names {base} by now.",
            next=f"Set it back with the machine off: {line}. If its contents were moved on purpose "
            f"(qemu-img rebase without -u), remove {layer.parent / RECORD}.",
        )
    if not kept.mark.fits(base):
        raise problem(
            Code.IMAGE_INVALID,
            f"{whose} cannot be used: the base {base} was altered since its disk was made.",
            why=f"{base} has other contents, or another size or date.",
            next="Bring it back from a backup, with its date. "
            "Disks that stand on it are not safe to start without it.",
        )
