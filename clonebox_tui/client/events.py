"""What a front end hears: the worker's notifications, and what becomes of the link to it."""

from collections.abc import Callable

import msgspec

from clonebox_tui.model.notifications import News
from clonebox_tui.model.opening import Welcome
from clonebox_tui.model.problem import Problem


class LinkLost(msgspec.Struct, frozen=True):
    """The worker went away; the client looks for it, or starts another. `stopped`: a person told it to
    leave, so another is started only by `Client.start_again`."""

    problem: Problem
    stopped: bool = False


class LinkBack(msgspec.Struct, frozen=True):
    """There is a worker again; what was missed follows as notifications, or one that is `whole`."""

    welcome: Welcome


Event = News | LinkLost | LinkBack
Listener = Callable[[Event], None]
