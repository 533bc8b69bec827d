"""Every provider keeps snapshots as a tree, with words as they were said, and goes back to them."""

import pytest

from clonebox_tui.model.machine import State
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.model.snapshot import Snapshot, Storage, tree
from tests.contract.sites import Place

WORDS = "first <line> & \"more\"\nsecond 'line' ]]> ü\n\nlast"


async def _take(place: Place, uuid: str, name: str, memory: bool = False, description: str = "") -> None:
    await place.provider.create_snapshot(uuid, name, description, memory, safety=False)


async def _snapshots(place: Place, uuid: str) -> dict[str, Snapshot]:
    return {each.name: each for each in await place.provider.snapshots(uuid)}


@pytest.mark.act("snapshot: create")
async def test_a_snapshot_keeps_its_words(place: Place) -> None:
    machine = await place.defined()
    await _take(place, machine.uuid, "one", description=WORDS)
    await _take(place, machine.uuid, "two", description=WORDS * 200)
    found = await _snapshots(place, machine.uuid)
    assert found["one"].description == WORDS
    assert found["two"].description == WORDS * 200
    assert (found["two"].parent, found["two"].current, found["one"].current) == ("one", True, False)
    assert not found["one"].memory
    assert found["one"].storage is Storage.INTERNAL
    assert found["one"].created_at > 1_600_000_000


@pytest.mark.act("snapshot: create")
async def test_a_safety_snapshot_is_known_as_one(place: Place) -> None:
    machine = await place.defined()
    await place.provider.create_snapshot(machine.uuid, "safety-20260102-030405", "before", False, safety=True)
    await _take(place, machine.uuid, "safety-of-mine")
    found = await _snapshots(place, machine.uuid)
    assert found["safety-20260102-030405"].safety
    assert found["safety-20260102-030405"].description == "before"
    assert not found["safety-of-mine"].safety


@pytest.mark.act("snapshot: tree")
async def test_going_back_makes_a_branch(place: Place) -> None:
    machine = await place.defined()
    for name in ("base", "left"):
        await _take(place, machine.uuid, name)
    await place.provider.restore_snapshot(machine.uuid, "base")
    await _take(place, machine.uuid, "right")
    found = await _snapshots(place, machine.uuid)
    assert {name: each.parent for name, each in found.items()} == {
        "base": "",
        "left": "base",
        "right": "base",
    }
    assert [name for name, each in found.items() if each.current] == ["right"]
    lines = tree(tuple(found.values()))
    assert [line.depth for line in lines if line.snapshot is None] == [2]


@pytest.mark.act("snapshot: create with memory")
async def test_a_running_machine_is_kept_with_its_memory(place: Place) -> None:
    machine = await place.running()
    await _take(place, machine.uuid, "alive", memory=True)
    alive = (await _snapshots(place, machine.uuid))["alive"]
    assert alive.memory
    # A size is bytes of kept memory, or not known; never nothing.
    assert alive.size_bytes is None or 10**6 < alive.size_bytes < 10**9
    assert (await place.provider.details(machine.uuid)).machine.state is State.RUNNING


@pytest.mark.act("snapshot: restore")
async def test_going_back_brings_the_state_back(place: Place) -> None:
    machine = await place.running()
    await _take(place, machine.uuid, "alive", memory=True)
    await place.provider.kill(machine.uuid)
    await place.until_state(machine, State.OFF)
    await _take(place, machine.uuid, "dead")
    await place.provider.restore_snapshot(machine.uuid, "alive")
    await place.until_state(machine, State.RUNNING)
    await place.provider.restore_snapshot(machine.uuid, "dead")
    await place.until_state(machine, State.OFF)
    assert (await _snapshots(place, machine.uuid))["dead"].current


@pytest.mark.act("restore: memory")
async def test_going_back_brings_memory_and_files_back(place: Place) -> None:
    place.needs("restore: memory")
    machine = await place.reachable()
    await place.run(machine, "/bin/sh", "-c", "echo before > /tmp/mark")
    await _take(place, machine.uuid, "mark", memory=True)
    await place.run(machine, "/bin/sh", "-c", "echo after > /tmp/mark")
    await place.provider.restore_snapshot(machine.uuid, "mark")
    await place.until_agent(machine)
    assert await place.run(machine, "/bin/cat", "/tmp/mark") == "before\n"


@pytest.mark.act("snapshot: delete")
@pytest.mark.parametrize(("children", "left"), [(False, {"a": "", "c": "a"}), (True, {"a": ""})])
async def test_children_stay_unless_they_are_asked_for(
    place: Place, children: bool, left: dict[str, str]
) -> None:
    machine = await place.defined()
    for name in ("a", "b", "c"):
        await _take(place, machine.uuid, name)
    await place.provider.delete_snapshot(machine.uuid, "b", children)
    assert {name: each.parent for name, each in (await _snapshots(place, machine.uuid)).items()} == left


@pytest.mark.act("snapshot: refused")
async def test_names_are_unique_and_unknown_ones_not_found(place: Place) -> None:
    machine = await place.defined()
    await _take(place, machine.uuid, "one")
    with pytest.raises(ProblemError) as taken:
        await _take(place, machine.uuid, "one")
    assert taken.value.problem.code is Code.NAME_TAKEN
    for call in (
        place.provider.restore_snapshot(machine.uuid, "two"),
        place.provider.delete_snapshot(machine.uuid, "two", children=False),
    ):
        with pytest.raises(ProblemError) as unknown:
            await call
        assert unknown.value.problem.code is Code.SNAPSHOT_NOT_FOUND
