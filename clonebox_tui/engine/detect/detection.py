"""Runs all sources of detection side by side and streams what they find as it is found."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path

from clonebox_tui.engine.detect import applications, packages, ports, projects, services
from clonebox_tui.engine.detect.host import Host
from clonebox_tui.engine.detect.items import notice
from clonebox_tui.model.environment import DetectedItem

Source = Callable[[Host], Iterator[DetectedItem]]

SOURCES: tuple[tuple[str, Source], ...] = (
    (projects.SOURCE, projects.find_projects),
    (services.SOURCE, services.find_services),
    (packages.SOURCE, packages.find_packages),
    (ports.SOURCE, ports.find_ports),
    (applications.SOURCE, applications.find_applications),
)


async def detect(
    directory: Path,
    environment: Mapping[str, str],
    *,
    root: Path = Path("/"),
    sources: tuple[tuple[str, Source], ...] = SOURCES,
) -> AsyncIterator[DetectedItem]:
    """Everything found around `directory` (absolute), in the order it is found, each id once.

    `environment` is the request's (only HOME is read). A source that fails becomes a notice and the
    others go on. Closing the iterator stops the sources at their next item.
    """
    host = Host(directory, environment, root)
    queue: asyncio.Queue[DetectedItem | None] = asyncio.Queue()
    stop = threading.Event()
    loop = asyncio.get_running_loop()

    def put(found: DetectedItem | None) -> None:
        if not stop.is_set():
            loop.call_soon_threadsafe(queue.put_nowait, found)

    for name, source in sources:
        threading.Thread(
            target=_run, args=(name, source, host, put, stop), name=f"detect-{name}", daemon=True
        ).start()
    seen: set[str] = set()
    running = len(sources)
    try:
        while running:
            found = await queue.get()
            if found is None:
                running -= 1
            elif found.id not in seen:
                seen.add(found.id)
                yield found
    finally:
        stop.set()


def _run(
    name: str, source: Source, host: Host, put: Callable[[DetectedItem | None], None], stop: threading.Event
) -> None:
    try:
        for found in source(host):
            if stop.is_set():
                return
            put(found)
    except Exception as error:  # noqa: BLE001 - root of a source: one odd host file must not end detection
        put(notice(name, f"failed: {error}"))
    finally:
        put(None)
