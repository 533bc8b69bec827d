"""The cockpit: machines, the selected one's graphs, snapshots and log, and the work under way."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from clonebox_tui.model.terminal import in_ascii
from clonebox_tui.tui.action import Action
from clonebox_tui.tui.actions import ACTIONS, BY_ID
from clonebox_tui.tui.key_hints import hints, keys_by_action
from clonebox_tui.tui.late_parts import LateParts
from clonebox_tui.tui.pane_layout import PANES, PaneLayout
from clonebox_tui.tui.presentation.empty import empty_lines
from clonebox_tui.tui.presentation.glyphs import Glyphs
from clonebox_tui.tui.presentation.machine_row import row_of
from clonebox_tui.tui.presentation.runs import heading
from clonebox_tui.tui.session import Changes, Session
from clonebox_tui.tui.widgets.bars import HeaderBar, JobBar, KeyBar, KeyHint
from clonebox_tui.tui.widgets.frames import Across
from clonebox_tui.tui.widgets.machine_list import MachineList
from clonebox_tui.tui.widgets.row_view import RowView

if TYPE_CHECKING:
    from textual.timer import Timer
    from textual.worker import WorkType

    from clonebox_tui.tui.face import Face
    from clonebox_tui.tui.widgets.prompt_line import PromptLine


class Cockpit(LateParts, Screen[None]):
    """Owns the list and the bars; `panes` and the late parts own the rest, and what can be done with it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(action.binding_keys, f"run('{action.id}')", action.title, id=action.id, show=False)
        for action in sorted(ACTIONS, key=lambda action: not action.pane)
    ]
    AUTO_FOCUS = "#machines"
    BLANK = True

    def __init__(self, session: Session, glyphs: Glyphs) -> None:
        super().__init__()
        self.session = session
        self.glyphs = glyphs
        self.panes: PaneLayout = PaneLayout(self)
        self.header = HeaderBar(session, glyphs, id="header")
        self.machine_list = MachineList(partial(row_of, session), glyphs, id="machines")
        self.machine_list.explain = partial(empty_lines, session)
        self.job_bar = JobBar(session, glyphs, id="jobs")
        self.key_bar = KeyBar(self._hints, id="keys")
        self._follow_timer: Timer | None = None
        self._first_look = True

    @property
    def face(self) -> "Face":
        """The app."""
        from clonebox_tui.tui.face import Face

        assert isinstance(self.app, Face)  # noqa: S101 there is no other app
        return self.app

    def compose(self) -> ComposeResult:
        """What the first picture needs; `furnish` adds the rest of what is drawn in the docs."""
        yield self.header
        with Across(id="body"):
            yield self.machine_list
        yield self.job_bar
        yield self.key_bar

    async def furnish(self) -> None:
        """The other panes: after the list, which need not wait for them."""
        await self.panes.furnish()
        self.face.linking.drawn.set()
        self.follow_anew()

    def on_mount(self) -> None:
        """Show what is known already, and let ages grow."""
        self.set_interval(1.0, self._second)
        self._explain_empty()
        if self.session.loaded:
            kept = self.session.selected
            self.changed(Changes(listing=True, connections=True))
            self.machine_list.put_cursor(kept)
            self.call_later(self.face.welcome)

    def _compositor_refresh(self) -> None:
        # In a batch Textual renders all the same, and throws it away.
        if not self.app._batch_count:
            super()._compositor_refresh()

    # -- news --------------------------------------------------------------------------------------

    def changed(self, changes: Changes) -> None:
        """Repaint what this news touched, nothing else."""
        moved = changes.placed and self.machine_list.sees_labels
        if changes.listing or changes.connections or moved:
            self._explain_empty()
            self._tell_age()
            self.machine_list.list_machines(self.session.machines.values(), self.session.where.widest)
            self.machine_list.refresh()
        elif changes.machines:
            self.machine_list.redraw(changes.machines)
        if changes.sampled:
            self.header.take_hosts()
        if changes.sampled or self.session.selected in changes.machines:
            self.details_changed()
        if changes.snapshots == self.session.selected and self.panes.furnished:
            self.snapshot_tree.update_tree()
        for job in changes.ended:
            self.job_bar.tell_ended(job)
            self.acting.job_ended(job)
        if changes.jobs:
            self.job_bar.update_lines()
        if changes.placed or changes.listing or changes.connections:
            self.key_bar.update_lines()
        self.header.update_lines()
        self._ask_again(changes)

    def link_changed(self, back: bool) -> None:
        """The worker was lost, or is back: then everything is asked for anew."""
        self._explain_empty()
        self._tell_age()
        self.machine_list.refresh()
        self.details_changed()
        self.header.update_lines()
        self.key_bar.update_lines()
        if back:
            self.follow_anew()

    def _ask_again(self, changes: Changes) -> None:
        selected = self.session.selected
        known = self.session.details.get(selected)
        if known is not None and selected in changes.machines and known.machine != self.session.machine:
            work: WorkType[None] = self._refresh_details
            self.run_worker(work, group="details", exclusive=True)

    async def _refresh_details(self) -> None:
        await self.following.refresh_details(self.session.selected)

    def details_changed(self) -> None:
        """What is known of the selected machine has changed."""
        if self.panes.furnished:
            self.details.update_lines()
            self.snapshot_tree.update_tree()

    def _tell_age(self) -> None:
        self.machine_list.tell_age(self.session.all_stale_seconds)

    def _explain_empty(self) -> None:
        if not self.session.machines:
            self.machine_list.refresh()

    def _second(self) -> None:
        self.header.update_lines()
        self._tell_age()
        if self.panes.furnished:
            self.details.update_lines()
        if not self.session.any_up:
            self._explain_empty()

    # -- the selection -----------------------------------------------------------------------------

    @on(RowView.Moved, "#machines")
    def _moved(self, event: RowView.Moved) -> None:
        self.session.select(event.row)
        if self._first_look:
            self._first_look = False
            self.face.paint()
            if self.panes.furnished:
                self.call_after_refresh(self.follow_anew)
            return
        if self._follow_timer is not None:
            self._follow_timer.stop()
        self._follow_timer = self.set_timer(self.face.thrift.follow_after_seconds, self.follow_anew)

    @on(RowView.Chosen, "#machines")
    def _into(self) -> None:
        self.panes.focus_pane("details")

    @on(RowView.Chosen, "#snapshots")
    def _snapshot_chosen(self) -> None:
        self.run(BY_ID["snapshot-details"])

    def follow_anew(self) -> None:
        """Ask about the selected machine, and read its log."""
        machine = self.session.machine
        name = self.session.where.name_of(machine) if machine else "Machine"
        self.details.border_title = heading(in_ascii(name) if self.glyphs.ascii else name)
        self.details_changed()
        # A function, not a coroutine: one that is replaced before it began would never be awaited.
        work: WorkType[None] = self._follow_selected
        self.run_worker(work, group="follow", exclusive=True)
        self.update_bars()

    async def _follow_selected(self) -> None:
        await self.following.follow(self.session.selected)

    # -- keys --------------------------------------------------------------------------------------

    def action_run(self, action: str) -> None:
        """A key was pressed."""
        self.run(BY_ID[action])

    def run(self, action: Action) -> None:
        """Do it, or say why not."""
        self.run_as(action, partial(action.run, self))

    def run_as(self, action: Action, work: Callable[[], object]) -> None:
        """Do an action in another way, where it can be done at all."""
        reason = action.reason(self.session)
        if reason:
            self.face.tell(reason)
        else:
            work()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys of a pane count only there."""
        if action != "run" or not parameters:
            return True
        pane = BY_ID[str(parameters[0])].pane
        return not pane or pane == self.panes.pane

    def keys(self) -> dict[str, str]:
        """The keys of every action as they are mapped now, as shown."""
        return keys_by_action(self._bindings, self.app._keymap)

    def back(self) -> None:
        """Esc: out of the pane, then filter, then marks; never out of the program."""
        if self.panes.pane == "log" and self.log_reading.back():
            self.key_bar.update_lines()
            return
        if self.panes.pane == "snapshots" and self.snapshot_tree.filter_text:
            self.snapshot_tree.set_filter("")
        elif self.panes.back():
            return
        elif self.machine_list.filter_text:
            self.machine_list.set_filter("")
        else:
            self.arranging.clear_marks()

    def copyable(self) -> str:
        """What `y` copies: in the log what is in view, in the tree the name, else the machine's id."""
        pane = self.panes.pane
        if pane == "log":
            return "\n".join(self.log_tail.visible_text())
        if pane == "snapshots" and self.snapshot_tree.snapshot:
            return self.snapshot_tree.snapshot.name
        return self.session.selected

    # -- the frame ---------------------------------------------------------------------------------

    def update_bars(self) -> None:
        """Header and footer, which depend on where one is."""
        self.header.crumbs = self.panes.crumbs
        self.header.update_lines()
        self.key_bar.update_lines()

    def _hints(self) -> list[KeyHint]:
        in_log = self.panes.pane == "log"
        searching = in_log and bool(self.log_tail.search_text)
        return hints(self.panes.pane, self.keys(), self.session, searching)

    def on_resize(self, event: events.Resize) -> None:
        """One pane or all of them."""
        self.panes.resized(event.size)

    def on_descendant_focus(self) -> None:
        """Tell where one is; the event may be late, so look where the focus is now."""
        if self.focused is not None and self.focused.id in PANES:
            self.panes.entered(self.focused.id)

    def on_prompt_line_ended(self, event: "PromptLine.Ended") -> None:
        """What was asked at the bottom was answered, or not."""
        self.panes.focus_pane(self.prompts.asked_from)
        if event.kind == "command" and event.text:
            self.prompts.run_command(event.text)
        elif event.kind == "search" and event.text:
            self.log_tail.action_match(-1)
        elif event.text:
            self.log_reading.ended(event.kind, event.text)
        self.key_bar.update_lines()
