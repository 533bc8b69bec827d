"""Turns a folder into a wish: by its project file where there is one, else by what is detected."""

import asyncio
import json
from pathlib import Path

from clonebox_tui import config
from clonebox_tui.engine.detect.choosing import to_wish
from clonebox_tui.engine.detect.detection import detect
from clonebox_tui.model.environment import CheckReport, DetectedItem, HostLimits
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.rpc import PrepareClone, Prepared


async def prepare(request: PrepareClone, limits: HostLimits) -> Prepared:
    """The wish of a folder or file, and the text of its file; nothing is written.

    A file is used as it stands. Without one its text is made from the chosen items (None: those that
    detection suggests), profile and settings included. Raises `config-invalid`, `file-not-found`, `usage`.
    """
    place = Path(request.directory)
    file = await asyncio.to_thread(config.find_file, place)
    if file is not None:
        return await asyncio.to_thread(_from_file, file, request, limits)
    if not await asyncio.to_thread(place.is_dir):
        raise problem(Code.FILE_NOT_FOUND, f"There is no folder or file {place}.", next="Check the path.")
    items = request.items
    if items is None:
        found = [item async for item in detect(place, request.context.env)]
        items = tuple(item for item in found if item.suggested)
    return await asyncio.to_thread(_from_items, place, items, request, limits)


def _from_file(file: Path, request: PrepareClone, limits: HostLimits) -> Prepared:
    loaded = config.load_text(file, config.read_text(file), _loading(request, limits))
    return Prepared(
        wish=loaded.wish,
        connection=request.connection or loaded.wish.connection or "",
        directory=str(file.parent),
        config_text=loaded.document.text,
        existing=True,
        report=CheckReport(str(file), loaded.faults),
    )


def _from_items(
    folder: Path, items: tuple[DetectedItem, ...], request: PrepareClone, limits: HostLimits
) -> Prepared:
    """Made as text first and then loaded: what is built is what the file says, whoever reads it later."""
    file = folder / config.FILE_NAMES[0]
    draft = config.render(to_wish(items, folder, limits=limits), items)
    loaded = config.load_text(file, draft, _loading(request, limits))
    return Prepared(
        wish=loaded.wish,
        connection=request.connection or loaded.wish.connection or "",
        directory=str(folder),
        config_text=config.render(loaded.wish, items),
        existing=False,
        report=CheckReport(str(file), loaded.faults),
    )


def _loading(request: PrepareClone, limits: HostLimits) -> config.Request:
    settings = request.settings
    if request.name:
        settings = (*settings, f"vm.name={json.dumps(request.name)}")
    return config.Request(
        environment=request.context.env,
        limits=limits,
        profile=request.profile or None,
        settings=settings,
        require_host_files=True,
    )
