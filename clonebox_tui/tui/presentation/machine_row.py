"""One row of the machine list: state, name, load, memory, or the job that works on it."""

import msgspec

from clonebox_tui.model.job import Job
from clonebox_tui.model.machine import Machine, State
from clonebox_tui.model.sample import Reading
from clonebox_tui.tui.presentation.amounts import percent, size
from clonebox_tui.tui.presentation.glyphs import Glyphs
from clonebox_tui.tui.presentation.runs import Run, Runs, clean, fit
from clonebox_tui.tui.session import Session

STATE_INKS = {
    State.RUNNING: "ok",
    State.PAUSED: "warn",
    State.STOPPING: "warn",
    State.OFF: "dim",
    State.CRASHED: "bad",
    State.SUSPENDED: "accent",
    State.UNKNOWN: "warn",
}

SPARK_CELLS = 6
_MEMORY_CELLS = 8
_LOAD_CELLS = 4 + 1 + SPARK_CELLS + 1 + _MEMORY_CELLS


class Row(msgspec.Struct, frozen=True):
    """What a row shows; two equal ones are drawn equally."""

    machine: Machine
    reading: Reading | None = None
    spark: bytes = b""
    """The last cpu values in eighths, 255 for a gap."""
    job: Job | None = None
    marked: bool = False
    stale: bool = False


def row_of(session: Session, machine: str) -> Row:
    """The row of a machine, by its id, as the session knows it now."""
    known = session.machines[machine]
    return Row(
        known,
        session.readings.get(machine),
        session.sparks.of(machine),
        session.job_of(machine),
        machine in session.marked,
        session.is_stale(known),
    )


def spark_text(levels: bytes, cells: int, glyphs: Glyphs) -> str:
    """The last `cells` levels as marks; gaps and what is not known yet are blank."""
    drawn = "".join(" " if level > 7 else glyphs.sparks[level] for level in levels[-cells:])
    return drawn.rjust(cells)


def state_word(machine: Machine) -> str:
    """The state as a word; a machine whose memory lies on disk is `saved`."""
    return "saved" if machine.saved and machine.state is State.OFF else machine.state.value


def job_word(job: Job) -> str:
    """What a job does, in one word: `clone`, `restore` …"""
    return job.act.rpartition(".")[2]


def _job_runs(job: Job, glyphs: Glyphs) -> Runs:
    word = f"{job_word(job)} "
    fraction = job.progress.fraction if job.progress else None
    room = _LOAD_CELLS - len(word)
    if fraction is None:
        return ((fit(f"{word}…", _LOAD_CELLS), "accent"),)
    cells = max(3, min(8, room - 5))
    return (
        (word, "accent"),
        (glyphs.bar(fraction, cells), "accent"),
        (fit(f"{fraction * 100:4.0f}%", room - cells), "text"),
    )


def _load_runs(row: Row, glyphs: Glyphs) -> Runs:
    if row.machine.state is not State.RUNNING:
        return ((fit(state_word(row.machine), _LOAD_CELLS), STATE_INKS[row.machine.state]),)
    reading = row.reading
    cpu = percent(reading.cpu_percent if reading else None)
    memory = size(reading.memory_used_bytes if reading else None)
    hot = reading is not None and reading.cpu_percent is not None and reading.cpu_percent >= 90
    return (
        (f"{cpu} ", "warn" if hot else "text"),
        (spark_text(row.spark, SPARK_CELLS, glyphs), "cpu"),
        (f" {memory:>{_MEMORY_CELLS}}", "dim"),
    )


def row_runs(row: Row, width: int, glyphs: Glyphs) -> Runs:
    """The row in exactly `width` cells."""
    machine = row.machine
    state_ink = "dim" if row.stale else STATE_INKS[machine.state]
    glyph = glyphs.busy if row.job else glyphs.states[machine.state]
    foreign = " " if machine.managed else glyphs.foreign
    head: tuple[Run, ...] = (
        (glyphs.marked if row.marked else " ", "accent"),
        (f"{glyph} ", "accent" if row.job else state_ink),
    )
    room = width - 3 - 3 - 1
    load = _LOAD_CELLS if room >= _LOAD_CELLS + 8 else 0
    name = fit(clean(machine.name), room - load)
    runs: Runs = (*head, (name, "dim" if row.stale else "text"), (f" {foreign} ", "dim"))
    if load:
        runs += _job_runs(row.job, glyphs) if row.job else _load_runs(row, glyphs)
    if row.stale:
        runs = tuple((text, "dim") for text, _ in runs)
    return (*runs, (" ", "text"))
