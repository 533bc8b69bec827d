"""A simulated machine: its identity, its run, its files, its past. Changed by the provider only."""

from dataclasses import dataclass, field
from random import Random

from clonebox_tui.model.labels import Labels
from clonebox_tui.model.machine import AgentState, Machine, State, machine_id
from clonebox_tui.model.sample import Counters
from clonebox_tui.model.snapshot import Snapshot
from clonebox_tui.model.spec import MachineSpec
from clonebox_tui.providers.simulated.curves import Shape
from clonebox_tui.providers.simulated.files import first_files
from clonebox_tui.providers.simulated.log import SerialLog
from clonebox_tui.providers.simulated.meter import CPU, DISK_READ, DISK_WRITE, NET_RX, NET_TX, Meter


@dataclass(slots=True)
class Moment:
    """A snapshot and what it brings back."""

    snapshot: Snapshot
    files: dict[str, bytes]
    running: bool


@dataclass(slots=True)
class SimulatedMachine:
    """Everything the provider keeps of one machine. Files, moments and log are made when first asked for."""

    connection: str
    uuid: str
    name: str
    vcpus: int
    memory_bytes: int
    state: State
    meter: Meter
    seed: int
    managed: bool = True
    autostart: bool = False
    has_agent: bool = True
    agent_up: bool = False
    """Somebody answers (only asked while running)."""
    started_at: float | None = None
    run: int = -1
    persona: str = "server"
    labels: Labels = Labels()  # noqa: RUF009 frozen
    spec: MachineSpec | None = None
    seed_inserted: bool = False
    detached: set[str] = field(default_factory=set)
    """Tags of shares whose devices are taken out of the running machine."""
    unmounted: set[str] = field(default_factory=set)
    """Guest folders of shares that are not mounted at present."""
    kept_files: dict[str, bytes] | None = None
    kept_moments: dict[str, Moment] | None = None
    serial: SerialLog | None = None
    frozen_files: bool = False
    """guest-fsfreeze-freeze was called."""

    id: str = field(init=False)

    def __post_init__(self) -> None:
        """Made once: it is needed for every machine at every tick."""
        self.id = machine_id(self.connection, self.uuid)

    @property
    def alive(self) -> bool:
        """Whether its vCPUs run."""
        return self.state in (State.RUNNING, State.STOPPING)

    @property
    def agent(self) -> AgentState:
        """What the list says of its agent."""
        if not self.has_agent:
            return AgentState.ABSENT
        return AgentState.CONNECTED if self.alive and self.agent_up else AgentState.DISCONNECTED

    @property
    def files(self) -> dict[str, bytes]:
        """Its files by absolute path."""
        if self.kept_files is None:
            self.kept_files = first_files(self.name, self.persona, self.spec)
        return self.kept_files

    def chance(self, topic: str) -> Random:
        """Randomness of its own for one topic, the same for the same seed."""
        return Random(f"{self.seed}/{self.uuid}/{topic}")  # noqa: S311 a demo's scenery, not a secret

    def public(self) -> Machine:
        """The machine as a row of the list."""
        return Machine(
            id=self.id,
            name=self.name,
            state=self.state,
            connection=self.connection,
            uuid=self.uuid,
            vcpus=self.vcpus,
            memory_bytes=self.memory_bytes,
            agent=self.agent,
            managed=self.managed,
            autostart=self.autostart,
            started_at=self.started_at,
            tags=self.labels.tags,
            group=self.labels.group,
            note=self.labels.note,
        )

    def counters(self, time_ns: int, table: tuple[float, ...]) -> Counters:
        """State and CPU only."""
        if not self.alive:
            return Counters(self.id, time_ns, -1, False, self.vcpus)
        return Counters(self.id, time_ns, self.run, True, self.vcpus, int(self.meter.read_cpu(table) * 1e9))

    def memory_used_bytes(self, shapes: tuple[Shape, ...], at: float) -> int:
        """Memory follows the waves of another shape, calmer than the CPU's."""
        level = shapes[self.meter.shape[DISK_READ] // 8 * 8].level(at)
        return int(self.memory_bytes * min(0.95, 0.28 + 0.06 * (self.seed % 5) + level))

    def detailed_counters(
        self, time_ns: int, table: tuple[float, ...], shapes: tuple[Shape, ...], at: float
    ) -> Counters:
        """The costly ones too."""
        if not self.alive:
            return self.counters(time_ns, table)
        values = self.meter.read(table)
        used = self.memory_used_bytes(shapes, at)
        return Counters(
            self.id, time_ns, self.run, True, self.vcpus, int(values[CPU] * 1e9), used, self.memory_bytes,
            int(values[DISK_READ]), int(values[DISK_WRITE]), int(values[NET_RX]), int(values[NET_TX]),
        )  # fmt: skip
