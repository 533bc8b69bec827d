"""What a front end hears: the worker's notifications, and what becomes of the link to it."""

from collections.abc import Callable
from dataclasses import dataclass

from clonebox_tui.model.problem import Problem
from clonebox_tui.model.rpc import Notification, Welcome


@dataclass(frozen=True)
class LinkLost:
    """The worker went away; the client looks for it, or starts another. `stopped`: a person told it to
    leave, so another is started only by `Client.start_again`."""

    problem: Problem
    stopped: bool = False


@dataclass(frozen=True)
class LinkBack:
    """There is a worker again; what was missed follows as notifications, or one that is `whole`."""

    welcome: Welcome


Event = Notification | LinkLost | LinkBack
Listener = Callable[[Event], None]
