"""What consoles and logs of real systems say, recorded, and the cause that must stand first."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from clonebox_tui.engine.why import explain
from clonebox_tui.engine.why.gathering import _last_failure, _missing, _this_boot
from clonebox_tui.engine.why.seen import Guest, Seen
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.machine import Machine, MachineDetails, Share, State
from clonebox_tui.model.problem import Code, Problem

_NOW = 1_795_000_000.0

_LINES = {
    "no-root": "Gave up waiting for root file system device.  Common problems:",
    "no-init": "[    1.2] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000000",
    "memory": "[   80.1] Out of memory: Killed process 301 (mysqld) total-vm:1799972kB",
    "file-system": "[    3.1] EXT4-fs error (device vda): ext4_find_entry:1455: inode #2: comm init",
    "emergency": "You are in emergency mode. After logging in, type \"journalctl -xb\" to view",
    "mount": "[DEPEND] Dependency failed for /srv/data.",
    "boot-loader": "grub rescue>",
    "boot-device": "No bootable device.",
    "panic": "[    1.5] Kernel panic - not syncing: Fatal exception in interrupt",
    "cloud-init": "[FAILED] Failed to start cloud-init.service.",
    "waiting": "[ ***  ] A start job is running for dev-disk-by\\x2dlabel-data.device (31s / 1min 30s)",
    "processor": "This kernel requires an x86-64 CPU, but only detected an i686 CPU.",
}  # fmt: skip
"""Cause to a line of Debian 12's kernel, initramfs-tools, systemd, cloud-init, GRUB or SeaBIOS."""

_BOOTED = ("[    0.0] Linux version 6.1.0", "[    1.0] booting")


def _seen(state: State = State.RUNNING, **fields: object) -> Seen:
    machine = Machine("qemu:///system/u", "web", state, "qemu:///system", "u")
    known = {"agent": "disconnected", "serial_quiet_seconds": 5.0, "up_seconds": 200.0, **fields}
    return Seen(MachineDetails(machine, shares=(Share("/h", "/srv", "tag", "9p"),)), **known)  # type: ignore[arg-type]


@pytest.mark.parametrize("cause", _LINES)
def test_a_line_of_the_console_is_understood(cause: str) -> None:
    found = explain(_seen(serial=(*_BOOTED, _LINES[cause])))
    assert found.causes[0].id == cause
    assert found.causes[0].evidence[0].text == _LINES[cause]
    assert "{" not in found.causes[0].title + found.causes[0].fix


def test_what_a_guest_waits_for_means_nothing_once_it_went_on() -> None:
    found = explain(_seen(serial=(*_BOOTED, _LINES["waiting"], "[  OK  ] Reached target multi-user.target")))
    assert [cause.id for cause in found.causes] == ["booting"]


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("-netdev user,id=n: Could not set up host forwarding rule 'tcp:127.0.0.1:2222-:22'", "port-taken"),
        ("qemu: -blockdev {}: Could not open '/x/base.qcow2': No such file or directory", "image-gone"),
        ("qemu-system-x86_64: Could not open '/x/disk.qcow2': Permission denied", "image-denied"),
        ("Failed to get shared \"write\" lock", "image-locked"),
        ("qemu-system-x86_64: cannot set up guest memory 'pc.ram': Cannot allocate memory", "host-memory"),
        ("2026-01-01 00:00:00.000+0000: shutting down, reason=crashed", "killed"),
        ("2026-01-01 00:00:00.000+0000: shutting down, reason=failed", "start-failed"),
        ("qemu-system-x86_64: error: failed to set MSR 0x10a to 0x69", "kvm"),
    ],
)  # fmt: skip
def test_a_line_of_qemu_is_understood(line: str, cause: str) -> None:
    failed = _seen(State.OFF, qemu=(line,))
    details = msgspec.structs.replace(failed.details, state_reason="failed")
    assert explain(replace(failed, details=details)).causes[0].id == cause


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ("Network not found: no network with matching name 'lab'", "network"),
        ("Requested operation is not valid: network 'lab' is not active", "network"),
        ("Cannot get interface MTU on 'lab': No such device", "bridge"),
        (
            "internal error: hugetlbfs filesystem is not mounted or disabled by administrator config",
            "huge-pages",
        ),
        ("something nobody has heard of", "libvirt-error"),
    ],
)
def test_what_libvirt_said_of_a_refused_start_is_understood(said: str, cause: str) -> None:
    refused = Problem(Code.LIBVIRT_ERROR, "Could not start web.", said)
    job = Job("1", "machine.start", "Start web", JobState.FAILED, _NOW, problem=refused)
    found = explain(_seen(State.OFF, qemu=("shutting down, reason=failed",), job=job)).causes[0]
    assert found.id == cause
    assert "lab" in found.title or cause in ("huge-pages", "libvirt-error")


def test_a_file_that_a_definition_names_is_missed(tmp_path: Path) -> None:
    there, gone = tmp_path / "there.iso", tmp_path / "gone.iso"
    there.touch()
    details = msgspec.structs.replace(
        _seen(State.OFF).details, needs=(str(there), str(gone), "nbd://elsewhere/x")
    )
    assert _missing(details) == (str(gone),)
    found = explain(replace(_seen(State.OFF, missing=(str(gone),)), details=details)).causes[0]
    assert (found.id, str(gone) in found.title) == ("file-gone", True)


def test_what_a_console_said_before_the_last_boot_is_past() -> None:
    before = [
        "[    0.1] Linux version 6.1.0",
        "[    0.000000] one",
        "[  301.618837] two",
        _LINES["emergency"],
    ]
    # Without `quiet`, and with it: then only the kernel's clock begins anew.
    spoken = ["[    0.000000] Linux version 6.1.0", "[    0.500000] three"]
    quiet = ["[    3.000000] three", "four", "[    2.900000] five"]
    assert _this_boot([*before, *spoken]) == tuple(spoken)
    assert _this_boot([*before, *quiet]) == tuple(quiet)
    assert _this_boot(before) == tuple(before)


def test_a_copy_that_failed_is_no_cause() -> None:
    copies = [
        Job(act, act, "A copy", JobState.FAILED, _NOW, machine="m") for act in ("files.bring", "files.fetch")
    ]
    start = Job("s", "machine.start", "Start", JobState.FAILED, _NOW, machine="m")
    assert _last_failure("m", copies) is None
    assert _last_failure("m", [*copies, start]) is start


@pytest.mark.parametrize(
    ("guest", "cause"),
    [
        (Guest(cloud_init="error", cloud_init_errors=("users: bad",)), "cloud-init"),
        (Guest(cloud_init="running"), "first-boot"),
        (Guest(failed_units=("nginx.service",)), "unit"),
        (Guest(full=("/",)), "guest-disk-full"),
        (Guest(mounted=frozenset({"/", "proc"})), "share"),
    ],
)
def test_an_answer_of_the_guest_is_understood(guest: Guest, cause: str) -> None:
    assert explain(_seen(agent="answers", guest=guest, serial=_BOOTED)).causes[0].id == cause


def test_a_guest_that_stopped_on_its_way_up_is_told_so_though_its_agent_answers() -> None:
    lost = r"[205.6] systemd[1]: Timed out waiting for device dev-nope.device - /dev/disk/by-label/nope."
    console = (*_BOOTED, lost, _LINES["emergency"])
    cloned = _seen(agent="answers", serial=console)
    details = msgspec.structs.replace(cloned.details, networks=("user",))
    cloned = replace(cloned, details=details)

    def causes(guest: Guest) -> list[str]:
        return [cause.id for cause in explain(replace(cloned, guest=guest)).causes]

    # It has no address either, which comes of that.
    stopped = Guest(knows_addresses=True, system="maintenance")
    assert causes(stopped) == ["emergency", "mount", "no-address"]
    mount = explain(replace(cloned, guest=stopped)).causes[1]
    assert mount.title == "The guest could not mount /dev/disk/by-label/nope."
    units = ("systemd-networkd.service", "dev-nope.device")
    for word in ("initializing", "starting"):
        waits = Guest(knows_addresses=True, system=word, waits_for=units)
        assert causes(waits) == ["waiting", "no-address"]
        assert explain(replace(cloned, guest=waits)).summary == "The guest waits for dev-nope.device."
    assert causes(replace(waits, cloud_init="running")) == ["no-address", "first-boot"]
    assert causes(Guest(system="running", waits_for=("some.service",))) == []


def test_a_console_that_is_long_past_does_not_accuse_a_guest_that_answers() -> None:
    found = explain(_seen(agent="answers", serial=(*_BOOTED, _LINES["mount"])))
    assert found.causes == ()


@pytest.mark.parametrize(("uri", "who"), [("qemu:///system", "libvirt"), ("simulated://demo", "simulated")])
def test_evidence_names_who_says_so(uri: str, who: str) -> None:
    seen = _seen(State.OFF)
    machine = msgspec.structs.replace(seen.details.machine, connection=uri)
    found = explain(replace(seen, details=msgspec.structs.replace(seen.details, machine=machine)))
    assert (found.causes[0].evidence[0].source, found.observed[0].source) == (who, who)
