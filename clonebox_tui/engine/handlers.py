"""Every act with the handler that does it; the costly ones are imported when they are first needed."""

import os
from collections.abc import Callable

from clonebox_tui.engine.act import Handler, Handlers
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.labels import LabelHandler
from clonebox_tui.engine.late_handler import LateHandler
from clonebox_tui.engine.lifecycle import lifecycle
from clonebox_tui.engine.snapshots import snapshots
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
    RemoveImage,
    RestorePath,
)
from clonebox_tui.model.environment import Accel
from clonebox_tui.model.places import Places


def all_handlers(fleet: Fleet, places: Places, agent: Callable[[str], Agent]) -> Handlers:
    """The handlers of all acts; `agent` gives the agent of a machine by its id."""

    def clone() -> Handler[CloneMachine]:
        from clonebox_tui.engine.accel import VARIABLE, Accelerator, wished
        from clonebox_tui.engine.clone.handler import CloneHandler
        from clonebox_tui.engine.clone.job import Surroundings
        from clonebox_tui.engine.clone.standard import KeptImages
        from clonebox_tui.engine.detect import read_host_limits

        accelerator = Accelerator(places.cache)

        async def decide(wish: Accel) -> str:
            asked = wished(wish, os.environ.get(VARIABLE, ""))
            return (await accelerator.decide(asked)).accelerator

        return CloneHandler(Surroundings(fleet, places, KeptImages(places), agent, decide, read_host_limits))

    def delete() -> Handler[DeleteMachine]:
        from clonebox_tui.engine.delete import DeleteHandler

        return DeleteHandler(fleet, places)

    def fork() -> Handler[ForkMachine]:
        from clonebox_tui.engine.fork.handler import ForkHandler
        from clonebox_tui.engine.fork.job import Surroundings
        from clonebox_tui.engine.machine_act import free_memory_bytes

        return ForkHandler(Surroundings(fleet, places, agent, free_memory_bytes))

    def fetch() -> Handler[CopyFromGuest]:
        from clonebox_tui.engine.copying import FetchHandler

        return FetchHandler(fleet, agent)

    def bring() -> Handler[CopyToGuest]:
        from clonebox_tui.engine.copying import BringHandler

        return BringHandler(fleet, agent)

    def bisect() -> Handler[BisectMachine]:
        from clonebox_tui.engine.fork.bisecting import BisectHandler
        from clonebox_tui.engine.fork.job import Surroundings
        from clonebox_tui.engine.machine_act import free_memory_bytes

        return BisectHandler(Surroundings(fleet, places, agent, free_memory_bytes))

    def restore_path() -> Handler[RestorePath]:
        from clonebox_tui.engine.looks.restoring import RestorePathHandler

        return RestorePathHandler(fleet, places, agent)

    def images() -> Handlers:
        from clonebox_tui.engine.image_acts import image_acts

        return image_acts(fleet, places)

    return {
        **lifecycle(fleet),
        **snapshots(fleet, agent, places=places),
        LabelMachine: LabelHandler(fleet),
        CloneMachine: LateHandler(clone),
        DeleteMachine: LateHandler(delete),
        CopyFromGuest: LateHandler(fetch),
        CopyToGuest: LateHandler(bring),
        ForkMachine: LateHandler(fork),
        RestorePath: LateHandler(restore_path),
        BisectMachine: LateHandler(bisect),
        BuildImage: LateHandler(lambda: images()[BuildImage]),
        ImportImage: LateHandler(lambda: images()[ImportImage]),
        RemoveImage: LateHandler(lambda: images()[RemoveImage]),
    }
