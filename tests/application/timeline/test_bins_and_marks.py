"""Density and marks: nothing is lost, and nothing lies upon another."""

from array import array
from itertools import accumulate, pairwise
from math import inf

from hypothesis import given
from hypothesis import strategies as st

from desk.application.timeline.bins import column_edges, count_columns
from desk.application.timeline.gaps import Gaps
from desk.application.timeline.labels import Label
from desk.application.timeline.layout import LaneLine, Layout
from desk.application.timeline.marks import LONGEST, Box, Mark, merge_marks
from desk.application.timeline.scale import Mode, fitting_zoom, make_scale

kinds = st.lists(st.integers(0, 7), min_size=1, max_size=200)
places = st.lists(st.floats(0.0, 30.0), min_size=1, max_size=120).map(lambda steps: list(accumulate(steps)))


@given(kinds, st.data())
def test_columns_count_every_event_once(found: list[int], data: st.DataObject) -> None:
    edges = sorted(data.draw(st.lists(st.integers(0, len(found)), min_size=2, max_size=40)))
    columns = count_columns(array("B", found), edges)
    assert sum(columns.totals) == edges[-1] - edges[0]
    assert [sum(counts) for counts in columns.counts] == list(columns.totals)
    for kind, total in zip(columns.kinds, zip(*columns.counts, strict=True), strict=True):
        assert sum(total) == found[edges[0] : edges[-1]].count(kind)


@given(st.lists(st.floats(0.0, 1e5), min_size=1, max_size=300), st.sampled_from(Mode), st.floats(1.5, 4.0))
def test_columns_of_a_scale_hold_all_that_is_in_sight(gaps: list[float], mode: Mode, step: float) -> None:
    times = array("d", accumulate(gaps, initial=1.7e9))
    pauses = Gaps(times)
    scale = make_scale(mode, times, pauses, fitting_zoom(mode, times, pauses, 600.0), 600.0)
    edges = column_edges(scale, -20.0, 640.0, step)
    assert all(a <= b for a, b in pairwise(edges))
    assert (edges[0], edges[-1]) == (0, len(times))


@given(places)
def test_marks_hold_every_event_once_and_in_order(xs: list[float]) -> None:
    marks = merge_marks(xs, range(5, 5 + len(xs)))
    assert [index for mark in marks for index in mark.members] == list(range(5, 5 + len(xs)))


@given(places)
def test_marks_that_are_apart_are_never_nearer_than_six_pixels_unless_a_crowd_is_long(xs: list[float]) -> None:
    for a, b in pairwise(merge_marks(xs, range(len(xs)))):
        near = xs[b.first] - xs[a.last] < 6
        assert not near or xs[b.last] - xs[a.first] > LONGEST


@given(places)
def test_pills_stand_for_few_pixels_only(xs: list[float]) -> None:
    assert all(xs[mark.last] - xs[mark.first] <= LONGEST for mark in merge_marks(xs, range(len(xs))))


def test_two_marks_five_pixels_apart_are_a_pill_and_seven_apart_are_two() -> None:
    assert merge_marks([10.0, 15.0], range(2)) == [Mark(12.5, range(2))]
    assert len(merge_marks([10.0, 17.0], range(2))) == 2


def test_a_place_hits_the_nearest_mark_of_its_lane_within_reach_or_the_one_whose_words_are_there() -> None:
    upper, lower = (merge_marks(xs, range(3), y) for xs, y in (([10.0, 100.0, 103.0], 0.0), ([60.0, 130.0], 40.0)))
    words = (Label(upper[1], "Lent", Box(118, -8, 30, 16)),)
    lanes = (LaneLine(0.0, "one"), LaneLine(40.0, "other"))
    scene = Layout(200, 60, 0, 60, lanes, marks=(*upper, *lower), labels=words)
    assert scene.mark_at(20.0, 5.0, 8.0) is upper[0]
    assert scene.mark_at(101.0, -5.0, 8.0) is upper[1]
    assert scene.mark_at(60.0, 0.0, 8.0) is None, "what another lane has there is not meant"
    assert scene.mark_at(60.0, 30.0, 8.0) is lower[0]
    assert scene.mark_at(130.0, 5.0, 8.0) is upper[1], "its words are there"
    assert scene.mark_at(70.0, 0.0, inf) is upper[1]
    assert Layout(200, 60, 0, 60).mark_at(60.0, 0.0, inf) is None
