"""The three scales, and which pauses are folded."""

from array import array
from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.application.timeline.gaps import LEAST_PIXELS, Gaps
from desk.application.timeline.scale import BREAK, Mode, Scale, fitting_zoom, make_scale

YEAR = 365 * 86_400.0
WIDTH = 1000.0

pauses = st.one_of(
    st.just(0.0), st.floats(0.001, 1.0), st.floats(1.0, 3600.0), st.floats(3600.0, 10 * YEAR, allow_nan=False)
)
times_of_streams = st.builds(
    lambda begin, gaps: array("d", accumulate(gaps, initial=begin)),
    st.floats(1e9, 2e9),
    st.lists(pauses, max_size=60),
)
modes = st.sampled_from(Mode)


def scale_of(mode: Mode, times: "array[float]", nearer: float = 1.0) -> Scale:
    gaps = Gaps(times)
    return make_scale(mode, times, gaps, fitting_zoom(mode, times, gaps, WIDTH) * nearer, WIDTH)


@given(modes, times_of_streams, st.floats(1.0, 1e4))
def test_an_event_s_place_leads_back_to_an_event_at_that_place(
    mode: Mode, times: "array[float]", nearer: float
) -> None:
    scale = scale_of(mode, times, nearer)
    for index in range(len(times)):
        x = scale.to_x(index)
        found = scale.to_index(x)
        assert scale.to_x(found) == pytest.approx(x, abs=0.02 * nearer)
        if mode is Mode.REVISION:
            assert found == index


@given(modes, times_of_streams, st.floats(1.0, 100.0), st.floats(0.0, 1.0))
def test_a_coordinate_and_its_place_are_inverse_everywhere(
    mode: Mode, times: "array[float]", nearer: float, share: float
) -> None:
    scale = scale_of(mode, times, nearer)
    x = share * scale.length
    assert scale.x_at(scale.at(x)) == pytest.approx(x, abs=0.05 * nearer)


@given(modes, times_of_streams)
def test_later_events_are_never_further_left(mode: Mode, times: "array[float]") -> None:
    scale = scale_of(mode, times)
    assert all(scale.to_x(a) <= scale.to_x(b) for a, b in pairwise(range(len(times))))
    assert scale.to_x(0) == 0
    assert scale.to_x(len(times) - 1) == pytest.approx(scale.length)


@given(modes, times_of_streams)
def test_everything_fits_the_width(mode: Mode, times: "array[float]") -> None:
    assert scale_of(mode, times).length <= WIDTH * 1.02


@given(times_of_streams, st.floats(1.0, 1e4))
def test_exactly_the_pauses_over_the_limit_are_folded(times: "array[float]", nearer: float) -> None:
    gaps = Gaps(times)
    zoom = fitting_zoom(Mode.FOLDED, times, gaps, WIDTH) * nearer
    limit = gaps.limit(zoom, WIDTH)
    expected = [(a, b) for a, b in pairwise(times) if b - a > limit]
    assert gaps.folds(zoom, WIDTH) == expected
    scale = make_scale(Mode.FOLDED, times, gaps, zoom, WIDTH)
    folded = list(scale.breaks(-1, scale.length + 1))
    assert [(gap.start, gap.end) for gap in folded] == expected
    for gap in folded:
        assert scale.x_at(gap.end) - scale.x_at(gap.start) == pytest.approx(BREAK, abs=0.01)


@given(times_of_streams, st.integers(0, 30), st.integers(0, 30), st.floats(1.0, 50.0))
def test_pauses_counted_while_growing_are_those_counted_at_once(
    times: "array[float]", front: int, back: int, nearer: float
) -> None:
    growing = times[front : max(len(times) - back, front)]
    gaps = Gaps(growing)
    added = times[:front] if growing else array("d")
    growing[0:0] = added
    gaps.grown(0, len(added))
    rest = times[len(growing) :]
    growing.extend(rest)
    gaps.grown(len(growing) - len(rest), len(growing))
    zoom = fitting_zoom(Mode.FOLDED, times, Gaps(times), WIDTH) * nearer
    assert gaps.folds(zoom, WIDTH) == Gaps(times).folds(zoom, WIDTH)


def test_a_long_stream_notes_new_pauses_without_a_full_count() -> None:
    times = array("d", (float(second) for second in range(4000)))
    gaps = Gaps(times)
    times.extend((4000.0 + YEAR, 4001.0 + YEAR))
    gaps.grown(4000, 4002)
    assert gaps.folds(0.2, WIDTH) == [(3999.0, 4000.0 + YEAR)]
    times[0:0] = array("d", (-YEAR,))
    gaps.grown(0, 1)
    assert gaps.folds(0.2, WIDTH)[0] == (-YEAR, 0.0)


def test_a_year_without_events_is_a_break_of_48_pixels() -> None:
    morning = [1e9 + 600.0 * number for number in range(20)]
    times = array("d", [*morning, *(moment + YEAR for moment in morning)])
    scale = scale_of(Mode.FOLDED, times)
    (gap,) = scale.breaks(0, WIDTH)
    assert gap.end - gap.start == pytest.approx(YEAR - 19 * 600)
    assert scale.to_x(20) - scale.to_x(19) == pytest.approx(BREAK)
    assert scale.length == pytest.approx(WIDTH)
    assert scale.to_x(19) == pytest.approx((WIDTH - BREAK) / 2)


def test_pauses_that_are_all_alike_are_not_folded_when_everything_is_in_sight() -> None:
    times = array("d", (1e9 + 14 * 86_400.0 * number for number in range(12)))
    assert not scale_of(Mode.FOLDED, times).breaks(0, WIDTH)


def test_a_pause_that_would_fill_the_view_is_folded_even_where_all_are_alike() -> None:
    times = array("d", (1e9 + 14 * 86_400.0 * number for number in range(12)))
    assert len(scale_of(Mode.FOLDED, times, 30.0).breaks(0, 1e9)) == 11


def test_nothing_hardly_wider_than_a_break_is_folded() -> None:
    gaps = Gaps(array("d", [0.0, 1.0, 2.0, 50.0]))
    assert gaps.limit(1.0, 500.0) == LEAST_PIXELS


@pytest.mark.parametrize("mode", Mode)
def test_no_event_one_event_and_many_in_one_millisecond_have_a_scale(mode: Mode) -> None:
    for times in (array("d"), array("d", [1e9]), array("d", [1e9] * 50)):
        scale = scale_of(mode, times)
        assert 0 <= scale.length <= WIDTH
        if times:
            assert scale.to_index(scale.to_x(0)) == 0
            assert scale.edge(-1.0) == 0
            assert scale.edge(WIDTH + 1) == len(times)
