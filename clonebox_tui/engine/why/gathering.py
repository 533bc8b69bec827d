"""Look at a machine from all sides, each look bounded; what hangs or is closed is passed by, and said."""

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.intact import require_machine_intact
from clonebox_tui.engine.machine_act import free_memory_bytes
from clonebox_tui.engine.why.seen import Guest, Seen
from clonebox_tui.guest import facts
from clonebox_tui.guest.agent import Agent
from clonebox_tui.guest.execution import run
from clonebox_tui.guest.files import read_file
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.machine import AgentState, MachineDetails, State
from clonebox_tui.model.plain import clean_line, clean_text
from clonebox_tui.model.problem import Problem, ProblemError
from clonebox_tui.providers.protocol import Provider

LOG_BYTES = 128 * 1024
PING_SECONDS = 6.0
_FIRST_LINE = "Linux version "
_CLOCK = re.compile(r"\[ *(\d+\.\d{6})\]")
_CLOCK_JITTER_SECONDS = 5.0  # of lines that several processors or systemd wrote
_QEMU_START = "starting up libvirt version"
_QUESTION_SECONDS = 20.0
_START_SECONDS = 3.0  # QEMU writes its log a moment before libvirt says that it runs
_FAILED_UNITS = "systemctl --failed --plain --no-legend --no-pager 2>/dev/null | cut -d' ' -f1"
_BOOT = """systemctl is-system-running 2>/dev/null
systemctl list-jobs --plain --no-legend --no-pager 2>/dev/null | while read -r _ unit _ state; do
    if [ "$state" = running ]; then echo "$unit"; fi
done"""
_DF_COLUMNS, _FULL_PERCENT = 6, 99
_UNREAL = ("tmpfs", "devtmpfs", "overlay", "squashfs")


class _Result(msgspec.Struct, frozen=True):
    v1: dict[str, object] = {}


async def gather(
    fleet: Fleet, machine: str, agent: Agent, jobs: Sequence[Job], clock: Callable[[], float] = time.time
) -> Seen:
    """Everything the rules want to know; MACHINE_NOT_FOUND, and what keeps its details from being read."""
    provider, uuid = fleet.provider_of(machine)
    details = msgspec.structs.replace(await provider.details(uuid), machine=fleet.machine(machine))
    unread: list[tuple[str, str]] = []
    serial, quiet = await _log(provider, uuid, "serial", details, clock, unread)
    qemu, _ = await _log(provider, uuid, "qemu", details, clock, unread)
    state = await _ask(agent, details)
    guest = await _guest(agent) if state == "answers" else Guest()
    started = details.machine.started_at
    memory, disk = await asyncio.to_thread(_free, details)
    return Seen(
        details,
        _this_boot(serial),
        quiet,
        _since(qemu, _QEMU_START),
        clock() - started if started else None,
        state,
        guest,
        _last_failure(machine, jobs),
        await _disks(provider, details),
        await asyncio.to_thread(_missing, details),
        memory,
        disk,
        tuple(unread),
    )


async def _log(
    provider: Provider,
    uuid: str,
    source: str,
    details: MachineDetails,
    clock: Callable[[], float],
    unread: list[tuple[str, str]],
) -> tuple[list[str], float | None]:
    """Lines, and since when the log is quiet in seconds (None: it cannot be read)."""
    if source not in details.log_sources:
        return [], None
    try:
        chunk = await provider.read_log(uuid, source, -LOG_BYTES, LOG_BYTES)
    except ProblemError as error:
        unread.append((source, error.problem.why or error.problem.what))
        return [], None
    started = details.machine.started_at
    if started is not None and chunk.changed_at < started - _START_SECONDS:
        return [], max(0.0, clock() - started)  # what stands there was said by an earlier run
    lines = [clean_line(line) for line in chunk.data.splitlines()]
    return [line for line in lines if line.strip()], max(0.0, clock() - chunk.changed_at)


def _this_boot(lines: list[str]) -> tuple[str, ...]:
    """The lines since the kernel last began: told by its first words, or under `quiet` by its clock."""
    begin, clock = 0, 0.0
    for at, line in enumerate(lines):
        stamp = _CLOCK.match(line)
        now = float(stamp[1]) if stamp else clock
        if _FIRST_LINE in line or now < clock - _CLOCK_JITTER_SECONDS:
            begin = at
        clock = now
    return tuple(lines[begin:])


def _since(lines: list[str], mark: str) -> tuple[str, ...]:
    """The lines of the last run, which begins where `mark` stands."""
    begins = [at for at, line in enumerate(lines) if mark in line]
    return tuple(lines[begins[-1] :] if begins else lines)


async def _ask(agent: Agent, details: MachineDetails) -> str:
    if details.machine.agent is not AgentState.CONNECTED or details.machine.state is not State.RUNNING:
        return details.machine.agent.value
    try:
        await agent.ping(PING_SECONDS)
    except ProblemError:
        return "hangs"
    return "answers"


async def _guest(agent: Agent) -> Guest:
    word, errors = await _cloud_init(agent)
    addresses, known = await _addresses(agent)
    system, *jobs = (await _said(agent, ["sh", "-c", _BOOT])).split() or [""]
    units = await _said(agent, ["sh", "-c", _FAILED_UNITS])
    mounts = await _said(agent, ["cat", "/proc/mounts"])
    return Guest(
        word,
        errors,
        tuple(clean_text(unit) for unit in units.split()),
        _full(await _said(agent, ["df", "-P"])),
        frozenset(part for line in mounts.splitlines() for part in _ends(line)),
        addresses,
        known,
        clean_text(system),
        tuple(clean_text(unit) for unit in jobs),
    )  # fmt: skip


async def _said(agent: Agent, argv: list[str]) -> str:
    try:
        return (await run(agent, argv, timeout_seconds=_QUESTION_SECONDS)).text
    except ProblemError:
        return ""


def _ends(line: str) -> tuple[str, ...]:
    """Source and target of a line of /proc/mounts, whose blanks are written as octal escapes."""
    return tuple(part.replace("\\040", " ") for part in line.split(" ")[:2])


def _full(table: str) -> tuple[str, ...]:
    full = []
    for line in table.splitlines()[1:]:
        parts = line.split(None, _DF_COLUMNS - 1)
        if len(parts) < _DF_COLUMNS or parts[0] in _UNREAL:
            continue
        used = parts[4].rstrip("%")
        if used.isdigit() and int(used) >= _FULL_PERCENT:
            full.append(clean_text(parts[5]))
    return tuple(full)


async def _addresses(agent: Agent) -> tuple[tuple[str, ...], bool]:
    try:
        return await facts.addresses(agent), True
    except (ProblemError, ValueError):
        return (), False


async def _cloud_init(agent: Agent) -> tuple[str, tuple[str, ...]]:
    """cloud-init's own word and its errors; empty where there is none."""
    errors: list[str] = []
    for path, over in (("/run/cloud-init/result.json", True), ("/run/cloud-init/status.json", False)):
        try:
            found = msgspec.json.decode(await read_file(agent, path), type=_Result).v1
        except (ProblemError, msgspec.MsgspecError):
            continue
        listed = found.get("errors")
        errors += [clean_text(str(each)) for each in listed] if isinstance(listed, list) else []
        return ("error" if errors else "done" if over else "running"), tuple(errors)
    return "", ()


async def _disks(provider: Provider, details: MachineDetails) -> Problem | None:
    """What a start would find wrong; while it runs its files are QEMU's."""
    if details.machine.state not in (State.OFF, State.CRASHED):
        return None
    try:
        await require_machine_intact(provider, details)
    except ProblemError as error:
        return error.problem
    return None


def _missing(details: MachineDetails) -> tuple[str, ...]:
    """What cannot be looked at is not missing."""
    machine = details.machine
    if machine.state not in (State.OFF, State.CRASHED) or not machine.connection.startswith("qemu:///"):
        return ()
    named = (*(disk.path for disk in details.disks), *details.needs)
    return tuple(clean_text(path) for path in named if path.startswith("/") and _is_gone(path))


def _is_gone(path: str) -> bool:
    try:
        Path(path).stat()
    except OSError as error:
        return isinstance(error, FileNotFoundError)
    return False


def _last_failure(machine: str, jobs: Sequence[Job]) -> Job | None:
    # A copy of files that failed keeps no machine from running.
    mine = [
        job for job in jobs if job.machine == machine and job.state.ended and not job.act.startswith("files.")
    ]
    newest = max(mine, key=lambda job: job.created_at, default=None)
    failed = (JobState.FAILED, JobState.ROLLED_BACK)
    return newest if newest is not None and newest.state in failed else None


def _free(details: MachineDetails) -> tuple[int, int]:
    """Bytes of memory and of disk that this host can give."""
    import psutil

    places = [Path(disk.path).parent for disk in details.disks if disk.path.startswith("/")]
    if not details.machine.connection.startswith("qemu:///"):
        return Seen.memory_free_bytes, Seen.disk_free_bytes
    free = [psutil.disk_usage(str(place)).free for place in places if place.is_dir()]
    return free_memory_bytes(), min(free, default=Seen.disk_free_bytes)
