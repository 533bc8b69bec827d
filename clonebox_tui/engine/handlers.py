"""Every act with the handler that does it; the costly ones are imported when they are first needed."""

import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from clonebox_tui.engine.act import Handler, Handlers
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.labels import LabelHandler
from clonebox_tui.engine.late_handler import LateHandler
from clonebox_tui.engine.lifecycle import lifecycle
from clonebox_tui.engine.snapshots import snapshots
from clonebox_tui.engine.snapshots.create import Create
from clonebox_tui.engine.snapshots.guarding import Guarded
from clonebox_tui.engine.snapshots.hidden import Hidden
from clonebox_tui.engine.snapshots.policies import Policies
from clonebox_tui.engine.snapshots.recorded import Recorded
from clonebox_tui.guest.agent import Agent
from clonebox_tui.model.acts import (
    BisectMachine,
    BuildImage,
    CloneMachine,
    CopyFromGuest,
    CopyToGuest,
    DeleteMachine,
    ForkMachine,
    ImportImage,
    LabelMachine,
    PurgeMachine,
    RebootMachine,
    RemoveImage,
    RestorePath,
    SetSnapshotPolicy,
    TrashMachine,
    UntrashMachine,
)
from clonebox_tui.model.environment import Accel
from clonebox_tui.model.places import Places

if TYPE_CHECKING:
    from clonebox_tui.engine.fork.job import Surroundings


AgentOf = Callable[[str], Agent]
"""The guest agent of a machine by its id."""


def all_handlers(
    fleet: Fleet,
    places: Places,
    agent: AgentOf,
    hidden: Hidden | None = None,
    recorded: Recorded | None = None,
) -> Handlers:
    """The handlers of all acts; `hidden` are snapshots in the trash, `recorded` what guests told."""
    late, of_machines = _Late(fleet, places, agent), lifecycle(fleet)
    create, policies = Create(fleet, agent, time.time, hidden, recorded), Policies(places.config)
    return {
        **of_machines,
        **snapshots(fleet, agent, places=places, hidden=hidden, recorded=recorded),
        RebootMachine: Guarded(of_machines[RebootMachine], create, policies),
        LabelMachine: LabelHandler(fleet),
        CloneMachine: LateHandler(late.clone),
        DeleteMachine: LateHandler(late.delete),
        TrashMachine: LateHandler(late.throw_away),
        UntrashMachine: LateHandler(late.bring_back),
        PurgeMachine: LateHandler(late.purge),
        CopyFromGuest: LateHandler(late.fetch),
        CopyToGuest: Guarded(LateHandler(late.bring), create, policies),
        ForkMachine: LateHandler(late.fork),
        RestorePath: Guarded(LateHandler(late.restore_path), create, policies),
        SetSnapshotPolicy: LateHandler(late.set_policy),
        BisectMachine: LateHandler(late.bisect),
        BuildImage: LateHandler(lambda: late.images()[BuildImage]),
        ImportImage: LateHandler(lambda: late.images()[ImportImage]),
        RemoveImage: LateHandler(lambda: late.images()[RemoveImage]),
    }


class _Late:
    """Imports and constructs the costly handlers, each when it is asked for."""

    def __init__(self, fleet: Fleet, places: Places, agent: AgentOf) -> None:
        self._fleet = fleet
        self._places = places
        self._agent = agent

    def clone(self) -> Handler[CloneMachine]:
        from clonebox_tui.engine.accel import VARIABLE, Accelerator, wished
        from clonebox_tui.engine.clone.handler import CloneHandler
        from clonebox_tui.engine.clone.job import Surroundings
        from clonebox_tui.engine.clone.standard import KeptImages
        from clonebox_tui.engine.detect import read_host_limits

        accelerator = Accelerator(self._places.cache)

        async def decide(wish: Accel) -> str:
            asked = wished(wish, os.environ.get(VARIABLE, ""))
            return (await accelerator.decide(asked)).accelerator

        images = KeptImages(self._places)
        return CloneHandler(
            Surroundings(self._fleet, self._places, images, self._agent, decide, read_host_limits)
        )

    def delete(self) -> Handler[DeleteMachine]:
        from clonebox_tui.engine.delete import DeleteHandler

        return DeleteHandler(self._fleet, self._places)

    def fork(self) -> Handler[ForkMachine]:
        from clonebox_tui.engine.fork.handler import ForkHandler

        return ForkHandler(self._forks())

    def bisect(self) -> Handler[BisectMachine]:
        from clonebox_tui.engine.fork.bisecting import BisectHandler

        return BisectHandler(self._forks())

    def _forks(self) -> "Surroundings":
        from clonebox_tui.engine.fork.job import Surroundings
        from clonebox_tui.engine.machine_act import free_memory_bytes

        return Surroundings(self._fleet, self._places, self._agent, free_memory_bytes)

    def throw_away(self) -> Handler[TrashMachine]:
        from clonebox_tui.engine.trash.throwing import TrashHandler

        return TrashHandler(self._fleet, self._places)

    def bring_back(self) -> Handler[UntrashMachine]:
        from clonebox_tui.engine.trash.bringing_back import UntrashHandler

        return UntrashHandler(self._fleet, self._places)

    def purge(self) -> Handler[PurgeMachine]:
        from clonebox_tui.engine.trash.purging import PurgeHandler

        return PurgeHandler(self._fleet, self._places)

    def fetch(self) -> Handler[CopyFromGuest]:
        from clonebox_tui.engine.copying import FetchHandler

        return FetchHandler(self._fleet, self._agent)

    def bring(self) -> Handler[CopyToGuest]:
        from clonebox_tui.engine.copying import BringHandler

        return BringHandler(self._fleet, self._agent)

    def set_policy(self) -> Handler[SetSnapshotPolicy]:
        from clonebox_tui.engine.snapshots.set_policy import SetPolicyHandler

        return SetPolicyHandler(self._fleet, Policies(self._places.config))

    def restore_path(self) -> Handler[RestorePath]:
        from clonebox_tui.engine.looks.restoring import RestorePathHandler

        return RestorePathHandler(self._fleet, self._places, self._agent)

    def images(self) -> Handlers:
        from clonebox_tui.engine.image_acts import image_acts

        return image_acts(self._fleet, self._places)
