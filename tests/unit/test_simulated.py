"""Proves that the simulated fleet is the same for the same seed, believable, and as broken as asked."""

import asyncio
import base64
import time
from itertools import pairwise
from typing import Any

import pytest

from clonebox_tui.model.connection import Connection
from clonebox_tui.model.machine import AgentState, Machine, Share, State
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.model.sample import rates
from clonebox_tui.model.spec import MachineSpec
from clonebox_tui.providers.simulated.provider import SimulatedProvider
from tests.fixtures.virtual_time import in_virtual_time, wall_clock

DEMO = "simulated://demo?machines=12"
SPEC = MachineSpec(
    "new", "11111111-2222-4333-8444-555555555555", 2, 1024**3, "tcg", "/disk.qcow2", "52:54:00:01:02:03",
    shares=(Share("/home/me/work", "/home/me/work", "share0", "9p"),), user="me",
    packages=("tree",), services=("nginx",), ports=(80,),
)  # fmt: skip


class Heard:
    """A listener that keeps what it is told."""

    def __init__(self) -> None:
        self.machines: dict[str, list[tuple[State, AgentState]]] = {}
        self.removed: list[str] = []
        self.links: list[str] = []

    def machine_changed(self, machine: Machine) -> None:
        self.machines.setdefault(machine.name, []).append((machine.state, machine.agent))

    def machine_removed(self, machine: str) -> None:
        self.removed.append(machine)

    def connection_changed(self, connection: Connection) -> None:
        self.links.append(connection.link.value)


async def _opened(uri: str = DEMO) -> tuple[SimulatedProvider, Heard, dict[str, str]]:
    provider, heard = SimulatedProvider(uri, wall_clock), Heard()
    await provider.open(heard)
    return provider, heard, {machine.name: machine.uuid for machine in await provider.machines()}


async def _ran(
    provider: SimulatedProvider, uuid: str, *argv: str, stdin: bytes = b""
) -> tuple[int, str, str]:
    arguments: dict[str, object] = {"path": argv[0], "arg": list(argv[1:]), "capture-output": True}
    if stdin:
        arguments["input-data"] = base64.b64encode(stdin).decode()
    started: Any = await provider.agent(uuid, {"execute": "guest-exec", "arguments": arguments}, 5)
    while True:
        answer: Any = await provider.agent(uuid, {"execute": "guest-exec-status", "arguments": started}, 5)
        if answer["exited"]:
            texts = [base64.b64decode(answer.get(name, "")).decode() for name in ("out-data", "err-data")]
            return answer.get("exitcode", -1), texts[0], texts[1]
        await asyncio.sleep(0.05)


async def _fails(code: Code, provider: SimulatedProvider, operation: str, *arguments: object) -> str:
    with pytest.raises(ProblemError) as caught:
        await getattr(provider, operation)(*arguments)
    assert caught.value.problem.code is code
    return caught.value.problem.what


@in_virtual_time
async def test_the_same_seed_is_the_same_fleet() -> None:
    one, _, _ = await _opened("simulated://demo?machines=300&seed=7&frozen=1790000000")
    two, _, _ = await _opened("simulated://demo?machines=300&seed=7&frozen=1790000000")
    other, _, _ = await _opened("simulated://demo?machines=300&seed=8&frozen=1790000000")
    assert list(await one.machines()) == list(await two.machines())
    uuids = frozenset(machine.uuid for machine in await one.machines())
    for _ in range(3):
        assert list(await one.counters(uuids)) == list(await two.counters(uuids))
        assert await one.host() == await two.host()
    assert {machine.uuid for machine in await other.machines()}.isdisjoint(uuids)


@in_virtual_time
async def test_a_fleet_of_5000_is_a_mixed_crowd_with_names_of_their_own() -> None:
    began = time.process_time()
    provider, _, names = await _opened("simulated://demo?machines=5000")
    await provider.counters(frozenset())
    assert time.process_time() - began < 5
    assert len(names) == 5000
    states = {machine.state for machine in await provider.machines()}
    assert states >= {State.RUNNING, State.OFF, State.PAUSED, State.CRASHED}


@in_virtual_time
async def test_every_running_machine_has_believable_figures() -> None:
    provider, _, names = await _opened("simulated://demo?machines=100")
    detailed = frozenset(names.values())
    before = await provider.counters(detailed)
    seen: set[int] = set()
    for _ in range(20):
        await asyncio.sleep(1)
        after = await provider.counters(detailed)
        for old, new in zip(before, after, strict=True):
            reading = rates(old, new)
            assert (reading.cpu_percent is not None) is new.running
            if reading.cpu_percent is not None:
                assert 0 < reading.cpu_percent <= 100
                assert 0 < (reading.memory_used_bytes or 0) < (reading.memory_total_bytes or 0)
                assert None not in (reading.disk_write_rate, reading.net_rx_rate)
                seen.add(round(reading.cpu_percent))
        before = after
    assert len(seen) > 20


@in_virtual_time
async def test_starting_and_stopping_take_a_moment_and_are_told() -> None:
    provider, heard, names = await _opened()
    uuid = names["scratch"]
    await provider.start(uuid)
    await asyncio.sleep(3)
    await provider.ask_to_stop(uuid, "agent")
    await asyncio.sleep(2)
    off, up = AgentState.DISCONNECTED, AgentState.CONNECTED
    assert heard.machines["scratch"] == [
        (State.RUNNING, off), (State.RUNNING, up), (State.STOPPING, up), (State.OFF, off),
    ]  # fmt: skip


@in_virtual_time
async def test_what_a_state_forbids_is_refused() -> None:
    provider, _, names = await _opened()
    for name, operation, *more in (
        ("web-dev", "start"), ("scratch", "kill"), ("scratch", "ask_to_stop", "acpi"), ("scratch", "pause"),
        ("web-dev", "resume"), ("web-dev", "undefine"),
    ):  # fmt: skip
        assert name in await _fails(Code.WRONG_STATE, provider, operation, names[name], *more)
    await _fails(Code.AGENT_UNAVAILABLE, provider, "agent", names["scratch"], {"execute": "guest-ping"}, 5)
    await _fails(Code.MACHINE_NOT_FOUND, provider, "details", "no-such-uuid")


@in_virtual_time
async def test_every_call_takes_the_delay_that_was_asked_for() -> None:
    provider = SimulatedProvider("simulated://demo?machines=3&delay=5", wall_clock)
    loop, times = asyncio.get_running_loop(), [0.0]
    await provider.open(Heard())
    times.append(loop.time())
    uuid = (await provider.machines())[0].uuid
    for call in (provider.details(uuid), provider.counters(frozenset()), provider.snapshots(uuid)):
        times.append(loop.time())
        await call
    times.append(loop.time())
    assert [after - before for before, after in pairwise(times)] == pytest.approx([5.0] * 5)
    await _fails(Code.TIMED_OUT, provider, "agent", uuid, {"execute": "guest-ping"}, 1.0)


@in_virtual_time
async def test_faults_strike_where_they_were_asked_for() -> None:
    provider, _, names = await _opened(f"{DEMO}&fail=pause:web-dev&hang=details")
    await _fails(Code.LIBVIRT_ERROR, provider, "pause", names["web-dev"])
    await provider.pause(names["db"])
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(provider.details(names["db"]), 100)


@in_virtual_time
async def test_a_link_that_breaks_and_comes_back() -> None:
    provider, heard, _ = await _opened(f"{DEMO}&down=after:10:5")
    await asyncio.sleep(11)
    await _fails(Code.CONNECTION_LOST, provider, "machines")
    await asyncio.sleep(5)
    assert len(await provider.machines()) == 12
    assert heard.links == ["up", "down", "up"]


@in_virtual_time
async def test_a_restore_brings_files_and_state_back() -> None:
    provider, _, names = await _opened()
    uuid = names["web-dev"]
    await _ran(provider, uuid, "sh", "-c", "echo first > /root/note")
    await provider.create_snapshot(uuid, "here", "as it was", True, False)
    await _ran(provider, uuid, "sh", "-c", "echo second > /root/note; rm /etc/hostname")
    await provider.kill(uuid)
    await provider.restore_snapshot(uuid, "here")
    assert (await provider.details(uuid)).machine.state is State.RUNNING
    assert await _ran(provider, uuid, "cat", "/root/note", "/etc/hostname") == (0, "first\nweb-dev\n", "")


@in_virtual_time
async def test_snapshots_form_a_tree_and_deleting_keeps_children() -> None:
    provider, _, names = await _opened()
    uuid = names["web-dev"]
    parents = {each.name: each.parent for each in await provider.snapshots(uuid)}
    assert parents == {"base": "", "before-upgrade": "base", "experiment": "before-upgrade"}
    await provider.create_snapshot(uuid, "new", "", False, True)
    await _fails(Code.NAME_TAKEN, provider, "create_snapshot", uuid, "new", "", False, False)
    await provider.delete_snapshot(uuid, "before-upgrade", False)
    after = {each.name: each for each in await provider.snapshots(uuid)}
    assert {name: each.parent for name, each in after.items()} == {
        "base": "",
        "experiment": "base",
        "new": "base",
    }
    assert (after["new"].current, after["new"].safety, after["new"].memory) == (True, True, False)
    await provider.delete_snapshot(uuid, "base", True)
    assert list(await provider.snapshots(uuid)) == []
    await _fails(Code.SNAPSHOT_NOT_FOUND, provider, "restore_snapshot", uuid, "base")


@in_virtual_time
async def test_a_defined_machine_boots_and_is_what_its_spec_says() -> None:
    provider, heard, _ = await _opened()
    machine = await provider.define(SPEC)
    assert (machine.state, machine.managed) == (State.OFF, True)
    await _fails(Code.NAME_TAKEN, provider, "define", SPEC)
    await provider.start(SPEC.uuid)
    await asyncio.sleep(3)
    assert heard.machines["new"][-1] == (State.RUNNING, AgentState.CONNECTED)
    assert await provider.spec(SPEC.uuid) == SPEC
    log = (await provider.read_log(SPEC.uuid, "serial", -4096, 4096)).data.decode()
    assert "cloud-init" in log
    assert (await _ran(provider, SPEC.uuid, "systemctl", "is-active", "nginx"))[1] == "active\n"
    assert (await _ran(provider, SPEC.uuid, "dpkg-query", "-W", "tree"))[0] == 0
    assert (await _ran(provider, SPEC.uuid, "mountpoint", "-q", "/home/me/work"))[0] == 0
    await provider.kill(SPEC.uuid)
    await provider.undefine(SPEC.uuid)
    assert heard.removed == [machine.id]


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (("echo", "a  b", "*"), (0, "a  b *\n", "")),
        (("printf", "%s-%s\n", "a", "b"), (0, "a-b\n", "")),
        (("uname",), (0, "Linux\n", "")),
        (("hostname",), (0, "web-dev\n", "")),
        (("false",), (1, "", "")),
        (("nope",), (127, "", "sh: 1: nope: not found\n")),
        (("cat", "/nope"), (1, "", "cat: /nope: No such file or directory\n")),
        (("sh", "-c", "echo 'a;b' | cat; exit 3"), (3, "a;b\n", "")),
        (("sh", "-c", 'echo "$1 $2"', "sh", "x y", "z"), (0, "x y z\n", "")),
        (("sh", "-c", "false && echo no || echo yes"), (0, "yes\n", "")),
        (("sh", "-c", "echo err >&2; nope 2>/dev/null; echo $?"), (0, "127\n", "err\n")),
        (("env", "A=1", "sh", "-c", "echo $A"), (0, "1\n", "")),
        (("sh", "-c", "seq 3 | tail -n 1"), (0, "3\n", "")),
        (("sh", "-c", "echo 2 > /tmp/x # two\ncat /tmp/x"), (0, "2\n", "")),
        (("sh", "-c", "printf 'a\nb'"), (0, "a\nb", "")),
        (("sh", "-c", "echo 'open"), (2, "", "sh: 1: Syntax error: Unterminated quoted string\n")),
    ],
)
def test_commands_do_what_they_do(argv: tuple[str, ...], expected: tuple[int, str, str]) -> None:
    @in_virtual_time
    async def run() -> None:
        provider, _, names = await _opened()
        assert await _ran(provider, names["web-dev"], *argv) == expected

    run()


@in_virtual_time
async def test_input_and_time_reach_a_command() -> None:
    provider, _, names = await _opened()
    assert await _ran(provider, names["db"], "cat", stdin=b"given\n") == (0, "given\n", "")
    began = asyncio.get_running_loop().time()
    assert (await _ran(provider, names["db"], "sleep", "20"))[0] == 0
    assert asyncio.get_running_loop().time() - began == pytest.approx(20, abs=0.2)


@in_virtual_time
async def test_the_agent_tells_of_network_system_and_files() -> None:
    provider, _, names = await _opened()
    uuid = names["web-dev"]

    async def ask(command: str, **arguments: object) -> Any:
        return await provider.agent(uuid, {"execute": command, "arguments": arguments}, 5)

    loopback, ethernet = await ask("guest-network-get-interfaces")
    assert (loopback["name"], ethernet["statistics"]["rx-bytes"] > 0) == ("lo", True)
    assert (await ask("guest-get-osinfo"))["id"] == "debian"
    handle = await ask("guest-file-open", path="/root/x", mode="w")
    data = base64.b64encode(b"hello").decode()
    assert (await ask("guest-file-write", handle=handle, **{"buf-b64": data}))["count"] == 5
    await ask("guest-file-close", handle=handle)
    handle = await ask("guest-file-open", path="/root/x", mode="r")
    assert (await ask("guest-file-read", handle=handle)) == {"count": 5, "buf-b64": data, "eof": True}
    with pytest.raises(ProblemError) as caught:
        await ask("guest-no-such-thing")
    assert caught.value.problem.code is Code.GUEST_ERROR
