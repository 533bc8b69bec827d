"""What all simple acts on one machine share: the plan, its one step, the reasons why it cannot be."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Generic, TypeVar

from clonebox_tui.engine.act import Step, StepRun
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.model import acts
from clonebox_tui.model.environment import GIBIBYTE
from clonebox_tui.model.machine import Machine
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.model.rpc import Context
from clonebox_tui.model.rules import possible, why_not
from clonebox_tui.providers.protocol import Call

A = TypeVar("A", bound=acts.MachineAct)


class MachineAct(Generic[A]):
    """A handler whose act is one operation of the provider; subclasses say which, and how."""

    verb: ClassVar[str]
    operation: ClassVar[str]
    """The provider's method, for `explain`."""
    destructive: ClassVar[bool] = False
    reversible: ClassVar[bool] = True
    undo: ClassVar[str] = ""
    warnings: ClassVar[tuple[str, ...]] = ()
    downtime_seconds: ClassVar[float | None] = None

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet

    # -- what subclasses say -------------------------------------------------------------------------

    async def act(self, act: A, run: StepRun) -> None:
        """Do it."""
        raise NotImplementedError

    async def take_back(self, act: A, run: StepRun) -> None:
        """Undo it, where that means anything."""

    def check(self, machine: Machine) -> None:
        """Raise what else stands in the way."""

    def notes(self, act: A, machine: Machine) -> tuple[str, ...]:
        """What else a person should know."""
        del act, machine
        return ()

    def argument(self, act: A) -> str:
        """What `explain` needs besides the machine."""
        del act
        return ""

    # -- the handler ---------------------------------------------------------------------------------

    def lane(self, act: A) -> str:
        """One lane a machine."""
        return act.machine

    async def plan(self, act: A, context: Context | None) -> Plan:
        """The plan; WRONG_STATE, MACHINE_NOT_FOUND, CONNECTION_FAILED and what `check` raises."""
        del context
        self.fleet.provider_of(act.machine)
        machine = self.fleet.machine(act.machine)
        reason = why_not(acts.tag(act), machine)
        if reason:
            what = f"Cannot {self.verb.lower()} {machine.name} now."
            raise problem(Code.WRONG_STATE, what, why=reason, next=possible(machine))
        self.check(machine)
        return Plan(
            act=acts.tag(act),
            title=f"{self.verb} {machine.name}",
            steps=tuple(step.planned() for step in await self.steps(act, {})),
            fingerprint=f"{machine.uuid} {machine.state.value}",
            machine=machine.id,
            name=machine.name,
            downtime_seconds=self.downtime_seconds,
            destructive=self.destructive,
            reversible=self.reversible,
            undo=self.undo,
            warnings=self.warnings,
            notes=self.notes(act, machine),
        )

    async def steps(self, act: A, memory: Mapping[str, object]) -> Sequence[Step]:
        """The one step."""
        del memory
        call = self._explained(act)

        async def do(run: StepRun) -> None:
            await self.act(act, run)

        async def undo(run: StepRun) -> None:
            await self.take_back(act, run)

        name = acts.tag(act).partition(".")[2]
        step = Step(name, f"{self.verb} the machine", do, call=call.call, equivalent=call.equivalent)
        can_go_back = type(self).take_back is not MachineAct.take_back
        return [replace(step, undo=undo) if can_go_back else step]

    async def result(self, act: A, memory: Mapping[str, object]) -> dict[str, object]:
        """The machine's id and the state it is in."""
        del memory
        machine = self.fleet.machines.get(act.machine)
        return {"machine": act.machine, "state": machine.state.value if machine else "gone"}

    def _explained(self, act: A) -> Call:
        try:
            provider, _ = self.fleet.provider_of(act.machine)
        except ProblemError:
            return Call("")  # a recovery while the connection is down needs the steps all the same
        return provider.explain(self.operation, act.machine, self.argument(act))


def free_memory_bytes() -> int:
    """What this host can give without swapping."""
    import psutil

    return int(psutil.virtual_memory().available)


def require_memory(machine: Machine, free: Callable[[], int]) -> None:
    """MEMORY_SHORT when this very host would run the machine and has not enough free for it."""
    if not machine.connection.startswith("qemu:///"):
        return
    available = free()
    if machine.memory_bytes > available:
        raise problem(
            Code.MEMORY_SHORT,
            f"There is not enough memory to start {machine.name}.",
            why=f"It needs {machine.memory_bytes / GIBIBYTE:.1f} GiB; "
            f"{available / GIBIBYTE:.1f} GiB of this host are free.",
            next="Stop another machine, or give this one less memory.",
        )
