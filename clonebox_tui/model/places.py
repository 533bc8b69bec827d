"""Where everything lies, computed from a user's environment; nothing here looks at the disk.

The socket is not under XDG_RUNTIME_DIR, which the last logout removes while jobs still run. The demo is
a world of its own: its folders lie inside the real ones, its worker sees nothing real.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec


class Places(msgspec.Struct, frozen=True):
    """The program's own folders (all private to the user) and its socket."""

    state: Path
    config: Path
    cache: Path
    data: Path
    runtime: Path
    images_folder: Path | None = None
    """Where the user wants images and machines of every connection (CLONEBOX_IMAGES_DIR)."""

    @property
    def socket(self) -> Path:
        """The worker's UNIX socket."""
        return self.runtime / "worker.sock"

    @property
    def lock(self) -> Path:
        """The file whose flock says that a worker lives."""
        return self.state / "worker.lock"

    @property
    def database(self) -> Path:
        """Jobs, journal, events, samples."""
        return self.state / "clonebox.sqlite"

    @property
    def worker_log(self) -> Path:
        """The worker's JSON log, one document a line, rotated."""
        return self.state / "worker.log"

    @property
    def worker_output(self) -> Path:
        """What was printed in the worker's process by what knows no logging."""
        return self.state / "worker.out"

    @property
    def cockpit_log(self) -> Path:
        """Tracebacks of cockpits that broke."""
        return self.state / "cockpit.log"

    @property
    def commands(self) -> Path:
        """What was run on the cockpit's command line, one a line."""
        return self.state / "commands"

    @property
    def known_hosts(self) -> Path:
        """Host keys of other hosts that a person has accepted."""
        return self.config / "known_hosts"

    @property
    def connections(self) -> Path:
        """The connections that were added or taken away for good."""
        return self.config / "connections.toml"

    def images(self, connection: str) -> Path:
        """Folder of a connection: base images in `images/`, disks, seeds and keys in `machines/NAME/`.

        QEMU's user cannot enter /root, so the system connection keeps them in libvirt's own folder.
        """
        if self.images_folder is not None:
            return self.images_folder
        if connection.startswith("qemu") and connection.split("?")[0].endswith("/system"):
            return Path("/var/lib/libvirt/images/clonebox")
        return self.data


def places(environment: Mapping[str, str], uid: int, demo: bool = False) -> Places:
    """The places of the user `uid` with this environment."""
    home = Path(environment.get("HOME") or "/")

    def base(variable: str, default: str) -> Path:
        value = environment.get(variable, "")
        # The XDG base directory specification: relative paths are invalid and ignored.
        folder = Path(value) if value.startswith("/") else home / default
        return folder / "clonebox" / "demo" if demo else folder / "clonebox"

    runtime = Path(environment.get("CLONEBOX_RUNTIME_DIR") or f"/tmp/clonebox-{uid}")  # noqa: S108 owner and mode are checked before use
    images = environment.get("CLONEBOX_IMAGES_DIR", "")
    return Places(
        state=base("XDG_STATE_HOME", ".local/state"),
        config=base("XDG_CONFIG_HOME", ".config"),
        cache=base("XDG_CACHE_HOME", ".cache"),
        data=base("XDG_DATA_HOME", ".local/share"),
        runtime=runtime / "demo" if demo else runtime,
        images_folder=Path(images) if images.startswith("/") else None,
    )
