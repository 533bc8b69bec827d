"""Writes tags, group and note on a machine; the note of what stood there before is the way back."""

from typing import ClassVar

import msgspec

from clonebox_tui.engine.act import StepRun
from clonebox_tui.engine.machine_act import MachineAct
from clonebox_tui.model.acts import LabelMachine
from clonebox_tui.model.labels import changed_words, fault, tidy
from clonebox_tui.model.machine import Machine
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.rpc import Context


class LabelHandler(MachineAct[LabelMachine]):
    """Works on every machine, whoever made it and however it is."""

    verb, operation = "Label", "write_labels"
    undo: ClassVar[str] = "Write back what stood there: the job knows it."

    def lane(self, act: LabelMachine) -> str:
        """A lane of its own: nobody waits for a long clone to write a note on it."""
        return f"{act.machine} labels"

    async def plan(self, act: LabelMachine, context: Context | None) -> Plan:
        """NAME_INVALID for what cannot be written, PLAN_STALE when somebody else wrote meanwhile."""
        machine = self.fleet.machine(act.machine)
        self._check(act, machine)
        plan = await super().plan(act, context)
        words = changed_words(act.before, act.labels) or "nothing changes"
        stands = msgspec.json.encode(machine.labels).decode()
        return msgspec.structs.replace(
            plan, title=f"Label {machine.name} ({words})", fingerprint=f"{machine.uuid} {stands}"
        )

    def argument(self, act: LabelMachine) -> str:
        """The labels as JSON."""
        return msgspec.json.encode(act.labels).decode()

    async def act(self, act: LabelMachine, run: StepRun) -> None:
        """Write."""
        provider, uuid = self.fleet.provider_of(act.machine)
        await provider.write_labels(uuid, act.labels)
        run.log(changed_words(act.before, act.labels) or "Nothing changed.")

    async def take_back(self, act: LabelMachine, run: StepRun) -> None:
        """Write what stood there."""
        provider, uuid = self.fleet.provider_of(act.machine)
        if (await provider.details(uuid)).machine.labels == act.labels:
            await provider.write_labels(uuid, act.before)
            run.log("Wrote back what stood there.")

    @staticmethod
    def _check(act: LabelMachine, machine: Machine) -> None:
        wrong = fault(act.labels)
        if not wrong and tidy(act.labels.tags, act.labels.group, act.labels.note) != act.labels:
            wrong = "Tags stand in order and once each, notes without control characters."
        if wrong:
            raise problem(
                Code.NAME_INVALID,
                f"{machine.name} cannot be labelled so.",
                why=wrong,
                next="Use letters, digits and dashes.",
            )
        if machine.labels not in (act.before, act.labels):
            raise problem(
                Code.PLAN_STALE,
                f"Other labels were written on {machine.name} meanwhile.",
                why=changed_words(act.before, machine.labels),
                next="Look at them, and write yours again.",
            )
