"""Look at a disk image somebody gave us before anything trusts it; refuse what points outside."""

from pathlib import Path

import msgspec

from clonebox_tui.engine.process import run
from clonebox_tui.model.problem import Code, ProblemError, problem

FORMATS = frozenset({"qcow2", "raw", "vmdk", "vdi", "vhdx", "vpc"})
QCOW2 = b"QFI\xfb"
"""What a qcow2 file begins with."""
_MAGIC = (
    (0, QCOW2, "qcow2"),
    (0, b"KDMV", "vmdk"),
    (0, b"vhdxfile", "vhdx"),
    (0, b"conectix", "vpc"),
    (0x40, b"\x7f\x10\xda\xbe", "vdi"),
)
_MBR_SIGNATURE = (510, b"\x55\xaa")  # a raw disk that a BIOS can boot has it in its first sector
_HEAD_BYTES = 1024
_VIRTUAL_LIMIT_BYTES = 4 << 40
# A crafted image makes qemu-img allocate without end; these bounds are OpenStack's (CVE-2015-5162).
_INSPECT_SECONDS = 30
_INSPECT_MEMORY_BYTES = 1 << 30


class DiskInfo(msgspec.Struct, frozen=True, rename="kebab"):
    """What `qemu-img info --output=json` says, as far as we look."""

    format: str
    virtual_size: int
    backing_filename: str = ""
    full_backing_filename: str = ""
    format_specific: dict[str, object] | None = None


def detect_format(head: bytes) -> str:
    """Format by the file's first bytes (`raw` needs a boot sector); raises IMAGE_INVALID for others."""
    for offset, magic, name in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return name
    offset, signature = _MBR_SIGNATURE
    if head[offset : offset + len(signature)] == signature:
        return "raw"
    raise problem(
        Code.IMAGE_INVALID,
        "The file is not a disk image.",
        why="Neither a known disk format nor a boot sector was found.",
        next=f"Give a bootable image in one of these formats: {', '.join(sorted(FORMATS))}.",
    )


async def inspect_disk(path: Path) -> DiskInfo:
    """Format and size of an untrusted disk. Raises IMAGE_INVALID for one that refers to other files."""
    name = _format_of(path)
    limits = [f"--as={_INSPECT_MEMORY_BYTES}", f"--cpu={_INSPECT_SECONDS}"]
    output = await run(["prlimit", *limits, "qemu-img", "info", "-f", name, "--output=json", str(path)])
    if output.code != 0:
        raise _invalid(output.lines[-1] if output.lines else "qemu-img could not read it")
    try:
        info = msgspec.json.decode(output.text, type=DiskInfo)
    except msgspec.MsgspecError as error:
        raise _invalid(str(error)) from error
    data = (info.format_specific or {}).get("data")
    if info.backing_filename or info.full_backing_filename:
        raise _invalid(f"It rests on another file: {info.backing_filename}")
    if isinstance(data, dict) and (data.get("data-file") or data.get("encrypt") or _is_split(data)):
        raise _invalid("It keeps its data in another file, or is encrypted.")
    if not 0 < info.virtual_size <= _VIRTUAL_LIMIT_BYTES:
        raise _invalid(f"A disk of {info.virtual_size} bytes is beyond reason.")
    return info


def _format_of(path: Path) -> str:
    with path.open("rb") as file:
        return detect_format(file.read(_HEAD_BYTES))


def _is_split(data: dict[str, object]) -> bool:
    """Whether a VMDK is only a descriptor of extents in other files."""
    create_type = data.get("create-type")
    return isinstance(create_type, str) and create_type not in {"monolithicSparse", "streamOptimized"}


def _invalid(why: str) -> ProblemError:
    return problem(
        Code.IMAGE_INVALID,
        "The disk image is refused.",
        why=why,
        next="Convert it to one file without a backing file: `qemu-img convert -O qcow2 IMAGE NEW.qcow2`.",
    )
