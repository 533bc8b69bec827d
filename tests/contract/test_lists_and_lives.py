"""Every provider lists, shows and moves its machines alike, and says alike why it cannot."""

import asyncio
import urllib.request

import msgspec
import pytest

from clonebox_tui.model.connection import Link
from clonebox_tui.model.labels import Labels
from clonebox_tui.model.machine import AgentState, State, machine_id
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.providers.protocol import Capability
from tests.contract.sites import WAIT_SECONDS, Place

NOBODY = "00000000-0000-4000-8000-00000000dead"


@pytest.mark.act("open")
async def test_a_connection_says_what_it_is(place: Place) -> None:
    connection = place.provider.connection
    assert connection.link is Link.UP
    assert connection.uri == place.provider.uri
    assert set(connection.capabilities) <= {each.value for each in Capability}
    assert place.told.connections[-1].link is Link.UP


@pytest.mark.act("define, list")
async def test_a_defined_machine_is_listed_and_off(place: Place) -> None:
    machine = await place.defined()
    listed = {each.uuid: each for each in await place.provider.machines()}
    assert listed[machine.uuid].name == machine.name
    assert listed[machine.uuid].state is State.OFF
    assert listed[machine.uuid].id == machine_id(place.provider.uri, machine.uuid)
    assert listed[machine.uuid].managed
    assert listed[machine.uuid].vcpus == 1
    assert listed[machine.uuid].memory_bytes == 192 * 1024**2
    assert place.told.machines[machine.uuid].name == machine.name


@pytest.mark.act("spec")
async def test_a_machine_keeps_the_spec_it_was_made_from(place: Place) -> None:
    machine = await place.defined()
    spec = await place.provider.spec(machine.uuid)
    assert spec is not None
    assert (spec.name, spec.folder, spec.packages) == (machine.name, '/home/me/a "b" & <c>', ("nginx", "jq"))


@pytest.mark.act("details")
async def test_details_tell_disks_packages_and_definition(place: Place) -> None:
    machine = await place.defined()
    details = await place.provider.details(machine.uuid)
    assert details.machine.uuid == machine.uuid
    assert any(disk.path.endswith(f"{machine.name}.qcow2") for disk in details.disks)
    assert details.packages == ("nginx", "jq")
    assert machine.name in details.definition


@pytest.mark.act("define: taken name")
async def test_a_name_is_given_once(place: Place) -> None:
    machine = await place.defined()
    spec = await place.provider.spec(machine.uuid)
    assert spec is not None
    with pytest.raises(ProblemError) as refused:
        await place.provider.define(msgspec.structs.replace(spec, uuid=NOBODY))
    assert refused.value.problem.code is Code.NAME_TAKEN


@pytest.mark.act("undefine")
async def test_an_undefined_machine_is_gone_with_its_snapshots(place: Place) -> None:
    machine = await place.defined()
    await place.provider.create_snapshot(machine.uuid, "one", "", memory=False, safety=False)
    await place.provider.undefine(machine.uuid)
    await place.told.until(lambda: machine.id in place.told.removed)
    assert machine.uuid not in {each.uuid for each in await place.provider.machines()}


@pytest.mark.act("start, kill")
async def test_start_runs_and_kill_ends(place: Place) -> None:
    machine = await place.running()
    await place.provider.kill(machine.uuid)
    await place.until_state(machine, State.OFF)
    assert (await place.provider.details(machine.uuid)).machine.state is State.OFF


@pytest.mark.act("pause, resume")
async def test_pause_freezes_and_resume_thaws(place: Place) -> None:
    machine = await place.running()
    await place.provider.pause(machine.uuid)
    await place.until_state(machine, State.PAUSED)
    await place.provider.resume(machine.uuid)
    await place.until_state(machine, State.RUNNING)
    assert (await place.provider.details(machine.uuid)).machine.state is State.RUNNING


@pytest.mark.act("ask_to_stop: acpi")
async def test_a_guest_powers_off_by_its_button(place: Place) -> None:
    machine = await (place.running() if place.site.not_offered.get("agent: ping") else place.reachable())
    if "logs" not in place.site.not_offered and place.site.second_uri:
        await _until_ready(place, machine.uuid)
    await place.provider.ask_to_stop(machine.uuid, "acpi")
    await place.until_state(machine, State.OFF)
    assert place.told.machines[machine.uuid].agent is not AgentState.CONNECTED


async def _until_ready(place: Place, uuid: str) -> None:
    """The micro guest hears its power button only once it is up."""
    await place.log_has(uuid, b"micro: ready")


@pytest.mark.act("ask_to_stop: agent")
async def test_a_guest_powers_off_by_its_agent(place: Place) -> None:
    place.needs("ask_to_stop: agent")
    machine = await place.reachable()
    await place.provider.ask_to_stop(machine.uuid, "agent")
    await place.until_state(machine, State.OFF)
    assert (await place.provider.details(machine.uuid)).machine.state is State.OFF


@pytest.mark.act("ask_to_reboot")
async def test_a_reboot_ends_in_running(place: Place) -> None:
    guest = "agent: ping" not in place.site.not_offered
    machine = await (place.reachable() if guest else place.running())
    await place.provider.ask_to_reboot(machine.uuid, "agent" if guest else "acpi")
    if guest:
        await place.told.until(lambda: place.told.machines[machine.uuid].agent is not AgentState.CONNECTED)
        await place.until_agent(machine)
    assert (await place.provider.details(machine.uuid)).machine.state is State.RUNNING


@pytest.mark.act("wrong state")
async def test_a_machine_that_is_off_cannot_be_killed_or_paused(place: Place) -> None:
    machine = await place.defined()
    for act in (place.provider.kill, place.provider.pause):
        with pytest.raises(ProblemError) as refused:
            await act(machine.uuid)
        assert refused.value.problem.code is Code.WRONG_STATE


@pytest.mark.act("unknown machine")
async def test_a_machine_nobody_knows_is_not_found(place: Place) -> None:
    calls = (
        place.provider.start(NOBODY),
        place.provider.details(NOBODY),
        place.provider.spec(NOBODY),
        place.provider.snapshots(NOBODY),
        place.provider.undefine(NOBODY),
    )
    for call in calls:
        with pytest.raises(ProblemError) as refused:
            await call
        assert refused.value.problem.code is Code.MACHINE_NOT_FOUND


@pytest.mark.act("explain")
async def test_every_act_can_be_explained(place: Place) -> None:
    machine = await place.defined()
    for operation in ("start", "kill", "pause", "resume", "ask_to_stop", "ask_to_reboot", "undefine"):
        call = place.provider.explain(operation, machine.id)
        assert call.call
        assert "virsh" in call.equivalent
        assert machine.name in call.equivalent
    for operation in ("create_snapshot", "restore_snapshot", "delete_snapshot", "delete_snapshot:children"):
        assert "my-snapshot" in place.provider.explain(operation, machine.name, "my-snapshot").equivalent
    for operation in ("attach_share", "detach_share"):
        assert "''" not in place.provider.explain(operation, machine.name).equivalent


@pytest.mark.act("eject_seed")
async def test_the_seed_leaves_the_machine_for_good(place: Place) -> None:
    machine = await place.running()
    await place.provider.eject_seed(machine.uuid)
    details = await place.provider.details(machine.uuid)
    assert not any(disk.path.endswith(".iso") for disk in details.disks)
    spec = await place.provider.spec(machine.uuid)
    assert spec is not None
    assert (spec.name, spec.seed_path) == (machine.name, "")
    await place.provider.kill(machine.uuid)
    await place.until_state(machine, State.OFF)
    after = await place.provider.spec(machine.uuid)
    assert after == spec
    assert not any(disk.path.endswith(".iso") for disk in (await place.provider.details(machine.uuid)).disks)


@pytest.mark.act("forwards")
async def test_a_forward_leads_into_the_guest(place: Place) -> None:
    place.needs("forwards")
    spec = await place.provider.spec((await place.reachable()).uuid)
    assert spec is not None
    if not spec.forwards:
        pytest.skip("not offered: nothing listens behind a simulated forward")

    def fetch() -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{spec.forwards[0].host_port}/", timeout=5) as answer:
            return bytes(answer.read())

    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            try:
                page = await asyncio.to_thread(fetch)
            except OSError:  # the guest's server is not up yet
                await asyncio.sleep(0.3)
            else:
                break
    assert b"micro ok" in page


LABELS = Labels(("a=b", "web"), "the shop", "first <line> & more\nsecond")


@pytest.mark.act("write_labels")
async def test_labels_are_written_heard_and_taken_off(place: Place) -> None:
    machine = await place.defined()
    await place.provider.write_labels(machine.uuid, LABELS)
    await place.told.until(lambda: place.told.machines[machine.uuid].labels == LABELS)
    assert [each.labels for each in await place.provider.machines() if each.uuid == machine.uuid] == [LABELS]
    assert (await place.provider.details(machine.uuid)).machine.labels == LABELS
    await place.provider.write_labels(machine.uuid, Labels())
    assert (await place.provider.details(machine.uuid)).machine.labels == Labels()
    assert (await place.provider.spec(machine.uuid)) is not None


@pytest.mark.act("write_labels: running")
async def test_labels_of_a_running_machine_outlive_its_end_and_a_restored_snapshot(place: Place) -> None:
    machine = await place.defined()
    await place.provider.create_snapshot(machine.uuid, "before", "", memory=False, safety=False)
    await place.provider.start(machine.uuid)
    await place.provider.write_labels(machine.uuid, LABELS)
    assert (await place.provider.details(machine.uuid)).machine.labels == LABELS
    await place.provider.kill(machine.uuid)
    await place.until_state(machine, State.OFF)
    assert (await place.provider.details(machine.uuid)).machine.labels == LABELS
    await place.provider.restore_snapshot(machine.uuid, "before")
    assert (await place.provider.details(machine.uuid)).machine.labels == LABELS
