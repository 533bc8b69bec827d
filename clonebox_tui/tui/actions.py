"""Every action of the cockpit, once: keys, footer, palette, command line and help are made from this list.

An action that is not possible now says why (`why_not`); a capability that does not exist has no action.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clonebox_tui.model.acts import (
    Act,
    KillMachine,
    PauseMachine,
    RebootMachine,
    ResumeMachine,
    StartMachine,
    StopMachine,
)
from clonebox_tui.tui import reasons
from clonebox_tui.tui.session import Session

if TYPE_CHECKING:
    from clonebox_tui.tui.screens.cockpit import Cockpit

Run = Callable[["Cockpit"], object]


@dataclass(frozen=True)
class Action:
    """One thing a person can do. `pane` limits its keys to that pane; `footer` orders the hints (0: none)."""

    id: str
    keys: tuple[str, ...]
    title: str
    group: str
    run: Run
    why_not: reasons.WhyNot = reasons.possible
    pane: str = ""
    footer: int = 0
    hint: str = ""
    """Short title for the footer."""
    changes: bool = False
    """Refused with --readonly."""

    def reason(self, session: Session) -> str:
        """Why it cannot be done now; empty when it can."""
        if self.changes and session.readonly:
            return "Nothing is changed: started with --readonly."
        return self.why_not(session)


def _act(make: Callable[[str], Act]) -> Run:
    return lambda cockpit: cockpit.acting.on_targets(make)


def _pause_or_resume(cockpit: "Cockpit") -> object:
    make = ResumeMachine if reasons.any_paused(cockpit.session) else PauseMachine
    return cockpit.acting.on_targets(make)


def _pane(pane: str) -> Run:
    return lambda cockpit: cockpit.panes.focus_pane(pane)


def _changing(id: str, key: str, title: str, run: Run, why_not: reasons.WhyNot, footer: int = 0, hint: str = "", pane: str = "") -> Action:  # fmt: skip
    group = "Snapshots" if id.startswith("snapshot") else "Machine"
    return Action(id, (key,), title, group, run, why_not, pane, footer, hint or id, changes=True)


_LAST = 99

ACTIONS: tuple[Action, ...] = (
    _changing("clone", "n", "Clone a folder into a machine", lambda c: c.acting.clone(), reasons.clone, 1),
    _changing("start", "s", "Start", _act(StartMachine), reasons.of_targets("machine.start"), 2),
    _changing("stop", "S", "Stop: ask the guest, and wait", _act(StopMachine), reasons.of_targets("machine.stop"), 3),
    _changing("kill", "K", "Kill: pull the plug", _act(KillMachine), reasons.of_targets("machine.kill")),
    _changing("reboot", "r", "Reboot", _act(RebootMachine), reasons.of_targets("machine.reboot"), 9),
    _changing("pause", "P", "Pause, or resume", _pause_or_resume, reasons.pause_or_resume, 10),
    _changing("exec", "x", "Run commands in the guest", lambda c: c.acting.execute(), reasons.execute, 5),
    Action("logs", ("l",), "Read the log", "Machine", _pane("log"), reasons.needs_machine, footer=6, hint="logs"),
    _changing("delete", "D", "Delete for good", lambda c: c.acting.delete(), reasons.one_machine, 7),
    Action("mark", ("space",), "Mark, or unmark", "Machine", lambda c: c.toggle_mark(), reasons.needs_machine, "machines"),
    Action("mark-inverse", ("asterisk",), "Invert the marks", "Machine", lambda c: c.invert_marks(), pane="machines"),
    Action("snapshots", ("p",), "To the snapshots", "Snapshots", _pane("snapshots"), reasons.needs_machine, footer=4, hint="snapshots"),
    _changing("snapshot-take", "t", "Take a snapshot", lambda c: c.acting.take_snapshot(), reasons.of_selected("snapshot.create"), 1, "take", "snapshots"),
    _changing("snapshot-restore", "R", "Restore the snapshot", lambda c: c.acting.restore_snapshot(), reasons.of_selected("snapshot.restore"), 2, "restore", "snapshots"),
    _changing("snapshot-delete", "D", "Delete the snapshot", lambda c: c.acting.delete_snapshot(), reasons.of_selected("snapshot.delete"), 3, "delete", "snapshots"),
    Action("snapshot-details", ("enter",), "What the snapshot holds", "Snapshots", lambda c: c.acting.show_snapshot(), reasons.needs_machine, "snapshots", 4, "details"),
    Action("jobs", ("J",), "Jobs: progress, log, cancel", "View", lambda c: c.acting.show_jobs(), footer=11, hint="jobs"),
    Action("performed", ("at",), "What was really run", "View", lambda c: c.acting.show_performed()),
    Action("filter", ("slash",), "Filter machines; in the log, search", "View", lambda c: c.prompts.filter_or_search(), footer=8, hint="filter"),
    Action("zoom", ("plus",), "Zoom the pane, and back", "View", lambda c: c.panes.toggle_zoom()),
    Action("pane-machines", ("1",), "Pane: machines", "View", _pane("machines")),
    Action("pane-details", ("2",), "Pane: machine and graphs", "View", _pane("details")),
    Action("pane-snapshots", ("3",), "Pane: snapshots", "View", _pane("snapshots")),
    Action("pane-log", ("4",), "Pane: log", "View", _pane("log")),
    Action("next-pane", ("tab",), "Next pane", "View", lambda c: c.panes.cycle(1)),
    Action("previous-pane", ("shift+tab",), "Previous pane", "View", lambda c: c.panes.cycle(-1)),
    Action("back", ("escape",), "Back: pane, search, filter, marks", "View", lambda c: c.back()),
    Action("copy", ("y",), "Copy the id, the name, the lines", "View", lambda c: c.acting.copy()),
    Action("theme", ("ctrl+t",), "Dark or light", "View", lambda c: c.face.toggle_theme()),
    Action("repaint", ("ctrl+l",), "Repaint the screen", "View", lambda c: c.face.repaint()),
    Action("command", ("colon",), "Command line", "Program", lambda c: c.prompts.command_line(), footer=12, hint="command"),
    Action("palette", ("ctrl+p",), "Command palette", "Program", lambda c: c.prompts.palette()),
    Action("help", ("question_mark",), "Help: every key", "Program", lambda c: c.prompts.help(), footer=_LAST, hint="help"),
    Action("quit", ("q",), "Quit; jobs keep running", "Program", lambda c: c.face.leave()),
)  # fmt: skip

BY_ID = {action.id: action for action in ACTIONS}

_SHOWN = {
    "asterisk": "*",
    "slash": "/",
    "plus": "+",
    "colon": ":",
    "question_mark": "?",
    "at": "@",
    "escape": "esc",
}


def key_text(key: str) -> str:
    """A key as it stands in the footer and the help."""
    return _SHOWN.get(key, key)
