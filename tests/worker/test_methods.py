"""The worker serves the whole table, and every act has somebody who does it."""

from pathlib import Path
from typing import get_args

from clonebox_tui.engine.core import Engine, World
from clonebox_tui.model.acts import Act
from clonebox_tui.model.places import Places
from clonebox_tui.model.rpc import METHODS
from clonebox_tui.worker.methods import serve_all
from clonebox_tui.worker.server import Server
from tests.worker.conftest import SIMULATED


async def test_every_method_and_every_act_is_served(where: Places, world: Path) -> None:
    engine = await Engine.open(World(where, demo=True, uris=(SIMULATED,)))
    try:
        server = Server(engine.world, engine, readonly=False)
        serve_all(server)
        assert sorted(server.dispatch.rows) == sorted(method.name for method in METHODS)
        assert all(row.method.name == name for name, row in server.dispatch.rows.items())
        assert set(engine.handlers) == set(get_args(Act))
    finally:
        await engine.close()
