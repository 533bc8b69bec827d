"""Who lives in a simulated fleet: a small team's machines first, numbered ones after them."""

from random import Random
from uuid import UUID

from clonebox_tui.model.environment import GIBIBYTE
from clonebox_tui.model.labels import Labels
from clonebox_tui.model.machine import State
from clonebox_tui.providers.simulated.address import Address
from clonebox_tui.providers.simulated.machine import SimulatedMachine
from clonebox_tui.providers.simulated.meter import meter

_HOUR = 3600.0
_R, _P, _O, _C, _S = State.RUNNING, State.PAUSED, State.OFF, State.CRASHED, State.SUSPENDED

_TEAM: tuple[tuple[str, State, int, int, str, int, bool, bool], ...] = (
    # name, state, vCPUs, GiB, persona, how busy (0-7), made here, has an agent
    ("web-dev", _R, 2, 2, "web", 5, True, True),
    ("db", _R, 2, 4, "db", 2, True, True),
    ("build", _R, 4, 8, "build", 7, True, True),
    ("old-ci", _P, 2, 2, "build", 3, False, False),
    ("scratch", _O, 1, 1, "server", 1, True, True),
    ("api", _R, 2, 2, "web", 4, True, True),
    ("cache", _R, 1, 1, "server", 1, True, True),
    ("queue", _R, 1, 2, "server", 3, True, True),
    ("docs", _O, 1, 1, "web", 0, True, True),
    ("staging", _R, 4, 8, "web", 6, True, True),
    ("metrics", _R, 2, 4, "db", 3, False, True),
    ("legacy-php", _C, 1, 1, "web", 2, False, False),
)

_LABELS: dict[str, Labels] = {
    "web-dev": Labels(("dev", "web"), "shop", "The shop as of the sprint; forwards 8080."),
    "db": Labels(("dev", "postgres"), "shop"),
    "api": Labels(("dev", "web"), "shop"),
    "cache": Labels(("redis",), "shop"),
    "queue": Labels((), "shop"),
    "build": Labels(("ci",), "pipeline"),
    "old-ci": Labels(("ci", "retire"), "pipeline", "Replaced by build; delete after the audit."),
    "staging": Labels(("web",), "customers"),
    "legacy-php": Labels(("retire", "web"), "customers"),
}

_ROLES = (("web", "web"), ("db", "db"), ("worker", "server"), ("ci", "build"), ("cache", "server"))
_STATES = (_R, _P, _O, _S, _C)
_WEIGHTS = (68, 3, 26, 2, 1)


def populate(address: Address, now: float) -> list[SimulatedMachine]:
    """All machines of a fleet, in a fixed order; the same for the same seed and time."""
    chance = Random(f"{address.seed}/{address.host}")  # noqa: S311 a demo's scenery, not a secret
    machines: list[SimulatedMachine] = []
    for number in range(address.machines):
        traits = _TEAM[number] if number < len(_TEAM) else _numbered(number + 1, chance)
        machines.append(_machine(address, chance, number, traits, now))
    return machines


def _numbered(number: int, chance: Random) -> tuple[str, State, int, int, str, int, bool, bool]:
    role, persona = _ROLES[number % len(_ROLES)]
    state = chance.choices(_STATES, _WEIGHTS)[0]
    vcpus = chance.choice((1, 1, 2, 2, 4))
    made_here, has_agent = chance.random() < 0.9, chance.random() < 0.93
    return f"{role}-{number:04d}", state, vcpus, vcpus * 2, persona, chance.randrange(8), made_here, has_agent


def _machine(
    address: Address,
    chance: Random,
    number: int,
    traits: tuple[str, State, int, int, str, int, bool, bool],
    now: float,
) -> SimulatedMachine:
    name, state, vcpus, memory, persona, busy, managed, has_agent = traits
    on = state in (State.RUNNING, State.PAUSED)
    return SimulatedMachine(
        connection=address.uri,
        uuid=str(UUID(int=chance.getrandbits(128), version=4)),
        name=name,
        vcpus=vcpus,
        memory_bytes=memory * GIBIBYTE,
        state=state,
        meter=meter(chance, vcpus, busy),
        seed=address.seed + number,
        managed=managed,
        autostart=number % 4 == 1,
        has_agent=has_agent,
        agent_up=has_agent and on,
        started_at=now - chance.uniform(0.2 * _HOUR, 60 * _HOUR) if on else None,
        run=number + 1 if on else -1,
        persona=persona,
        labels=_LABELS.get(name, Labels()),
    )
