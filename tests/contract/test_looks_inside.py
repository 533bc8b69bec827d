"""Every provider counts, speaks to guests, reads logs and tells of changes alike."""

import asyncio

import libvirt
import pytest

from clonebox_tui.model.machine import Machine, State
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.model.sample import Counters, Reading, rates
from tests.contract.sites import WAIT_SECONDS, Place


async def _counters(place: Place, machine: Machine) -> Counters:
    found = await place.provider.counters(frozenset({machine.uuid}))
    return next(each for each in found if each.id == machine.id)


async def _reading(place: Place, machine: Machine, seconds: float) -> Reading:
    before = await _counters(place, machine)
    await asyncio.sleep(seconds)
    return rates(before, await _counters(place, machine))


@pytest.mark.act("counters")
async def test_two_readings_make_sane_rates(place: Place) -> None:
    machine = await place.running()
    reading = await _reading(place, machine, 0.5)
    assert reading.cpu_percent is not None
    assert 0 <= reading.cpu_percent <= 100
    assert reading.memory_total_bytes is None or 0 < reading.memory_total_bytes <= 192 * 1024**2
    for rate in (reading.disk_read_rate, reading.disk_write_rate, reading.net_rx_rate, reading.net_tx_rate):
        assert rate is None or 0 <= rate < 10**10


@pytest.mark.act("counters")
async def test_a_machine_that_is_off_has_gaps(place: Place) -> None:
    machine = await place.defined()
    counters = await _counters(place, machine)
    assert not counters.running
    assert (await _reading(place, machine, 0.05)).cpu_percent is None


@pytest.mark.act("counters")
async def test_a_paused_machine_has_gaps_too(place: Place) -> None:
    machine = await place.running()
    await place.provider.pause(machine.uuid)
    await place.until_state(machine, State.PAUSED)
    assert not (await _counters(place, machine)).running
    await place.provider.resume(machine.uuid)
    await place.until_state(machine, State.RUNNING)
    assert (await _counters(place, machine)).running


@pytest.mark.act("counters: busy guest")
async def test_a_busy_guest_uses_more_than_an_idle_one(place: Place) -> None:
    place.needs("counters: busy guest")
    machine = await place.reachable()
    async with asyncio.timeout(WAIT_SECONDS):
        # Only once the boot's own work is over is a guest idle.
        while ((idle := await _reading(place, machine, 1.0)).cpu_percent or 100) > 50:  # noqa: ASYNC110
            await asyncio.sleep(1)
    assert idle.cpu_percent is not None
    await place.run(machine, "/bin/sh", "-c", "while :; do :; done >/dev/null 2>&1 &")
    async with asyncio.timeout(WAIT_SECONDS):
        # More than once: other work of the host can hold the guest back, or libvirt from looking into it.
        while True:
            busy = await _reading(place, machine, 1.5)
            if (busy.cpu_percent or 0) > idle.cpu_percent + 20 and busy.memory_used_bytes is not None:
                break


@pytest.mark.act("host")
async def test_the_host_has_memory(place: Place) -> None:
    await place.provider.host()
    reading = await place.provider.host()
    assert reading.memory_total_bytes is None or reading.memory_total_bytes > 0
    assert reading.cpu_percent is None or 0 <= reading.cpu_percent <= 100


@pytest.mark.act("agent: ping")
async def test_an_agent_answers(place: Place) -> None:
    place.needs("agent: ping")
    machine = await place.reachable()
    assert await place.provider.agent(machine.uuid, {"execute": "guest-ping"}, 20.0) == {}


@pytest.mark.act("agent: exec")
async def test_a_command_runs_in_the_guest(place: Place) -> None:
    place.needs("agent: exec")
    machine = await place.reachable()
    assert await place.run(machine, "/bin/echo", "two  words", "ü") == "two  words ü\n"


@pytest.mark.act("agent: refused")
async def test_an_agent_that_is_not_there_is_said_at_once(place: Place) -> None:
    machine = await place.defined()
    async with asyncio.timeout(15):  # less than the 20 s that an agent is given to answer
        with pytest.raises(ProblemError) as refused:
            await place.provider.agent(machine.uuid, {"execute": "guest-ping"}, 20.0)
    assert refused.value.problem.code is Code.AGENT_UNAVAILABLE
    assert refused.value.problem.next


@pytest.mark.act("agent: guest's own error")
async def test_a_guests_own_error_is_its_own(place: Place) -> None:
    place.needs("agent: exec")
    machine = await place.reachable()
    command: dict[str, object] = {"execute": "guest-exec", "arguments": {"path": "/no/such/program"}}
    with pytest.raises(ProblemError) as refused:
        await place.provider.agent(machine.uuid, command, 20.0)
    assert refused.value.problem.code is Code.GUEST_ERROR


@pytest.mark.act("agent: hung")
async def test_a_hung_agent_holds_up_nothing_else(place: Place) -> None:
    place.needs("agent: hung")
    machine = await place.reachable()
    # Not its end but its beginning is asked for: the agent has to answer before it is stopped.
    stop = "sleep 2; kill -STOP $(pidof qemu-ga) && echo agent stopped >/dev/ttyS0"
    await place.begin(machine, "/bin/sh", "-c", stop)
    await place.log_has(machine.uuid, b"agent stopped")
    command: dict[str, object] = {"execute": "guest-ping"}
    pings = [asyncio.create_task(place.provider.agent(machine.uuid, command, 20.0)) for _ in range(2)]
    await asyncio.sleep(0.1)
    async with asyncio.timeout(15):
        await place.provider.details(machine.uuid)
        await _counters(place, machine)
        await place.provider.snapshots(machine.uuid)
        assert not any(ping.done() for ping in pings)
    async with asyncio.timeout(WAIT_SECONDS):
        answers = await asyncio.gather(*pings, return_exceptions=True)
    codes = {answer.problem.code for answer in answers if isinstance(answer, ProblemError)}
    assert len(answers) == 2
    assert codes <= {Code.TIMED_OUT, Code.AGENT_UNAVAILABLE}
    assert codes


@pytest.mark.act("logs")
async def test_a_log_is_read_in_pieces_and_from_its_end(place: Place) -> None:
    place.needs("logs")
    machine = await place.reachable()
    provider, source = place.provider, "serial"
    async with asyncio.timeout(WAIT_SECONDS):
        while (await provider.read_log(machine.uuid, source, 0, 20)).size < 20:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    first = await provider.read_log(machine.uuid, source, 0, 10)
    second = await provider.read_log(machine.uuid, source, 10, 10)
    whole = await provider.read_log(machine.uuid, source, 0, 20)
    assert first.data + second.data == whole.data
    assert first.identity == whole.identity
    tail = await provider.read_log(machine.uuid, source, -5, 100)
    assert len(tail.data) == 5
    assert (await provider.read_log(machine.uuid, source, whole.size + 10**6, 10)).data == b""


@pytest.mark.act("logs: unknown source")
async def test_a_log_nobody_keeps_is_not_found(place: Place) -> None:
    machine = await place.defined()
    with pytest.raises(ProblemError) as refused:
        await place.provider.read_log(machine.uuid, "nonsense", 0, 10)
    assert refused.value.problem.code is Code.LOG_NOT_FOUND


@pytest.mark.act("events")
async def test_a_change_made_elsewhere_is_told(place: Place) -> None:
    place.needs("events")
    machine = await place.defined()

    def start_elsewhere() -> None:
        connection = libvirt.open(place.site.second_uri)
        try:
            connection.lookupByUUIDString(machine.uuid).create()
        finally:
            connection.close()

    await asyncio.to_thread(start_elsewhere)
    told = place.told.machines
    await place.told.until(lambda: told[machine.uuid].state is State.RUNNING)
    assert told[machine.uuid].name == machine.name
