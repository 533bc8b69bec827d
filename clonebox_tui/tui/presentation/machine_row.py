"""One row of the machine list: state, name, load, memory, or the job that works on it."""

import msgspec

from clonebox_tui.model.filtering import state_word
from clonebox_tui.model.job import Job
from clonebox_tui.model.machine import Machine, State
from clonebox_tui.model.sample import Reading
from clonebox_tui.tui.presentation.amounts import percent, size
from clonebox_tui.tui.presentation.glyphs import Glyphs
from clonebox_tui.tui.presentation.runs import Runs, clean, fit, fit_name
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
_SPARK_LEAST = 3
_MEMORY_CELLS = 8
_CPU_CELLS = 4
_FIGURES_CELLS = _CPU_CELLS + 1 + _MEMORY_CELLS
"""Load and memory, without the spark between them."""
_NAME_LEAST = 8
NAME_MOST = 36
"""Cells a name gets at most; longer ones are cut in the middle."""
_LABELS_LEAST = 14
_MEANS_CELLS = 18
"""What a machine has, with the spaces before it: shown where labels have room behind it."""
_HOST_LEAST, HOST_MOST = 4, 14
_FIXED_CELLS = 3 + 3 + 1
"""Mark, state and the mark of foreign machines, with their spaces."""


class Columns(msgspec.Struct, frozen=True):
    """Cells of the columns of a row; 0: left out. Name, figures, spark, what the machine has, labels."""

    name: int
    figures: bool
    spark: int = 0
    means: int = 0
    labels: int = 0
    host: int = 0

    @property
    def load(self) -> int:
        """Cells of load, spark and memory together."""
        return (_FIGURES_CELLS + (self.spark + 1 if self.spark else 0)) if self.figures else 0


def columns_of(width: int, longest: int, host: int = 0) -> Columns:
    """The columns of a list this wide whose longest name takes `longest` cells, that of a host `host`."""
    room = width - _FIXED_CELLS
    if host:
        # Two machines may differ in nothing else, so it goes before the figures.
        cells = min(host, HOST_MOST, max(_HOST_LEAST, room - _FIGURES_CELLS - _NAME_LEAST - 1))
        rest = columns_of(width - cells - 1, longest)
        return msgspec.structs.replace(rest, host=cells)
    if room < _FIGURES_CELLS + _NAME_LEAST:
        return Columns(max(0, room), figures=False)
    name = min(max(longest, _NAME_LEAST), NAME_MOST, room - _FIGURES_CELLS)
    left = room - name - _FIGURES_CELLS
    spark = min(SPARK_CELLS, left - 1) if left > _SPARK_LEAST else 0
    left -= spark + 1 if spark else 0
    means = _MEANS_CELLS if left >= _MEANS_CELLS + _LABELS_LEAST else 0
    left -= means
    labels = left if left >= _LABELS_LEAST else 0
    return Columns(name if labels else name + left, True, spark, means, labels)


class Row(msgspec.Struct, frozen=True):
    """What a row shows; two equal ones are drawn equally."""

    machine: Machine
    reading: Reading | None = None
    spark: bytes = b""
    """The last cpu values in eighths, 255 for a gap."""
    job: Job | None = None
    marked: bool = False
    stale: bool = False
    host: str = ""
    """Its host's short name, where there are several."""


def row_of(session: Session, machine: str) -> Row:
    """The row of a machine, by its id, as the session knows it now."""
    known = session.machines[machine]
    return Row(
        known,
        session.readings.get(machine),
        b"" if session.slow_line else session.sparks.of(machine),
        session.job_of(machine),
        machine in session.marked,
        session.is_stale(known),
        session.where.label(known.connection),
    )


def spark_text(levels: bytes, cells: int, glyphs: Glyphs) -> str:
    """The last `cells` levels as marks; gaps and what is not known yet are blank."""
    drawn = "".join(" " if level > 7 else glyphs.sparks[level] for level in levels[-cells:])
    return drawn.rjust(cells)


def job_word(job: Job) -> str:
    """What a job does, in one word: `clone`, `restore` …"""
    kind, _, word = job.act.rpartition(".")
    # Beside a machine's name `delete` would be understood of the machine.
    return kind if kind == "snapshot" and word in ("create", "trash", "delete") else word


def _job_runs(job: Job, width: int, glyphs: Glyphs) -> Runs:
    word = f"{job_word(job)} "
    fraction = job.progress.fraction if job.progress else None
    room = width - len(word)
    if fraction is None or room < 8:
        return ((fit(f"{word}…", width), "accent"),)
    cells = max(3, min(8, room - 5))
    return (
        (word, "accent"),
        (glyphs.bar(fraction, cells), "accent"),
        (fit(f"{fraction * 100:4.0f}%", room - cells), "text"),
    )


def _load_runs(row: Row, columns: Columns, glyphs: Glyphs) -> Runs:
    if row.machine.state is not State.RUNNING:
        return ((fit(state_word(row.machine), columns.load), STATE_INKS[row.machine.state]),)
    reading = row.reading
    cpu = percent(reading.cpu_percent if reading else None)
    memory = size(reading.memory_used_bytes if reading else None)
    hot = reading is not None and reading.cpu_percent is not None and reading.cpu_percent >= 90
    spark = f" {spark_text(row.spark, columns.spark, glyphs)}" if columns.spark else ""
    return ((cpu, "warn" if hot else "text"), (spark, "cpu"), (f" {memory:>{_MEMORY_CELLS}}", "dim"))


def _means_text(machine: Machine) -> str:
    """`  2 vCPU   1.5 GiB`, in columns."""
    return f"{machine.vcpus:>4} vCPU {size(machine.memory_bytes):>{_MEMORY_CELLS}}"


def labels_text(machine: Machine) -> str:
    """Group and tags in one line."""
    return " · ".join(part for part in (machine.group, " ".join(machine.tags)) if part)


def row_runs(row: Row, width: int, glyphs: Glyphs, longest: int = NAME_MOST, host: int = 0) -> Runs:
    """The row in exactly `width` cells; `longest` are the cells of the longest name in the list, `host`
    those of the longest host where it is to be said."""
    machine, columns = row.machine, columns_of(width, longest, host)
    state_ink = "dim" if row.stale else STATE_INKS[machine.state]
    glyph = glyphs.busy if row.job else glyphs.states[machine.state]
    foreign = " " if machine.managed else glyphs.foreign
    runs: Runs = (
        (glyphs.marked if row.marked else " ", "accent"),
        (f"{glyph} ", "accent" if row.job else state_ink),
        (fit_name(clean(machine.name), columns.name), "text"),
        (f" {foreign} ", "dim"),
    )
    if columns.host:
        runs += ((f"{fit(clean(row.host), columns.host)} ", "accent"),)
    if columns.figures:
        runs += _job_runs(row.job, columns.load, glyphs) if row.job else _load_runs(row, columns, glyphs)
    if columns.means:
        runs += ((fit(_means_text(machine), columns.means), "dim"),)
    if columns.labels:
        runs += ((fit(f"  {clean(labels_text(machine))}", columns.labels), "dim"),)
    if row.stale:
        runs = tuple((text, "dim") for text, _ in runs)
    return (*runs, (" ", "text"))
