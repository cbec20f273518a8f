"""Ticks: calendar steps in the machine's zone, dates where they matter, no text upon another."""

import time
from array import array
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.application.timeline.axis import OVERHANG, Tick, calendar, index_ticks, time_ticks
from desk.application.timeline.gaps import Gaps
from desk.application.timeline.scale import Mode, RevisionScale, TimeScale, fitting_zoom, make_scale
from desk.application.timeline.words import Detail, Words, exact_text, moment_text

WORDS = Words(lambda text: 6.5 * len(text))
DAY = 86_400.0


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def at(*parts: int) -> float:
    return datetime(*parts, tzinfo=UTC).timestamp()  # type: ignore[misc,arg-type]


def ticks_of(times: list[float], mode: Mode = Mode.FOLDED, width: float = 1000.0) -> list[Tick]:
    column = array("d", times)
    gaps = Gaps(column)
    scale = make_scale(mode, column, gaps, fitting_zoom(mode, column, gaps, width), width)
    return time_ticks(scale, 0.0, max(scale.length, width), WORDS)


@given(st.lists(st.floats(0.001, 1e7), min_size=1, max_size=30), st.sampled_from([Mode.TIME, Mode.FOLDED]))
def test_no_label_lies_upon_another_and_all_are_in_sight(gaps: list[float], mode: Mode) -> None:
    ticks = ticks_of(list(accumulate(gaps, initial=1.7e9)), mode)
    texts = [(t.x - WORDS.width(t.text) / 2, t.x + WORDS.width(t.text) / 2) for t in ticks if t.text]
    assert all(a[1] <= b[0] + 1e-6 for a, b in pairwise(texts))
    spans = []
    for tick in ticks:
        wide = WORDS.width(tick.date)
        if tick.date:
            spans.append((tick.x - wide, tick.x) if tick.leftward else (tick.x, tick.x + wide))
    assert all(a[1] <= b[0] + 1e-6 for a, b in pairwise(sorted(spans)))
    assert all(-1 <= tick.x <= 1001 for tick in ticks if not (tick.edge and tick.leftward))
    assert all(end <= 1000 + OVERHANG for _, end in spans)


def test_a_year_has_months_and_says_the_year_where_it_changes() -> None:
    ticks = ticks_of([at(2025, 9, 3), *(at(2025, 9, 3) + DAY * 30 * n for n in range(1, 12))], Mode.TIME)
    assert [tick.text for tick in ticks if tick.text][:5] == ["Oct", "Nov", "Dec", "Jan", "Feb"]
    assert [(tick.text, tick.date) for tick in ticks if tick.date] == [
        ("", "2025"),
        ("Jan", "2026"),
        ("", "30 Jul 2026"),
    ]


def test_a_night_says_the_day_where_it_changes() -> None:
    ticks = ticks_of([at(2026, 3, 11, 20) + 1200.0 * n for n in range(24)], Mode.TIME)
    days = [(tick.text, tick.date) for tick in ticks if tick.date]
    assert days == [("", "11 Mar 2026"), ("00:00", "12 Mar 2026")]


def test_both_edges_of_a_break_have_their_date() -> None:
    morning = [at(2024, 10, 5, 8) + 600.0 * n for n in range(20)]
    ticks = ticks_of([*morning, *(moment + 365 * DAY for moment in morning)])
    edges = [(tick.date, tick.leftward) for tick in ticks if tick.edge]
    assert edges == [("5 Oct 2024", True), ("5 Oct 2025", False)]
    alone = ticks_of([*morning, morning[0] + 365 * DAY])
    assert [tick.date for tick in alone if tick.date][-2:] == ["5 Oct 2024", "5 Oct 2025"], "also close to the end"


@pytest.mark.usefixtures("berlin")
def test_midnights_are_those_of_the_wall_also_when_clocks_are_put_forward() -> None:
    days = list(calendar(at(2026, 3, 27, 12), at(2026, 3, 31, 12), DAY, Detail.DAY))
    assert [WORDS.text(day, Detail.MINUTE) for day in days] == ["00:00"] * 4
    assert [round(b - a) // 3600 for a, b in pairwise(days)] == [24, 23, 24]


@pytest.mark.usefixtures("berlin")
def test_months_and_years_begin_on_their_first_day_on_the_wall() -> None:
    months = list(calendar(at(2025, 11, 15), at(2026, 5, 15), 90 * DAY, Detail.MONTH))
    assert [WORDS.text(month, Detail.DATE) for month in months] == ["1 Jan 2026", "1 Apr 2026"]
    years = list(calendar(at(2019, 6, 1), at(2031, 1, 15), 5 * 365 * DAY, Detail.YEAR))
    assert [WORDS.text(year, Detail.DATE) for year in years] == ["1 Jan 2020", "1 Jan 2025", "1 Jan 2030"]


def test_milliseconds_have_ticks_too() -> None:
    ticks = ticks_of([1.7e9 + 0.004 * n for n in range(20)], Mode.TIME)
    texts = [tick.text for tick in ticks if tick.text]
    assert len(texts) > 3
    assert all("." in text for text in texts)


def test_revisions_have_round_numbers_and_days() -> None:
    scale = RevisionScale(1000, 1.0)
    ticks = index_ticks(scale, 0.0, 999.0, lambda index: at(2026, 1, 1) + index * 3600, WORDS)
    assert [tick.text for tick in ticks][:4] == ["0", "50", "100", "150"]
    assert ticks[0].date == "1 Jan 2026"


def test_a_stretch_without_a_round_moment_still_says_when() -> None:
    scale = TimeScale(array("d", [at(2026, 1, 1, 10, 7), at(2026, 1, 1, 10, 8)]), 0.1)
    assert next(tick.date for tick in time_ticks(scale, 0.0, 800.0, WORDS)) == "1 Jan 2026"


@pytest.mark.parametrize(
    ("seconds", "text", "short"),
    [
        (0.0, "0 ms", "0 ms"),
        (0.012, "12 ms", "12 ms"),
        (1.0, "1 second", "1 s"),
        (90 * 60.0, "2 hours", "2 h"),
        (DAY, "1 day", "1 d"),
        (20 * DAY, "20 days", "20 d"),
        (45 * DAY, "6 weeks", "6 w"),
        (152 * DAY, "5 months", "5 mo"),
        (365 * DAY, "1 year", "1 y"),
        (800 * DAY, "2 years", "2 y"),
    ],
)
def test_lengths_of_time_are_said_in_one_unit(seconds: float, text: str, short: str) -> None:
    assert (WORDS.duration(seconds), WORDS.short_duration(seconds)) == (text, short)


@pytest.mark.usefixtures("berlin")
def test_moments_are_said_as_the_clock_on_the_wall_has_them() -> None:
    moment = at(2026, 7, 1, 12, 30, 5) + 0.25
    assert moment_text(moment) == "2026-07-01 14:30:05"
    assert exact_text(moment) == "2026-07-01 14:30:05.250 +02:00"
