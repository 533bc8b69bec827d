"""Acceleration is chosen by what boots, never by the look of /dev/kvm."""

import shutil
import stat
from pathlib import Path

import pytest

from clonebox_tui.engine.accel import Acceleration, Accelerator, HostFiles, boot_probe, wished
from clonebox_tui.model.environment import Accel
from clonebox_tui.model.problem import Code, ProblemError


def _host(folder: Path, flags: str = "fpu vmx sse", node: bool = True, probe_exit: int = 33) -> Accelerator:
    """A host made of files, and a QEMU that counts its calls and ends with `probe_exit`."""
    (folder / "cpuinfo").write_text(f"processor\t: 0\nflags\t\t: {flags}\nbugs\t\t:\n")
    (folder / "boot_id").write_text("first-boot\n")
    if node:
        (folder / "kvm").touch()
    qemu = folder / "qemu"
    qemu.write_text(f"#!/bin/sh\necho called >>{folder}/calls\necho 'KVM says no' >&2\nexit {probe_exit}\n")
    qemu.chmod(qemu.stat().st_mode | stat.S_IXUSR)
    files = HostFiles(folder / "cpuinfo", folder / "kvm", folder / "boot_id")
    return Accelerator(folder / "cache", files, str(qemu))


def _calls(folder: Path) -> int:
    return len((folder / "calls").read_text().splitlines()) if (folder / "calls").exists() else 0


async def test_a_probe_that_boots_means_kvm_and_is_asked_once_a_boot(tmp_path: Path) -> None:
    host = _host(tmp_path)
    assert (await host.decide(Accel.AUTO)).accelerator == "kvm"
    assert (await host.decide(Accel.KVM)).accelerator == "kvm"
    assert _calls(tmp_path) == 1
    (tmp_path / "boot_id").write_text("second-boot\n")
    assert (await host.decide(Accel.AUTO)).accelerator == "kvm"
    assert _calls(tmp_path) == 2


async def test_a_usable_node_without_the_processors_flags_is_not_believed(tmp_path: Path) -> None:
    decision = await _host(tmp_path, flags="fpu sse svmlike").decide(Accel.AUTO)
    assert decision.accelerator == "tcg"
    assert "neither vmx nor svm" in decision.reason
    assert _calls(tmp_path) == 0


async def test_a_probe_that_fails_means_emulation_with_qemus_words(tmp_path: Path) -> None:
    decision = await _host(tmp_path, flags="svm", probe_exit=1).decide(Accel.AUTO)
    assert decision == Acceleration("tcg", "emulated, since a probe on KVM failed: KVM says no")


@pytest.mark.parametrize(("flags", "node", "why"), [("vmx", False, "does not exist"), ("fpu", True, "vmx")])
async def test_kvm_asked_for_where_there_is_none_is_refused(
    tmp_path: Path, flags: str, node: bool, why: str
) -> None:
    with pytest.raises(ProblemError) as refused:
        await _host(tmp_path, flags, node).decide(Accel.KVM)
    assert refused.value.problem.code is Code.NOT_SUPPORTED
    assert why in refused.value.problem.why


async def test_emulation_asked_for_asks_nobody(tmp_path: Path) -> None:
    assert (await _host(tmp_path).decide(Accel.TCG)).accelerator == "tcg"
    assert _calls(tmp_path) == 0


def test_the_environment_overrides_the_file() -> None:
    assert wished(Accel.KVM, "tcg") is Accel.TCG
    assert wished(Accel.KVM, "") is Accel.KVM
    with pytest.raises(ProblemError) as refused:
        wished(Accel.AUTO, "fast")
    assert refused.value.problem.code is Code.CONFIG_INVALID


@pytest.mark.qemu
async def test_the_probes_boot_sector_really_boots() -> None:
    if shutil.which("qemu-system-x86_64") is None:
        pytest.skip("qemu-system-x86_64 is not installed")
    assert await boot_probe("qemu-system-x86_64", "tcg") == ""
