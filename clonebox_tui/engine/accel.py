"""Decides whether machines run by KVM or by emulation, and says why in words.

The device node alone proves nothing: under some hypervisors /dev/kvm opens, creates machines, and no
guest ever boots on it. So the processor must have the extension, the node must be usable, and a boot
sector of nine bytes must come through; that probe is kept until the host boots again.
"""

import asyncio
import contextlib
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from clonebox_tui.model.environment import Accel
from clonebox_tui.model.problem import Code, problem

VARIABLE = "CLONEBOX_ACCEL"
"""Environment variable that overrides what a file says: auto, kvm or tcg."""
PROBE_SECONDS = 2.0
"""Real KVM needs 0.05 s for the probe, emulation 0.1 s."""
_FLAGS = frozenset({"vmx", "svm"})
# mov dx, 0x501; mov al, 0x10; out dx, al; hlt; jmp -3 - and the signature of a boot sector.
_BOOT_SECTOR = bytes.fromhex("ba0105b010eef4ebfd").ljust(510, b"\0") + b"\x55\xaa"
_PROBE_EXIT = 0x10 << 1 | 1  # QEMU's isa-debug-exit ends QEMU with (value << 1) | 1


class Acceleration(msgspec.Struct, frozen=True):
    """What was decided: `kvm` or `tcg`, and why."""

    accelerator: str
    reason: str


class _Probe(msgspec.Struct, frozen=True):
    boot_id: str
    fault: str


@dataclass(frozen=True)
class HostFiles:
    """Where the host's answers lie; tests give their own."""

    cpuinfo: Path = Path("/proc/cpuinfo")
    node: Path = Path("/dev/kvm")
    boot_id: Path = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class Accelerator:
    """Decides for one host. `cache` is the program's cache folder, `qemu` the binary to probe with."""

    cache: Path
    files: HostFiles = field(default_factory=HostFiles)
    qemu: str = "qemu-system-x86_64"

    async def decide(self, wish: Accel) -> Acceleration:
        """Fulfil the wish; `kvm` on a host that has none raises NOT_SUPPORTED with the reason."""
        if wish is Accel.TCG:
            return Acceleration("tcg", "emulation was asked for")
        fault = lacks_processor(self.files.cpuinfo) or unusable_node(self.files.node)
        fault = fault or await self._remembered_probe()
        if not fault:
            return Acceleration("kvm", "the processor has virtualization, and a probe booted on KVM")
        if wish is Accel.KVM:
            raise problem(
                Code.NOT_SUPPORTED,
                "KVM was asked for, and does not work on this host.",
                why=fault,
                next="Use `accel: auto` or `accel: tcg` (emulation: slower, works everywhere)",
            )
        return Acceleration("tcg", f"emulated, since {fault}")

    async def _remembered_probe(self) -> str:
        boot_id = _text(self.files.boot_id).strip()
        kept = self.cache / "kvm-probe.json"
        with contextlib.suppress(OSError, msgspec.DecodeError, msgspec.ValidationError):
            known = msgspec.json.decode(kept.read_bytes(), type=_Probe)
            if boot_id and known.boot_id == boot_id:
                return known.fault
        fault = await boot_probe(self.qemu)
        with contextlib.suppress(OSError):  # without a cache the probe is made again
            self.cache.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(msgspec.json.encode(_Probe(boot_id, fault)))
        return fault


def wished(configured: Accel, environment: str) -> Accel:
    """The configured wish, overridden by the value of CLONEBOX_ACCEL where one is set."""
    if not environment:
        return configured
    try:
        return Accel(environment)
    except ValueError:
        raise problem(
            Code.CONFIG_INVALID,
            f"{VARIABLE}={environment} is no accelerator.",
            next="Set it to auto, kvm or tcg.",
        ) from None


def lacks_processor(cpuinfo: Path) -> str:
    """Why the processor cannot virtualize; empty when it can."""
    for line in _text(cpuinfo).splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "flags":
            if _FLAGS & set(value.split()):
                return ""
            return f"the processor has neither vmx nor svm ({cpuinfo}), whatever /dev/kvm says"
    return f"{cpuinfo} names no flags of the processor"


def unusable_node(node: Path) -> str:
    """Why the device node cannot be used; empty when it can."""
    if not node.exists():
        return f"{node} does not exist: the module kvm is not loaded"
    if not os.access(node, os.R_OK | os.W_OK):
        return f"{node} may not be opened: become a member of the group kvm"
    return ""


async def boot_probe(qemu: str, accelerator: str = "kvm") -> str:
    """Boot nine bytes that end QEMU with a number; why that failed, or nothing."""
    with tempfile.TemporaryDirectory(prefix="clonebox-probe-") as folder:
        sector = Path(folder) / "sector"
        sector.write_bytes(_BOOT_SECTOR)
        arguments = [
            *("-nodefaults", "-display", "none", "-no-reboot", "-m", "32"),
            *("-machine", f"pc,accel={accelerator}", "-device", "isa-debug-exit,iobase=0x501,iosize=1"),
            *("-drive", f"file={sector},format=raw,snapshot=on,if=ide"),
        ]
        return await _run_probe([qemu, *arguments])


async def _run_probe(command: list[str]) -> str:
    pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(*command, stdin=nothing, stdout=nothing, stderr=pipe)
    except OSError as error:
        return f"the probe could not run: {command[0]}: {error.strerror}"
    try:
        _, said = await asyncio.wait_for(process.communicate(), PROBE_SECONDS)
    except TimeoutError:
        return f"a probe on KVM did not boot within {PROBE_SECONDS:.0f} s"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode == _PROBE_EXIT:
        return ""
    words = said.decode(errors="replace").strip().splitlines()
    return f"a probe on KVM failed: {words[-1] if words else f'exit code {process.returncode}'}"


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
