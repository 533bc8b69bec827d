"""`python -m tests.bench [names…] [--json FILE] [--repetitions N]`: measure, print the table."""

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench import (
    boots,
    completions,
    forks,
    hours,
    idles,
    keystrokes,
    lines,
    machines,
    rivals,
    starts,
    ticks,
    views,
)
from tests.bench.figures import Figure
from tests.bench.report import cells_of, document, surroundings, table

MEASUREMENTS: dict[str, Callable[[int], Iterator[Figure]]] = {
    "start": starts.measure,
    "keys": keystrokes.measure,
    "idle": idles.measure,
    "line": lines.measure,
    "view": views.measure,
    "table": starts.measure_table,
    "memory": starts.measure_memory,
    "hour": hours.measure,
    "exit": starts.measure_exit,
    "completion": completions.measure,
    "tick": ticks.measure,
    "clone": machines.measure_clone,
    "snapshot": machines.measure_snapshots,
    "fork": forks.measure,
    "ready": boots.measure,
    "rival": rivals.measure,
}


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(MEASUREMENTS)}; all if none")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there as well")
    parser.add_argument("--repetitions", type=int, default=5, metavar="N", help="medians over so many; 5")
    return parser


def main(words: list[str]) -> int:
    """Measure what was named; 1 when a budget is not met, 2 for a name that is not known."""
    options = arguments().parse_args(words)
    unknown = [name for name in options.names if name not in MEASUREMENTS]
    if unknown:
        sys.stderr.write(f"unknown: {', '.join(unknown)}; there are {', '.join(MEASUREMENTS)}\n")
        return 2
    # The thread that stamps output must get its turn at once.
    sys.setswitchinterval(0.0005)
    figures: list[Figure] = []
    for name in options.names or MEASUREMENTS:
        for figure in MEASUREMENTS[name](options.repetitions):
            figures.append(figure)
            sys.stderr.write("  ".join(cell for cell in cells_of(figure) if cell) + "\n")
    sys.stdout.write(f"{surroundings()}\n\n{table(figures)}\n")
    if options.json:
        options.json.write_text(document(figures) + "\n")
    return int(any(figure.met is False for figure in figures))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
