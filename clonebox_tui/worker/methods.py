"""All methods of the table, gathered from the files that serve them noun by noun."""

from clonebox_tui.worker import (
    methods_config,
    methods_connections,
    methods_console,
    methods_detect,
    methods_doctor,
    methods_files,
    methods_fleet,
    methods_images,
    methods_jobs,
    methods_looks,
    methods_machine,
    methods_streams,
    methods_trash,
    methods_undo,
    methods_worker,
)
from clonebox_tui.worker.server import Server


def serve_all(server: Server) -> None:
    """Register what serves each method of `model.rpc.METHODS`."""
    for noun in (
        methods_worker,
        methods_config,
        methods_connections,
        methods_console,
        methods_detect,
        methods_doctor,
        methods_files,
        methods_fleet,
        methods_images,
        methods_jobs,
        methods_looks,
        methods_machine,
        methods_streams,
        methods_trash,
        methods_undo,
    ):
        noun.serve(server)
