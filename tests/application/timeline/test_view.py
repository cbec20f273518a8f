"""What is in sight, and how it moves."""

from array import array
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.application.timeline.scale import Mode
from desk.application.timeline.view import View

WIDTH = 900.0
streams = st.lists(st.floats(0.01, 1e6), min_size=1, max_size=40).map(
    lambda gaps: array("d", accumulate(gaps, initial=1.7e9))
)
modes = st.sampled_from(Mode)


@given(streams, modes, st.floats(0.0, WIDTH), st.floats(1.05, 40.0))
def test_what_is_under_the_pointer_stays_there_while_zooming(
    times: "array[float]", mode: Mode, x: float, factor: float
) -> None:
    view = View(times, mode, WIDTH)
    held = view.scale.at(view.offset + x)
    view.zoom(factor, x)
    clamped = view.offset in (0.0, pytest.approx(view.scale.length - WIDTH))
    if not clamped:
        assert view.scale.x_at(held) - view.offset == pytest.approx(x, abs=0.05)


@given(streams, modes, st.lists(st.tuples(st.floats(0.1, 10.0), st.floats(0, WIDTH), st.floats(-5e3, 5e3)), max_size=8))
def test_the_window_never_leaves_the_stream(
    times: "array[float]", mode: Mode, moves: list[tuple[float, float, float]]
) -> None:
    view = View(times, mode, WIDTH)
    for factor, x, pixels in moves:
        view.zoom(factor, x)
        view.pan(pixels)
        assert 0 <= view.offset <= max(view.scale.length - WIDTH, 0.0)
        begin, end = view.window()
        assert begin <= end


@given(streams, modes, st.data())
def test_an_event_that_is_revealed_is_in_sight(times: "array[float]", mode: Mode, data: st.DataObject) -> None:
    view = View(times, mode, WIDTH)
    view.zoom(data.draw(st.floats(1.0, 500.0)), data.draw(st.floats(0, WIDTH)))
    index = data.draw(st.integers(0, len(times) - 1))
    view.reveal(index)
    assert -0.1 <= view.x_of(index) <= WIDTH + 0.1


def test_zooming_out_ends_with_everything_in_sight() -> None:
    view = View(array("d", range(100)), Mode.TIME, WIDTH)
    view.zoom(8.0, 100.0)
    assert not view.fitted
    for _ in range(20):
        view.zoom(0.5, 300.0)
    assert view.fitted
    assert view.visible() == (0, 100)


def test_new_events_do_not_move_what_is_in_sight() -> None:
    times = array("d", (float(second) for second in range(500)))
    for mode in (Mode.TIME, Mode.REVISION):
        view = View(times[:400], mode, WIDTH)
        view.zoom(10.0, 300.0)
        before = view.x_of(150)
        view.times.extend(times[400:])
        view.grown(front=0, back=100)
        assert view.x_of(150) == pytest.approx(before)
        view.times[0:0] = array("d", (-50.0, -49.0))
        view.grown(front=2, back=0)
        assert view.x_of(152) == pytest.approx(before)


def test_the_end_is_followed_by_whoever_looks_at_it() -> None:
    view = View(array("d", (float(second) for second in range(300))), Mode.TIME, WIDTH)
    view.zoom(10.0, WIDTH)
    assert view.at_end
    view.times.extend((300.0, 301.0))
    view.grown(front=0, back=2)
    assert view.at_end
    assert view.x_of(301) == pytest.approx(WIDTH)


def test_everything_stays_in_sight_while_it_grows() -> None:
    view = View(array("d", [0.0, 5.0]), Mode.TIME, WIDTH)
    view.times.extend((6.0, 50.0))
    view.grown(front=0, back=2)
    assert view.fitted
    assert view.visible() == (0, 4)


def test_a_crowd_opens() -> None:
    view = View(array("d", [0.0, 0.5, 1.0, *(1e5 + 1000.0 * number for number in range(20))]), Mode.FOLDED, WIDTH)
    view.zoom_to(0, 2)
    assert view.x_of(2) - view.x_of(0) > 200
    assert 0 <= view.x_of(0) < view.x_of(2) <= WIDTH


def test_a_crowd_in_one_millisecond_cannot_be_opened_and_stays() -> None:
    view = View(array("d", [5.0, 5.0, 5.0, 90.0]), Mode.TIME, WIDTH)
    view.zoom_to(0, 2)
    assert view.fitted
