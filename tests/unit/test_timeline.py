"""Steps of a span, its gaps and its labels; curves that keep to their extents."""

import pytest

from clonebox_tui.model.sample import Reading, Series
from clonebox_tui.tui.presentation.bands import AXIS_CELLS, BANDS, Band, band_lines, plot, top_of
from clonebox_tui.tui.presentation.glyphs import ASCII, UNICODE, Glyphs
from clonebox_tui.tui.presentation.runs import width_of
from clonebox_tui.tui.presentation.timeline import SPANS, Span, Timeline, axis, clock_text, mean

NOW = 1_790_000_000.0
MINUTE, TEN, HOUR, SIX, DAY = SPANS


def _cpu(value: float) -> Reading:
    return Reading("m", value, 2**30, 2**31, 1e6, 2e6, 3e6, 4e6)


def test_a_step_is_the_average_of_what_is_known() -> None:
    averaged = mean([Reading("m", 10.0, None), Reading("m", 30.0, 4), Reading("m")])
    assert averaged is not None
    assert (averaged.cpu_percent, averaged.memory_used_bytes, averaged.net_rx_rate) == (20.0, 4, None)
    assert mean([]) is None


@pytest.mark.parametrize("span", SPANS, ids=[span.name for span in SPANS])
def test_a_full_past_has_no_hole_at_any_width(span: Span) -> None:
    step = span.seconds / span.points
    timeline = Timeline(span)
    timeline.take(Series("m", NOW, step, tuple(_cpu(50.0) for _ in range(span.points))))
    for columns in (60, 139, 220, 380):
        steps = timeline.steps(NOW, columns)
        assert len(steps.readings) <= columns
        assert all(steps.readings[1:]), columns


def test_a_stop_stays_a_gap_and_a_late_tick_is_none() -> None:
    timeline = Timeline(MINUTE)
    ticks = [NOW - 60 + second for second in range(60) if second not in (20, 21) and not 30 <= second < 40]
    timeline.add((at, _cpu(50.0)) for at in ticks)
    readings = timeline.steps(NOW - 1, 220).readings
    known = [reading is not None for reading in readings]
    assert len(known) == 60
    assert all(known[:33])
    assert not any(known[33:40])
    assert all(known[40:])


def test_live_readings_follow_the_past_without_doubling_it() -> None:
    timeline = Timeline(TEN)
    timeline.add([(NOW - 1, _cpu(100.0)), (NOW + 1, _cpu(90.0))])
    timeline.take(Series("m", NOW, 1.0, tuple(_cpu(10.0) for _ in range(600))))
    timeline.add([(NOW - 5, _cpu(99.0)), (NOW + 2, _cpu(80.0))])
    readings = timeline.steps(NOW + 2, 600).readings
    assert [each.cpu_percent for each in readings[-4:] if each] == [10.0, 10.0, 90.0, 80.0]


def test_old_steps_do_not_change_as_time_goes_on() -> None:
    timeline = Timeline(TEN)
    timeline.add((NOW - 600 + second, _cpu(second % 97)) for second in range(600))
    before = timeline.steps(NOW, 220)
    timeline.add([(NOW + 3, _cpu(1.0))])
    after = timeline.steps(NOW + 3, 220)
    moved = round((after.first - before.first) / before.seconds)
    assert moved > 0
    assert list(after.readings[: -moved - 1]) == list(before.readings[moved:-1])


@pytest.mark.parametrize("span", SPANS, ids=[span.name for span in SPANS])
@pytest.mark.parametrize("cells", [70, 110, 190])
def test_the_axis_has_labels_that_do_not_touch(span: Span, cells: int) -> None:
    line, marks = axis(NOW - span.seconds, span.seconds, cells)
    assert len(line) == cells
    assert line.endswith("now")
    assert len(marks) >= 2
    assert all(len(word) in (3, 5, 8) for word in line.split())


def test_another_day_is_named() -> None:
    assert len(clock_text(NOW, NOW)) == 8
    assert len(clock_text(NOW - 86_400, NOW)) == 12


def test_two_directions_share_a_line_in_the_middle() -> None:
    disk = BANDS[2]
    both = [Reading("m", None, None, None, 1e6, 1e6)] * 4
    rows = plot(disk, both, 1e6, 4, ascii_only=False)
    assert rows == ["⣿⣿"] * 4
    only_read = [Reading("m", None, None, None, 1e6, 0.0)] * 4
    assert plot(disk, only_read, 1e6, 4, ascii_only=False) == ["⣿⣿", "⣿⣿", "  ", "  "]
    assert plot(disk, only_read, 1e6, 4, ascii_only=True) == ["##", "##", "  ", "  "]


@pytest.mark.parametrize("band", BANDS, ids=[band.name for band in BANDS])
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_a_band_has_exactly_its_size_and_its_cursor(band: Band, glyphs: Glyphs) -> None:
    readings = [None if 20 < index < 40 else _cpu(index) for index in range(140)]
    lines = band_lines(band, readings, None, 15, 70 + AXIS_CELLS, 5, glyphs)
    assert len(lines) == 5
    assert {width_of(line) for line in lines} == {70 + AXIS_CELLS}
    marked = [text for line in lines[1:] for text, ink in line if ink == "mark"]
    assert marked == [glyphs.column] * 4  # a gap: the mark alone
    assert top_of(band, readings) > 0
