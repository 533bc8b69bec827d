"""The actions of the log pane."""

from clonebox_tui.tui import reasons
from clonebox_tui.tui.action import Action, Run


def _log(id: str, key: str, title: str, run: Run, footer: int) -> Action:
    return Action(
        f"log-{id}", (key,), title, "Log", run, reasons.needs_machine, "log", footer, id, headless="logs"
    )


LOG_ACTIONS = (
    _log(
        "source",
        "L",
        "Another log: guest, job, worker, all",
        lambda c: c.log_reading.choose(),
        1,
    ),
    _log("only", "ampersand", "Show only lines that match", lambda c: c.log_reading.filter(), 2),
    _log("wrap", "W", "Wrap long lines, or cut them", lambda c: c.log_tail.toggle_wrap(), 3),
    _log("save", "greater_than_sign", "Save the lines to a file", lambda c: c.log_reading.save(), 4),
)
