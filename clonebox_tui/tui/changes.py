"""What one piece of news touched, so that screens repaint just that."""

import msgspec

from clonebox_tui.model.job import Job


class Changes(msgspec.Struct):
    """What one piece of news touched."""

    machines: set[str] = msgspec.field(default_factory=set)
    """Ids whose row may look different."""
    listing: bool = False
    """Machines came, went or were renamed."""
    placed: bool = False
    """A state or a label changed: a machine may stand elsewhere in a filtered or grouped list."""
    connections: bool = False
    sampled: bool = False
    jobs: tuple[Job, ...] = ()
    """Jobs as they are now; look at `ended` for those that just ended."""
    ended: tuple[Job, ...] = ()
    snapshots: str = ""
    """Id of the machine whose snapshots changed."""
