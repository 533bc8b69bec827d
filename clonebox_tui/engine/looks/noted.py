"""What differs by what the guest's agent told when the snapshots were taken: where no disk can be read."""

import time

from clonebox_tui.engine.looks.facts import changes
from clonebox_tui.engine.snapshots import recorded
from clonebox_tui.engine.snapshots.moment import Moment
from clonebox_tui.engine.snapshots.recorded import Recorded, SystemFacts
from clonebox_tui.guest.agent import Agent
from clonebox_tui.model.difference import Difference, DiffWanted
from clonebox_tui.model.machine import AgentState, State
from clonebox_tui.model.problem import Code, Problem, ProblemError, problem

SOURCE = "what the guest's agent told when the snapshots were taken"
_WITH_PRESENT = f"{SOURCE}, and tells now"


async def noted_difference(
    kept: Recorded, agent: Agent, moment: Moment, wanted: DiffWanted, cause: Problem
) -> Difference:
    """The comparison, which `cause` keeps from being made on the disks. NOT_SUPPORTED says why not this way
    either."""
    sides, lacks = [], []
    for name in (wanted.before, wanted.after):
        found = await _side(kept, agent, moment, name)
        if isinstance(found, str):
            lacks.append(found)
        else:
            sides.append(found)
    if lacks:
        raise problem(
            Code.NOT_SUPPORTED,
            f"{wanted.before or 'The present'} and {wanted.after or 'the present'} cannot be compared.",
            why=" ".join((cause.what, cause.why, *lacks)),
            next=cause.next,
            details=cause.details,
        )
    old, new = sides
    return Difference(
        machine=wanted.machine,
        before=wanted.before,
        after=wanted.after,
        source=SOURCE if wanted.before and wanted.after else _WITH_PRESENT,
        paths=(),
        packages=changes(old.packages, new.packages),
        services=changes(old.services, new.services),
        users=changes(old.users, new.users),
        used_before_bytes=old.used_bytes,
        used_after_bytes=new.used_bytes,
        notes=(f"Files are not compared: {cause.what} {cause.why}".strip(),),
    )


async def _side(kept: Recorded, agent: Agent, moment: Moment, name: str) -> SystemFacts | str:
    """What is known of a state, or a sentence on why nothing is."""
    if name:
        found = await kept.of(moment.machine.id, moment.require(name))
        return found or f"And the guest's agent told nothing when {name} was taken."
    if moment.machine.state is not State.RUNNING or moment.machine.agent is not AgentState.CONNECTED:
        return "And the guest's agent cannot be asked about the present."
    try:
        return await recorded.ask(agent, time.time())
    except ProblemError as error:
        return f"And the guest's agent tells nothing of the present: {error.problem.what}"
    except TimeoutError:
        return "And the guest's agent tells nothing of the present in time."
