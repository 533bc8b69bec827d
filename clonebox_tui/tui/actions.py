"""Every action of the cockpit, once: keys, footer, palette, command line and help are made from this list.

An action that is not possible now says why (`why_not`); a capability that does not exist has no action.
"""

from typing import TYPE_CHECKING, TypedDict, Unpack

from msgspec.structs import replace

from clonebox_tui.tui import arguments, inside, reasons
from clonebox_tui.tui.action import LAST, Action, Argument, Run
from clonebox_tui.tui.log_actions import LOG_ACTIONS
from clonebox_tui.tui.terminal_end import to_the_shell

if TYPE_CHECKING:
    from clonebox_tui.tui.screens.cockpit import Cockpit


def _act(kind: str) -> Run:
    return lambda cockpit: cockpit.acting.on_targets(kind)


def _pause_or_resume(cockpit: "Cockpit") -> None:
    paused = reasons.any_paused(cockpit.session)
    cockpit.acting.on_targets("machine.resume" if paused else "machine.pause")


def _pane(pane: str) -> Run:
    return lambda cockpit: cockpit.panes.focus_pane(pane)


def _labels(field: str) -> Run:
    return lambda cockpit: cockpit.labelling.edit(field)


def _machine(id: str, key: str, title: str, run: Run, why: reasons.WhyNot, footer: int = 0) -> Action:
    return Action(
        id, (key,) if key else (), title, "Machine", run, why, footer=footer, hint=id, changes=True,
        headless=id, argument=arguments.MACHINES,
    )  # fmt: skip


def _snapshot(id: str, key: str, title: str, run: Run, footer: int) -> Action:
    why = reasons.of_selected(f"snapshot.{id}")
    keys, hint = (key,), "take" if id == "create" else id
    return Action(
        f"snapshot-{hint}", keys, title, "Snapshots", run, why, "snapshots", footer, hint, True,
        headless=f"snapshot {id}", argument=None if id == "create" else arguments.SNAPSHOT,
    )  # fmt: skip


class _More(TypedDict, total=False):
    footer: int
    group: str
    why_not: reasons.WhyNot
    pane: str
    headless: str
    screen_only: str
    argument: Argument


def _view(id: str, key: str, title: str, run: Run, **more: Unpack[_More]) -> Action:
    return replace(Action(id, (key,), title, "View", run, hint=id), **more)


_MOVES = "It moves about the screen."
_LOOKS = "It changes how the screen looks."
_MARKS = "A command names its machines."
_TARGET = reasons.needs_target


_MACHINES = (
    replace(
        _machine("clone", "n", "Clone a folder into a machine", lambda c: c.acting.clone(), reasons.clone, 1),
        argument=None,
    ),
    _machine("start", "s", "Start", _act("machine.start"), reasons.of_targets("machine.start"), 2),
    _machine("stop", "S", "Stop: ask, and wait", _act("machine.stop"), reasons.of_targets("machine.stop"), 3),
    _machine("kill", "K", "Kill: pull the plug", _act("machine.kill"), reasons.of_targets("machine.kill")),
    _machine("reboot", "r", "Reboot", _act("machine.reboot"), reasons.of_targets("machine.reboot"), 9),
    _machine("pause", "P", "Pause, or resume", _pause_or_resume, reasons.pause_or_resume, 10),
    _machine("exec", "x", "Run commands in the guest", lambda c: c.acting.execute(), reasons.execute, 5),
    _machine("console", "c", "Type at the serial console", inside.console, reasons.console),
    replace(
        _machine("ssh", "L", "Log in by SSH; the cockpit comes back", inside.log_in, reasons.console),
        argument=arguments.MACHINE,
    ),
    replace(
        _machine("password", "", "A new console password, shown once", inside.password, reasons.execute_one),
        headless="console", argument=arguments.MACHINE,
    ),
    replace(
        _machine("files", "O", "Files of the guest: look, copy", inside.files, reasons.execute_one),
        headless="ls", argument=arguments.MACHINE, changes=False,
    ),
    _machine("fork", "F", "Fork as it is", lambda c: c.acting.fork(from_tree=False), reasons.needs_machine),
    _machine("delete", "D", "Delete: to the trash", _act("machine.trash"), reasons.needs_target, 7),
    replace(
        _machine("purge", "", "Delete for good, at once", _act("machine.delete"), reasons.needs_target),
        headless="delete",
    ),
    _view(
        "logs", "l", "Read the log", _pane("log"), footer=6, group="Machine", headless="logs",
        why_not=reasons.needs_machine, argument=arguments.MACHINE,
    ),
)  # fmt: skip

_WHY = _view(
    "why", "w", "Why it is not ready", lambda c: c.acting.show_why(), group="Machine", headless="why",
    why_not=reasons.needs_machine, argument=arguments.MACHINE,
)  # fmt: skip

_ARRANGING = (
    replace(
        _machine("labels", "T", "Tags, group, note", _labels("tags"), reasons.needs_target),
        headless="show",
    ),
    replace(
        _machine("tag", "", "Put tags on (+web) and take them off (-web)", _labels("tags"), _TARGET),
        argument=arguments.TAGS,
    ),
    replace(
        _machine("group", "", "Put into a group", _labels("group"), _TARGET),
        argument=arguments.GROUP,
    ),
    replace(
        _machine("note", "", "Write a note on it", _labels("note"), _TARGET),
        argument=arguments.NOTE,
    ),
    _view(
        "mark", "space", "Mark, or unmark", lambda c: c.arranging.toggle_mark(), group="Machine",
        why_not=reasons.needs_machine, pane="machines", screen_only=_MARKS,
    ),
    _view(
        "mark-inverse", "asterisk", "Invert the marks", lambda c: c.arranging.invert_marks(),
        group="Machine", pane="machines", screen_only=_MARKS,
    ),
)  # fmt: skip

_SNAPSHOTS = (
    _view(
        "snapshots", "p", "To the snapshots", _pane("snapshots"), footer=4, group="Snapshots",
        why_not=reasons.needs_machine, headless="snapshot tree", argument=arguments.MACHINE,
    ),
    _snapshot("create", "t", "Take a snapshot", lambda c: c.acting.take_snapshot(), 1),
    _snapshot("restore", "R", "Restore the snapshot", lambda c: c.acting.restore_snapshot(), 2),
    replace(
        _view(
            "diff", "d", "Compare with now, or with the marked one", lambda c: c.acting.compare(), footer=6,
            group="Snapshots", why_not=reasons.needs_machine, pane="snapshots", headless="snapshot diff",
            argument=arguments.SNAPSHOT,
        ),
        id="snapshot-diff",
    ),
    replace(
        _view(
            "mark", "space", "Mark, to compare another with it", lambda c: c.acting.mark_snapshot(),
            group="Snapshots", why_not=reasons.needs_machine, pane="snapshots", screen_only=_MARKS,
        ),
        id="snapshot-mark",
    ),
    replace(
        _snapshot("get", "f", "Bring a file or folder back", lambda c: c.acting.bring_back(), 7),
        headless="snapshot get",
    ),
    replace(
        _snapshot("bisect", "b", "Find the first bad one by a check", lambda c: c.acting.bisect(), 8),
        headless="bisect",
    ),
    replace(
        _snapshot("policy", "a", "Automatic snapshots", lambda c: c.acting.schedule_snapshots(), 9),
        headless="snapshot policy",
        argument=arguments.MACHINE,
    ),
    replace(
        _snapshot("fork", "F", "Fork: machines from it", lambda c: c.acting.fork(from_tree=True), 5),
        headless="fork",
    ),
    _snapshot("delete", "D", "Delete the snapshot", lambda c: c.acting.delete_snapshot(), 3),
    replace(
        _snapshot("delete", "X", "Delete it and all below it", lambda c: c.acting.delete_branch(), 0),
        id="snapshot-delete-branch",
        headless="snapshot delete",
    ),
    replace(
        _view(
            "details", "enter", "What the snapshot holds", lambda c: c.acting.show_snapshot(), footer=4,
            group="Snapshots", why_not=reasons.needs_machine, pane="snapshots", headless="snapshot show",
            argument=arguments.SNAPSHOT,
        ),
        id="snapshot-details",
    ),
)  # fmt: skip

_VIEWS = (
    _view(
        "graphs", "enter", "Graphs over the whole screen, a minute to a day",
        lambda c: c.acting.show_graphs(), footer=1, why_not=reasons.needs_machine, pane="details",
        headless="monitor", argument=arguments.MACHINE,
    ),
    _view(
        "host", "H", "Graphs of the host itself", lambda c: c.acting.show_host_graphs(),
        why_not=reasons.needs_host, headless="monitor",
    ),
    _view(
        "jobs", "J", "Jobs: progress, log, cancel, do again", lambda c: c.acting.show_jobs(), footer=11,
        headless="job list",
    ),
    replace(
        _view("undo", "u", "Undo what was done last", lambda c: c.acting.undo(), headless="undo"),
        changes=True,
    ),
    replace(
        _view("redo", "U", "Redo what was undone", lambda c: c.acting.undo(redo=True), headless="redo"),
        changes=True,
    ),
    _view(
        "trash", "Z", "Trash: bring back what was deleted", lambda c: c.acting.show_trash(),
        headless="trash list",
    ),
    _view(
        "connections", "C", "Connections: other hosts, state, keys", lambda c: c.face.connecting.show(),
        headless="connection list",
    ),
    _view(
        "performed", "at", "What was really run", lambda c: c.acting.show_performed(), headless="job log"
    ),
    _view(
        "filter", "slash", "Filter what is listed; in the log, search",
        lambda c: c.prompts.filter_or_search(), footer=8, headless="list", argument=arguments.FILTER,
    ),
    _view(
        "group-by", "o", "Put machines together: by group, tag, host, state",
        lambda c: c.arranging.next_grouping(), headless="list", argument=arguments.GROUPING,
    ),
    _view(
        "jump", "semicolon", "Jump: every pane and row gets a letter", lambda c: c.prompts.jump(),
        screen_only=_MOVES,
    ),
    _view("zoom", "plus", "Zoom the pane, and back", lambda c: c.panes.toggle_zoom(), screen_only=_LOOKS),
    _view("pane-machines", "1", "Pane: machines", _pane("machines"), screen_only=_MOVES),
    _view("pane-details", "2", "Pane: machine and graphs", _pane("details"), headless="show"),
    _view("pane-snapshots", "3", "Pane: snapshots", _pane("snapshots"), headless="snapshot list"),
    _view("pane-log", "4", "Pane: log", _pane("log"), headless="logs"),
    _view("next-pane", "tab", "Next pane", lambda c: c.panes.cycle(1), screen_only=_MOVES),
    _view("previous-pane", "shift+tab", "Previous pane", lambda c: c.panes.cycle(-1), screen_only=_MOVES),
    _view("back", "escape", "Back: pane, search, filter, marks", lambda c: c.back(), screen_only=_MOVES),
    _view(
        "copy", "y", "Copy the id, the name, the lines", lambda c: c.acting.copy(), headless="show"
    ),
    _view(
        "theme", "ctrl+t", "Next theme: dark, light, high contrast, own", lambda c: c.face.next_theme(),
        screen_only=_LOOKS, argument=arguments.THEME,
    ),
    _view(
        "notify", "B", "Next notice of ended jobs: message, bell, OSC 9",
        lambda c: c.face.ended_jobs.next_way(),
        screen_only="A command tells how its job ended.",
    ),
    _view("repaint", "ctrl+l", "Repaint the screen", lambda c: c.face.repaint(), screen_only=_LOOKS),
)  # fmt: skip

_PROGRAM = (
    _view(
        "start-worker", "ctrl+r", "Start the worker that was stopped",
        lambda c: c.face.linking.start_worker(), group="Program",
        why_not=reasons.worker_stopped, headless="worker run",
    ),
    _view(
        "command", "colon", "Command line", lambda c: c.prompts.command_line(), footer=12, group="Program",
        screen_only="The shell is one.",
    ),
    _view(
        "palette", "ctrl+p", "Command palette", lambda c: c.prompts.palette(), group="Program",
        screen_only="--help lists the commands.",
    ),
    _view(
        "help", "question_mark", "Help: every key", lambda c: c.prompts.help(), footer=LAST, group="Program",
        screen_only="--help lists the commands.",
    ),
    _view("suspend", "ctrl+z", "To the shell; fg comes back", lambda c: to_the_shell(c.face), group="Program",
          screen_only="The shell has it."),
    _view("quit", "q", "Quit; jobs keep running", lambda c: c.face.leave(), group="Program",
          screen_only="A command ends by itself."),
)  # fmt: skip

ACTIONS: tuple[Action, ...] = (*_MACHINES, _WHY, *_ARRANGING, *_SNAPSHOTS, *LOG_ACTIONS, *_VIEWS, *_PROGRAM)

BY_ID = {action.id: action for action in ACTIONS}
