"""A machine's whole life, crashes on the way, and forty secrets around it: none gets where it is kept."""

import asyncio
import contextlib
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import libvirt
import msgspec
import pytest

from clonebox_tui.client import Client, here
from clonebox_tui.engine.failpoints import VARIABLE
from clonebox_tui.engine.images import metadata
from clonebox_tui.engine.images.cpio import CpioWriter
from clonebox_tui.model.acts import (
    CloneMachine,
    CreateSnapshot,
    DeleteMachine,
    DeleteSnapshot,
    ImportImage,
    RestoreSnapshot,
)
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.rpc import (
    CONNECT,
    DETECT,
    EXECUTE,
    FLEET,
    JOB_LOG,
    JOBS,
    PREPARE,
    SHOW,
    Connect,
    Detect,
    Execute,
    Nothing,
    OnJob,
    OnMachine,
    PrepareClone,
    Prepared,
    Watch,
)
from tests.faults.canaries import ALL, Canaries, ProcessWatch, contents, plant_config, plant_files, variables
from tests.faults.real import URI, RealWorld
from tests.faults.site import Site, up
from tests.resilience.cockpit import cockpit
from tests.resilience.test_front_end import BREAKING

pytestmark = [pytest.mark.qemu, pytest.mark.timeout(900)]


@pytest.fixture
def canaries(world: Path, real: RealWorld, monkeypatch: pytest.MonkeyPatch) -> Canaries:
    """All of them planted, and a guest that can run commands of a project file."""
    made = Canaries()
    real.clear()
    plant_config(real.project, made, real.name)
    plant_files(real.project, world / "home", made)
    for name, value in variables(made).items():
        monkeypatch.setenv(name, value)
    image = real.images / "images/micro"
    with (image / metadata.INITRD).open("ab") as archive:
        more = CpioWriter(archive)
        more.file("bin/bash", b'#!/bin/sh\nexec /bin/sh "$@"\n', 0o755)
        more.close()
    described = metadata.read(image)
    assert described is not None
    # Nothing is begun on an image that is not what was described.
    metadata.write(msgspec.structs.replace(described, marks=metadata.marks_of(image)), image)
    return made


@pytest.fixture
def neighbour(canaries: Canaries) -> Iterator[int]:
    """A program of somebody else's with a secret in its environment, seen by detection."""
    with subprocess.Popen(["sleep", "600"], env={"PGPASSWORD": canaries["DATABASE_URL"]}) as program:
        yield program.pid
        program.kill()


class Listener:
    """Another front end that hears and asks for all that is not meant for one alone."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.told: list[object] = []
        client.listen(self.told.append)

    async def ask(self) -> None:
        """Everything that can be asked for at this moment."""
        call = self.client.call
        jobs, fleet = await call(JOBS, Nothing()), await call(FLEET, Nothing())
        self.told += [jobs, fleet]
        self.told += [await call(JOB_LOG, OnJob(job.id)) for job in jobs.jobs]
        for machine in fleet.machines:
            with contextlib.suppress(ProblemError):
                self.told.append(await call(SHOW, OnMachine(machine.id)))

    @property
    def text(self) -> str:
        """All of it."""
        return msgspec.json.encode(self.told, enc_hook=repr).decode() + repr(self.told)


@contextlib.asynccontextmanager
async def _front_ends(site: Site) -> AsyncIterator[tuple[Client, Listener]]:
    """One that acts, and one that listens."""
    arguments = ("--connect", URI)
    async with (
        await Client.connect(site.where, worker_arguments=arguments) as client,
        await Client.connect(site.where, worker_arguments=arguments) as other,
    ):
        listener = Listener(other)
        await other.watch(Watch())
        await up(client)
        yield client, listener


async def _prepared(client: Client, real: RealWorld) -> Prepared:
    return await client.call(PREPARE, PrepareClone(str(real.project), here(), connection=URI))


def _act(prepared: Prepared) -> CloneMachine:
    # As a file that is made, too: then its text travels with the act.
    return CloneMachine(URI, prepared.wish, prepared.directory, "")


async def _executed(client: Client, machine: str, argv: tuple[str, ...], given: bytes = b"") -> bytes:
    stream = await client.open_stream(EXECUTE, Execute(machine, argv, stdin=bool(given)))
    if given:
        await stream.write(given, end=True)
    return b"".join([chunk.stdout + chunk.stderr async for chunk in stream])


async def _speak(client: Client, machine: str, canaries: Canaries) -> None:
    """What is said to a guest and what it says comes back to who asked."""
    said = canaries["exec output"], canaries["exec complaint"]
    script = 'echo "$1"; echo "$2$3"; echo "$4$5" >&2; cat'
    pieces = [part for text in said for part in (text[:9], text[9:])]
    argument, given = canaries["exec argument"], canaries["exec input"].encode()
    heard = await _executed(client, machine, ("sh", "-c", script, "sh", argument, *pieces), given)
    assert set(canaries.found_in(heard)) == {"exec argument", "exec input", "exec output", "exec complaint"}


async def _fail(client: Client, canaries: Canaries, project: Path) -> list[Job]:
    """Requests and jobs that fail, each about a secret."""
    address = f"http://me:{canaries['import password']}@127.0.0.1:1/x.qcow2"
    source = f"{address}?t={canaries['import query']}#{canaries['import fragment']}"
    failed = [await client.wait((await client.run(ImportImage(source, URI, "brought"))).id)]
    with pytest.raises(ProblemError) as refused:
        await client.call(CONNECT, Connect((f"qemu+ssh://me:{canaries['connection password']}@h/system",)))
    assert canaries.found_in(repr(refused.value.problem)) == []
    for path in (f"\0{canaries['malformed request']}", str(project)):
        stream = await client.open_stream(DETECT, Detect(path, here()))
        with contextlib.suppress(ProblemError):
            found = [item async for chunk in stream for item in chunk.items]
    assert found
    assert canaries.found_in(repr(found)) == []
    return failed


async def _live(client: Client, real: RealWorld, canaries: Canaries) -> list[Job]:
    """Clone, exec, snapshots, failures; the jobs."""
    clone = await client.wait((await client.run(_act(await _prepared(client, real)))).id)
    assert clone.state is JobState.SUCCEEDED, clone
    machine = str(clone.result["machine"])
    assert clone.result["lacks"] == [
        "command 3: exit code 3: what it said is in the guest, /root/clonebox-command-3.log"
    ]
    kept = await _executed(
        client, machine, ("cat", "/root/clonebox-command-3.log", "/run/worked", "/run/here")
    )
    assert len(canaries.found_in(kept)) == 4
    await _speak(client, machine, canaries)
    jobs = [clone]
    acts = (CreateSnapshot(machine, "one"), RestoreSnapshot(machine, "one"), DeleteSnapshot(machine, "one"))
    for act in acts:
        jobs.append(await client.wait((await client.run(act)).id))
        assert jobs[-1].state is JobState.SUCCEEDED, jobs[-1]
    return [*jobs, *await _fail(client, canaries, real.project)]


def _break_the_cockpit(world: Path, canaries: Canaries, name: str, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A secret on the screen while the cockpit breaks; all that it wrote to the terminal after that."""
    trigger = world / "trigger"
    monkeypatch.setenv("TEST_BREAK", f"handler:{trigger}")
    with cockpit(world, *BREAKING[:-1], "--connect", URI) as terminal:
        terminal.wait_for(name[:12], 60)
        terminal.press("/")
        terminal.type(name)
        terminal.press("enter")
        terminal.wait_for(f"─ {name} ─", 60)
        terminal.press("x")
        terminal.wait_for("exec", 60)
        terminal.type(f"echo {canaries['exec in the cockpit']}")
        terminal.press("enter")
        terminal.wait_for("exit 0", 60)
        assert canaries.found_in(terminal.text) == ["exec in the cockpit"]
        terminal.settle(0.5)
        before = len(terminal.written)
        terminal.press("esc")
        trigger.touch()
        terminal.wait_for("opened anew", 60)
        terminal.press("esc")
        terminal.wait_for("opened anew", absent=True)
        terminal.press("q")
        assert terminal.ended() == 0
        return terminal.written[before:]


async def _killed_clone(site: Site, real: RealWorld, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A clone whose worker is killed at one of its last steps, brought to its end by the next one."""
    site.stop()
    prepared_by = await Client.connect(site.where, worker_arguments=("--connect", URI))
    async with prepared_by:
        await up(prepared_by)
        prepared = await _prepared(prepared_by, real)
    site.stop()
    text = (real.project / ".clonebox.yaml").read_text()
    other = real.folder / "project" / "other"
    other.mkdir()
    wish = msgspec.structs.replace(prepared.wish, name=f"{real.name}-2")
    job = await site.attempt(CloneMachine(URI, wish, str(other), text), "kill agent 6")
    assert job is not None
    assert (job.state, job.note[:15]) == (JobState.ROLLED_BACK, "the worker died"), job
    assert list(other.iterdir()) == []
    monkeypatch.delenv(VARIABLE, raising=False)
    return job


def _environment(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


def _allowed_files(world: Path, real: RealWorld) -> tuple[Path, ...]:
    """Where the secrets were planted, and the guest's own disk and memory."""
    home = world / "home"
    planted = (".ssh", ".netrc", ".aws", ".pgpass", ".docker", ".config/gh")
    machine = real.images / "machines" / real.name
    return (*(home / each for each in planted), real.project, machine / "disk.qcow2")


def _libvirt_s_own(connection: libvirt.virConnect, name: str) -> Iterator[str]:
    """What libvirt keeps of our machines: definitions, snapshots, logs."""
    for domain in connection.listAllDomains():
        if domain.name().startswith(name):
            yield domain.XMLDesc(libvirt.VIR_DOMAIN_XML_SECURE)
            yield from (each.getXMLDesc() for each in domain.listAllSnapshots())
    for log in Path("/var/log/libvirt/qemu").glob(f"{name}*"):
        yield log.read_text(errors="replace")


async def test_forty_secrets_leave_no_trace(
    world: Path,
    real: RealWorld,
    site: Site,
    canaries: Canaries,
    neighbour: int,
    system_libvirt: libvirt.virConnect,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert len(ALL) >= 40
    assert len(canaries.found_in(*contents(real.project), *contents(world))) >= 26
    kept: list[str | bytes] = []
    with ProcessWatch(canaries, neighbour) as processes:
        async with _front_ends(site) as (client, listener):
            jobs = await _live(client, real, canaries)
            await listener.ask()
            worker = _environment(client.welcome.pid)
        assert set(canaries.found_in(worker)) == {"CLONEBOX_TEST_SECRET", "http_proxy"}
        kept += _libvirt_s_own(system_libvirt, real.name)
        seen = await asyncio.to_thread(_break_the_cockpit, world, canaries, real.name, monkeypatch)
        kept += contents(real.images, *_allowed_files(world, real))
        jobs.append(await _killed_clone(site, real, monkeypatch))
        async with _front_ends(site) as (client, later):
            machine = next(job.machine for job in jobs if job.act == "machine.clone" and job.machine)
            jobs.append(await client.wait((await client.run(DeleteMachine(machine))).id))
            await later.ask()
        site.stop()
    assert jobs[-1].state is JobState.SUCCEEDED
    kept += contents(world, *_allowed_files(world, real))
    kept += contents(real.images)
    kept += _libvirt_s_own(system_libvirt, real.name)
    assert processes.looks > 20
    assert processes.seen == set()
    assert canaries.found_in(*kept) == []
    assert canaries.found_in(listener.text, later.text, msgspec.json.encode(jobs)) == []
    assert canaries.found_in(seen) == []
    assert list(real.images.rglob("*seed*")) == []
