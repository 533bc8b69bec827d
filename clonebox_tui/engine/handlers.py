"""Every act with the handler that does it; the costly ones are imported when they are first needed."""

import os
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from clonebox_tui.engine.act import Handler, Handlers
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.labels import LabelHandler
from clonebox_tui.engine.late_handler import LateHandler
from clonebox_tui.engine.lifecycle import lifecycle
from clonebox_tui.engine.snapshots.hidden import Hidden
from clonebox_tui.engine.snapshots.recorded import Recorded
from clonebox_tui.guest.agent import Agent
from clonebox_tui.model.acts import (
    Act,
    BisectMachine,
    BuildImage,
    CloneMachine,
    CopyFromGuest,
    CopyToGuest,
    CreateSnapshot,
    DeleteMachine,
    DeleteSnapshot,
    ForkMachine,
    ImportImage,
    LabelMachine,
    PurgeMachine,
    RebootMachine,
    RemoveImage,
    RestorePath,
    RestoreSnapshot,
    SetSnapshotPolicy,
    TrashMachine,
    TrashSnapshot,
    UntrashMachine,
    UntrashSnapshots,
)
from clonebox_tui.model.environment import Accel
from clonebox_tui.model.places import Places

if TYPE_CHECKING:
    from clonebox_tui.engine.fork.job import Surroundings
    from clonebox_tui.engine.snapshots.policies import Policies

Risky = TypeVar("Risky", bound=RebootMachine | CopyToGuest | RestorePath)

AgentOf = Callable[[str], Agent]
"""The guest agent of a machine by its id."""

_SNAPSHOT_ACTS: tuple[type[Act], ...] = (
    CreateSnapshot,
    RestoreSnapshot,
    DeleteSnapshot,
    TrashSnapshot,
    UntrashSnapshots,
)


def all_handlers(
    fleet: Fleet,
    places: Places,
    agent: AgentOf,
    hidden: Hidden,
    recorded: Recorded,
) -> Handlers:
    """The handlers of all acts; `hidden` are snapshots in the trash, `recorded` what guests told."""
    late, of_machines = _Late(fleet, places, agent, hidden, recorded), lifecycle(fleet)
    return {
        **of_machines,
        **{act: LateHandler(partial(late.snapshots, act)) for act in _SNAPSHOT_ACTS},
        RebootMachine: LateHandler(lambda: late.guarded(of_machines[RebootMachine])),
        LabelMachine: LabelHandler(fleet),
        CloneMachine: LateHandler(late.clone),
        DeleteMachine: LateHandler(late.delete),
        TrashMachine: LateHandler(late.throw_away),
        UntrashMachine: LateHandler(late.bring_back),
        PurgeMachine: LateHandler(late.purge),
        CopyFromGuest: LateHandler(late.fetch),
        CopyToGuest: LateHandler(lambda: late.guarded(late.bring())),
        ForkMachine: LateHandler(late.fork),
        RestorePath: LateHandler(lambda: late.guarded(late.restore_path())),
        SetSnapshotPolicy: LateHandler(late.set_policy),
        BisectMachine: LateHandler(late.bisect),
        BuildImage: LateHandler(lambda: late.images()[BuildImage]),
        ImportImage: LateHandler(lambda: late.images()[ImportImage]),
        RemoveImage: LateHandler(lambda: late.images()[RemoveImage]),
    }


class _Late:
    """Imports and constructs the costly handlers, each when it is asked for."""

    def __init__(
        self, fleet: Fleet, places: Places, agent: AgentOf, hidden: Hidden, recorded: Recorded
    ) -> None:
        self._fleet = fleet
        self._places = places
        self._agent = agent
        self._hidden = hidden
        self._recorded = recorded

    def snapshots(self, act: type[Act]) -> Handler[Act]:
        from clonebox_tui.engine.snapshots.handlers import snapshots

        found = snapshots(
            self._fleet, self._agent, places=self._places, hidden=self._hidden, recorded=self._recorded
        )
        return found[act]

    def guarded(self, inner: Handler[Risky]) -> Handler[Risky]:
        from clonebox_tui.engine.snapshots.create import Create
        from clonebox_tui.engine.snapshots.guarding import Guarded

        create = Create(self._fleet, self._agent, time.time, self._hidden, self._recorded)
        return Guarded(inner, create, self._policies())

    def _policies(self) -> "Policies":
        from clonebox_tui.engine.snapshots.policies import Policies

        return Policies(self._places.config)

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

        return SetPolicyHandler(self._fleet, self._policies())

    def restore_path(self) -> Handler[RestorePath]:
        from clonebox_tui.engine.looks.restoring import RestorePathHandler

        return RestorePathHandler(self._fleet, self._places, self._agent)

    def images(self) -> Handlers:
        from clonebox_tui.engine.image_acts import image_acts

        return image_acts(self._fleet, self._places)
