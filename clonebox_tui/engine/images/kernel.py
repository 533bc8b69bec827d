"""Unpack a Linux kernel to its ELF form: QEMU boots that directly (PVH), no guest time goes into unpacking.

Format: the x86 boot protocol, Documentation/arch/x86/boot.rst in the kernel's own tree (setup header).
"""

import gzip
import lzma
import shutil
import struct
import subprocess

from clonebox_tui.model.problem import Code, problem

_SECTOR_BYTES = 512
_SETUP_SECTS = 0x1F1  # u8: size of the real-mode part in sectors; 0 means 4
_HEADER_MAGIC = 0x202  # b"HdrS"
_PAYLOAD = 0x248  # u32 offset from the protected-mode code, u32 length

# magic → the tool that unpacks it, for the compressions Python's own library lacks
_TOOLS = {b"\x02\x21\x4c\x18": "lz4", b"\x28\xb5\x2f\xfd": "zstd"}


def extract_vmlinux(vmlinuz: bytes) -> bytes:
    """The uncompressed ELF kernel inside a bzImage.

    Raises `ProblemError` (IMAGE_INVALID, TOOL_MISSING) when the image is of another kind.
    """
    if vmlinuz[:4] == b"\x7fELF":
        return vmlinuz
    if vmlinuz[_HEADER_MAGIC : _HEADER_MAGIC + 4] != b"HdrS":
        raise problem(
            Code.IMAGE_INVALID,
            "The kernel is not an x86 bzImage.",
            why="no boot protocol header",
            next="Import a cloud image instead: `clonebox-tui image import FILE`.",
        )
    start = ((vmlinuz[_SETUP_SECTS] or 4) + 1) * _SECTOR_BYTES
    offset, length = struct.unpack_from("<II", vmlinuz, _PAYLOAD)
    payload = vmlinuz[start + offset : start + offset + length]
    # The last four bytes are the unpacked size, appended by the kernel's build for its own unpacker.
    (size_bytes,) = struct.unpack("<I", payload[-4:])
    elf = _unpack(payload)
    if elf[:4] != b"\x7fELF" or len(elf) != size_bytes:
        raise problem(
            Code.IMAGE_INVALID,
            "The kernel could not be unpacked.",
            why=f"{len(elf)} of {size_bytes} bytes came out",
            next="Import a cloud image instead: `clonebox-tui image import FILE`.",
        )
    return elf


def _unpack(payload: bytes) -> bytes:
    if payload[:2] == b"\x1f\x8b":
        return gzip.decompress(payload)  # its own trailer is the size
    if payload[:5] == b"\xfd7zXZ":
        return lzma.LZMADecompressor().decompress(payload)
    for magic, tool in _TOOLS.items():
        if payload.startswith(magic):
            return _unpack_by_tool(tool, payload[:-4])
    raise problem(
        Code.IMAGE_INVALID,
        "The kernel's compression is not known.",
        why=payload[:6].hex(),
        next="Import a cloud image instead: `clonebox-tui image import FILE`.",
    )


def _unpack_by_tool(tool: str, payload: bytes) -> bytes:
    if shutil.which(tool) is None:
        raise problem(
            Code.TOOL_MISSING,
            f"{tool} is needed to unpack this kernel and is not installed.",
            next=f"Install the Debian package {tool}.",
        )
    return subprocess.run([tool, "-dc"], input=payload, stdout=subprocess.PIPE, check=True).stdout
