"""Every screen as a scene: which fleet, which keys, which screen they lead to. `test_screens` draws them."""

from collections.abc import Callable
from functools import partial

import msgspec
from textual.screen import Screen

from clonebox_tui.tui.palette import Palette
from clonebox_tui.tui.screens.add_connection import AddConnectionScreen
from clonebox_tui.tui.screens.bisect import BisectScreen
from clonebox_tui.tui.screens.bring_back import BringBackScreen
from clonebox_tui.tui.screens.bulk import BulkScreen
from clonebox_tui.tui.screens.cockpit import Cockpit
from clonebox_tui.tui.screens.connections import ConnectionsScreen
from clonebox_tui.tui.screens.console import ConsoleScreen
from clonebox_tui.tui.screens.copy_path import CopyPathScreen
from clonebox_tui.tui.screens.difference import DifferenceScreen
from clonebox_tui.tui.screens.execute import ExecuteScreen
from clonebox_tui.tui.screens.facts import FactsScreen
from clonebox_tui.tui.screens.files import FilesScreen
from clonebox_tui.tui.screens.fork import ForkScreen
from clonebox_tui.tui.screens.graphs import GraphsScreen, HostGraphsScreen
from clonebox_tui.tui.screens.help import HelpScreen
from clonebox_tui.tui.screens.jobs import JobsScreen
from clonebox_tui.tui.screens.jump import JumpScreen
from clonebox_tui.tui.screens.labels import LabelsScreen
from clonebox_tui.tui.screens.outcome import OutcomeScreen
from clonebox_tui.tui.screens.performed import PerformedScreen
from clonebox_tui.tui.screens.plan import PlanScreen
from clonebox_tui.tui.screens.problem import ProblemScreen
from clonebox_tui.tui.screens.question import QuestionScreen
from clonebox_tui.tui.screens.snapshot_policy import SnapshotPolicyScreen
from clonebox_tui.tui.screens.take_snapshot import TakeSnapshotScreen
from clonebox_tui.tui.screens.trash import TrashScreen
from clonebox_tui.tui.screens.why import WhyScreen
from clonebox_tui.tui.screens.wizard.screen import WizardScreen
from snapshots_tests import happenings as happens
from snapshots_tests.guest import GuestWire
from snapshots_tests.project import FOLDER, ProjectWire
from snapshots_tests.stories import busy_wire
from tests.tui.fake_wire import FakeWire
from tests.tui.hosts_wire import HostsWire
from tests.tui.moments_wire import MomentsWire
from tests.tui.trash_wire import TrashWire

Keys = tuple[str, ...]


class Scene(msgspec.Struct, frozen=True):
    """`keys` are pressed on the fleet of `wire` (`.` waits for stillness), `then` is what happens last.

    All of it leads to a screen of the class `shows`.
    """

    wire: Callable[[], FakeWire]
    keys: Keys = ()
    then: Callable[[FakeWire], None] | None = None
    shows: type[Screen[object]] = Cockpit
    readonly: bool = False
    messages: bool = False
    """With toasts."""


def _to(shows: type[Screen[object]], wire: Callable[[], FakeWire], *keys: str) -> Scene:
    return Scene(wire, keys, shows=shows)


COCKPIT = {
    "cockpit": Scene(busy_wire),
    "graphs-pane": Scene(busy_wire, ("2", "plus")),
    "snapshots": Scene(busy_wire, ("p",)),
    "snapshot-begun": Scene(busy_wire, ("g", "j", ".", "p", "."), happens.snapshot_begins),
    "log": Scene(busy_wire, ("l",)),
    "filter": Scene(busy_wire, ("slash", ".", "e")),
    "log-search": Scene(busy_wire, ("l", "slash", ".", *"nginx", "enter")),
    "log-source": Scene(busy_wire, ("l", "L", ".", *"gu")),
    "command-line": Scene(busy_wire, ("colon", ".", *"sta")),
    "marks": Scene(busy_wire, ("G", "k", "space", "space", "k")),
    "groups": Scene(busy_wire, (*"oooo", ".")),
    "two-hosts": Scene(HostsWire),
    "off": Scene(busy_wire, ("k", "k", ".")),
    "crash": Scene(busy_wire, (), happens.crash),
    "job-ends": Scene(busy_wire, (), happens.job_ends, messages=True),
    "read-only": Scene(busy_wire, readonly=True),
    "long-names": Scene(happens.long_names, ("k", "k", ".")),
    "connection-lost": Scene(busy_wire, (), happens.connection_down),
    "worker-lost": Scene(busy_wire, (), happens.worker_gone),
    "no-connection": Scene(happens.lost_at_start),
    "empty": Scene(happens.nobody, readonly=True),
}

_TREE = ("p", ".")
_REBOOT_TWO = ("space", *"kkkkkk", ".", "space", "r", ".")
DIALOGS = {
    "plan-restore": _to(PlanScreen, happens.planned, *_TREE, "R"),
    "plan-delete": _to(PlanScreen, happens.planned, "colon", ".", *"purge", "enter", "."),
    "plan-undo": _to(PlanScreen, TrashWire, "u", "."),
    "problem": Scene(happens.planned, ("k", "k", ".", "s", "."), happens.own_job_fails, shows=ProblemScreen),
    "bulk": _to(BulkScreen, happens.planned, "space", "k", "k", "space", "r"),
    "outcome": Scene(
        happens.planned, (*_REBOOT_TWO, "y", "."), happens.one_of_them_fails, shows=OutcomeScreen
    ),
    "take-snapshot": _to(TakeSnapshotScreen, happens.planned, *_TREE, "t"),
    "snapshot-facts": _to(FactsScreen, happens.planned, *_TREE, "enter"),
    "fork": _to(ForkScreen, MomentsWire, *_TREE, "F", "."),
    "bring-back": _to(BringBackScreen, MomentsWire, *_TREE, "f", "."),
    "bisect": _to(BisectScreen, MomentsWire, *_TREE, "b", "."),
    "snapshot-policy": _to(SnapshotPolicyScreen, MomentsWire, *_TREE, "a", "."),
    "labels": _to(LabelsScreen, busy_wire, "T", ".", *"web", "space", *"shop"),
    "labels-of-several": _to(LabelsScreen, busy_wire, "asterisk", "T", "."),
    "labels-fault": _to(LabelsScreen, busy_wire, "T", ".", *"web!"),
    "new-host": _to(QuestionScreen, partial(HostsWire, unknown=True)),
    "changed-host": _to(QuestionScreen, partial(HostsWire, unknown=True, changed=True)),
    "add-connection": _to(AddConnectionScreen, HostsWire, "C", ".", "a", ".", *"qemu+ssh://mia"),
    "password": _to(FactsScreen, GuestWire, "colon", ".", *"password", "enter", ".", "y", "."),
    "jump": _to(JumpScreen, busy_wire, "semicolon", "."),
    "help": _to(HelpScreen, happens.planned, "question_mark"),
    "palette": _to(Palette, happens.planned, "ctrl+p", ".", *"snap", ".", "."),
}

_FILE = ("O", ".", *("j",) * 5, "enter", ".")
_DIFFERENT_FILE = (*_TREE, "d", ".", *("j",) * 10, ".")
SCREENS = {
    "graphs": _to(GraphsScreen, busy_wire, "2", "enter", "."),
    "graphs-moment": _to(
        GraphsScreen, busy_wire, "2", "enter", ".", "right_square_bracket", ".", "H", "H", "h"
    ),
    "host-graphs": _to(HostGraphsScreen, busy_wire, "H", ".", "right_square_bracket", "."),
    "jobs": _to(JobsScreen, happens.with_jobs, "J"),
    "jobs-failed": _to(JobsScreen, happens.with_jobs, "J", "j", "j", "j"),
    "jobs-empty": _to(JobsScreen, FakeWire, "J"),
    "performed": _to(PerformedScreen, happens.with_jobs, "at"),
    "exec": _to(ExecuteScreen, GuestWire, "x", ".", *"ps", "enter", "."),
    "exec-on-several": _to(ExecuteScreen, GuestWire, "asterisk", "x", ".", *"ps", "enter", "."),
    "console": _to(ConsoleScreen, GuestWire, "c", ".", "."),
    "files": _to(FilesScreen, GuestWire, *_FILE),
    "files-copy-out": _to(CopyPathScreen, GuestWire, *_FILE, "y", ".", "ctrl+u", *"/home/mia"),
    "files-copy-in": _to(CopyPathScreen, GuestWire, *_FILE, "p", ".", "ctrl+u", *"site", "enter"),
    "why": _to(WhyScreen, GuestWire, "k", "k", ".", "w", "."),
    "trash": _to(TrashScreen, TrashWire, "Z", "."),
    "trash-snapshot": _to(TrashScreen, TrashWire, "Z", ".", "j", "."),
    "difference": _to(DifferenceScreen, MomentsWire, *_DIFFERENT_FILE),
    "connections": _to(ConnectionsScreen, partial(HostsWire, unknown=True), "escape", ".", "C", "g"),
}

_ON = ("enter", ".")
_STEPS: dict[str, Keys] = {
    "where": (),
    "what": _ON,
    "evidence": (*_ON, *"jjj"),
    "how": _ON * 2,
    "fault": (*_ON * 2, "ctrl+u", *"web-dev", "."),
    "plan": _ON * 3,
    "build": _ON * 4,
}
WIZARD = {
    f"wizard-{step}": _to(WizardScreen, ProjectWire, "n", ".", "ctrl+u", *FOLDER, *keys)
    for step, keys in _STEPS.items()
}

SCENES: dict[str, Scene] = {**COCKPIT, **DIALOGS, **SCREENS, **WIZARD}
