"""Where everything on an axis is: lanes, capsules, what is no event, what is still to come."""

from array import array
from itertools import accumulate, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.application.command_events import EVENTS
from desk.application.history import HistoryColumns
from desk.application.timeline.labels import last_word
from desk.application.timeline.lanes import LANE_HEIGHT, LaneBy, lanes_of
from desk.application.timeline.layout import PAD, TOP, Layout, Note, Side, Wish, lay_out, left_of
from desk.application.timeline.scale import Mode
from desk.application.timeline.view import View
from desk.application.timeline.words import Words

DAY = 86_400.0
BEGIN = 1.75e9
WORDS = Words(lambda text: 6.0 * len(text))
WIDTH, HEIGHT = 900.0, 200.0
NOTHING = Wish()
LIFE = ("BookCreated", "BookListed", "CopyAdded", "HoldPlaced", "CopyLent", "HoldFulfilled", "CopyReturned")


def history(*days: float, types: tuple[str, ...] = LIFE, commands: tuple[int, ...] = ()) -> HistoryColumns:
    columns = HistoryColumns("book-1")
    for revision, day in enumerate(days):
        command = commands[revision] if commands else 0
        who = ("ada", "ben", "")[revision % 3]
        columns.append(revision, revision * 7, BEGIN + day * DAY, types[revision % len(types)], who, command)
    return columns


def laid_out(columns: HistoryColumns, wish: Wish = NOTHING, mode: Mode = Mode.FOLDED, nearer: float = 1.0) -> Layout:
    left = left_of(lanes_of(columns, wish.lanes, HEIGHT - 2 * WORDS.height - 12 - TOP), WORDS)
    view = View(columns.times, mode, WIDTH - left - PAD)
    view.expect(wish.ahead)
    if nearer != 1.0:
        view.zoom(nearer, 0.0)
    return lay_out(columns, view, WIDTH, HEIGHT, WORDS, wish)


@given(
    st.lists(st.floats(0.0, 40.0), max_size=80),
    st.sampled_from(Mode),
    st.sampled_from(LaneBy),
    st.floats(1.0, 30.0),
)
def test_every_event_in_sight_is_on_one_mark_within_the_picture(
    gaps: list[float], mode: Mode, by: LaneBy, nearer: float
) -> None:
    days, total = [], 0.0
    for gap in gaps:
        total += gap
        days.append(total)
    columns = history(*days)
    layout = laid_out(columns, Wish(lanes=by), mode, nearer)
    found = sorted(index for mark in layout.marks for index in mark.members)
    assert len(found) == len(set(found))
    if nearer == 1.0 or not gaps:
        assert found == list(range(len(columns)))
    assert all(TOP <= mark.y <= layout.axis for mark in layout.marks)
    assert all(label.box.left >= 0 and label.box.right <= WIDTH + 1 for label in layout.labels)


@given(st.lists(st.floats(0.0, 20.0), min_size=2, max_size=40), st.floats(1.0, 30.0), st.floats(90.0, 200.0))
def test_nothing_is_written_upon_another_text_the_playhead_s_handle_the_axis_or_the_line_of_now(
    gaps: list[float], nearer: float, height: float
) -> None:
    columns = history(*accumulate(gaps))
    now = columns.times[-1] + DAY
    note = Note(now + 3 * DAY, Side.DUE, "due")
    view = View(columns.times, Mode.FOLDED, WIDTH - 2 * PAD)
    wish = Wish(notes=(note,), now=now)
    view.expect(wish.ahead)
    view.zoom(nearer, WIDTH / 2)
    layout = lay_out(columns, view, WIDTH, height, WORDS, wish)
    boxes = [label.box for label in layout.labels]
    handle = TOP - 4
    assert all(handle <= box.top and box.bottom <= layout.axis for box in boxes)
    assert layout.now is not None
    assert not any(box.left < layout.now < box.right for box in boxes)
    for one, other in combinations(boxes, 2):
        assert one.right <= other.left or other.right <= one.left or one.bottom <= other.top or other.bottom <= one.top


@given(
    st.lists(st.floats(0.0, 20.0), min_size=2, max_size=30),
    st.lists(st.tuples(st.floats(-40.0, 40.0), st.sampled_from(Side)), min_size=1, max_size=12),
    st.sampled_from((LaneBy.NONE, LaneBy.FIELD)),
    st.floats(1.0, 30.0),
)
def test_what_is_no_event_is_whole_and_lies_on_no_other_and_on_no_label(
    gaps: list[float], notes: list[tuple[float, Side]], by: LaneBy, nearer: float
) -> None:
    columns = history(*accumulate(gaps))
    now = columns.times[-1]
    wish = Wish(by, tuple(Note(now + days * DAY, side, "said") for days, side in notes), now)
    layout = laid_out(columns, wish, nearer=nearer)
    boxes = [mark.box for mark in layout.hollow]
    assert all(box.right <= WIDTH for box in boxes)
    labels = [label.box for label in layout.labels]
    assert all(label.right <= WIDTH for label in labels)
    assert not any(one.overlaps(other) for one, other in combinations(boxes + labels, 2))


def test_on_lanes_what_stands_at_the_right_edge_is_written_to_the_left_of_its_mark() -> None:
    layout = laid_out(history(*range(0, 120, 10)), Wish(lanes=LaneBy.ACTOR), Mode.TIME)
    last = next(label for label in layout.labels if label.mark.last == 11)
    assert last.mark.x + last.box.width > WIDTH
    assert last.box.right < last.mark.x


def test_the_newest_event_is_said_in_words_also_where_it_stands_in_a_crowd() -> None:
    columns = history(*range(0, 80, 10), 85, 87, 92, 92, 92)
    view = View(columns.times, Mode.TIME, WIDTH - 2 * PAD)
    layout = lay_out(columns, view, WIDTH, 106.0, WORDS, NOTHING)  # as low as an axis can be
    (newest,) = (mark for mark in layout.marks if mark.last == len(columns) - 1)
    assert newest.count > 1
    assert [label.text for label in layout.labels if label.mark is newest] == ["… Fulfilled"]


def test_a_mark_without_room_for_its_type_says_what_happened_in_a_word() -> None:
    names = ("BookDetailsCorrected", "details-corrected.v2", "OrderShippedV2", "ISBNClaimed", "$metadata", "$>")
    assert [last_word(name) for name in names] == ["Corrected", "Corrected", "Shipped", "Claimed", "Metadata", "$>"]


def test_lanes_by_kind_of_field_are_in_the_order_of_a_book_s_life_and_by_actor_name_who_did_it() -> None:
    columns = history(*range(0, 70, 10))
    fields = laid_out(columns, Wish(lanes=LaneBy.FIELD))
    assert [lane.name for lane in fields.lanes] == ["catalogue", "copies", "loans", "holds"]
    rows = {lane.y: lane.name for lane in fields.lanes}
    by_type = {LIFE[mark.first]: rows[mark.y] for mark in fields.marks}
    assert by_type["CopyLent"] == by_type["CopyReturned"] == "loans"
    assert by_type["HoldPlaced"] == "holds"
    actors = laid_out(columns, Wish(lanes=LaneBy.ACTOR))
    assert [lane.name for lane in actors.lanes] == ["ada", "ben", "nobody"]
    assert min(mark.x for mark in actors.marks) >= actors.left > PAD + 6 * len("nobody")


def test_streams_of_other_systems_have_a_lane_for_each_type_and_the_last_one_has_what_does_not_fit() -> None:
    columns = history(*range(30), types=tuple(f"order{number}" for number in range(30)))
    layout = laid_out(columns, Wish(lanes=LaneBy.FIELD))
    names = [lane.name for lane in layout.lanes]
    assert names[0] == "order0"
    assert names[-1] == f"{30 - len(names) + 1} others"
    assert len(names) == int((layout.axis - TOP) // LANE_HEIGHT)
    assert sum(mark.count for mark in layout.marks) == 30


def test_a_capsule_surrounds_the_events_of_one_command_and_of_no_other() -> None:
    columns = history(*range(0, 60, 10), commands=(1, 2, 2, 3, 0, 0))
    (capsule,) = laid_out(columns, mode=Mode.REVISION).capsules
    inside = [
        mark.first for mark in laid_out(columns, mode=Mode.REVISION).marks if capsule.left < mark.x < capsule.right
    ]
    assert inside == [1, 2]


def test_a_capsule_spans_the_lanes_of_one_command_at_one_moment() -> None:
    columns = history(0, 1, 2, 3, 9, 9, 12, commands=(1, 2, 3, 4, 5, 5, 6))
    layout = laid_out(columns, Wish(lanes=LaneBy.FIELD))
    (capsule,) = layout.capsules
    ends = [mark.y for mark in layout.marks if capsule.left < mark.x < capsule.right]
    assert len(ends) == 2
    assert capsule.top < min(ends)
    assert max(ends) < capsule.bottom


@pytest.mark.parametrize("mode", Mode)
def test_due_dates_stand_to_the_right_of_now_and_overdue_ones_to_its_left(mode: Mode) -> None:
    columns = history(0, 10, 20)
    at = [BEGIN + day * DAY for day in (25, 40, 60)]
    notes = (Note(at[0], Side.DUE, "overdue"), Note(at[2], Side.DUE, "due"), Note(at[2] + 1, Side.PICKUP, "pickup"))
    layout = laid_out(columns, Wish(notes=notes, now=at[1]), mode)
    assert layout.now is not None
    over, due = (mark for mark in layout.hollow if mark.side is Side.DUE)
    assert max(mark.x for mark in layout.marks) < over.x < layout.now < due.x <= WIDTH - PAD + 1
    assert [mark.texts for mark in layout.hollow if mark.side is Side.PICKUP] == [("pickup",)]


@pytest.mark.parametrize("mode", Mode)
def test_a_refused_command_stands_between_the_events_before_and_after_it(mode: Mode) -> None:
    columns = history(0, 10, 20)
    note = Note(BEGIN + 15 * DAY, Side.REFUSED, "Lend copy 1: it is on loan")
    layout = laid_out(columns, Wish(notes=(note,), now=BEGIN + 90 * DAY), mode)
    (hollow,) = layout.hollow
    assert layout.marks[1].x < hollow.x < layout.marks[2].x
    assert layout.now is None, "nothing is known of what comes"


def test_notes_of_one_sort_at_one_place_are_one_mark() -> None:
    due = tuple(Note(BEGIN + 40 * DAY, Side.DUE, f"copy {number}") for number in (1, 2))
    (mark,) = laid_out(history(0, 10), Wish(notes=due, now=BEGIN + 12 * DAY)).hollow
    assert mark.texts == ("copy 1", "copy 2")


def test_what_is_to_come_keeps_its_place_when_events_arrive() -> None:
    columns = history(0, 10, 20)
    view = View(columns.times, Mode.TIME, 800.0)
    view.expect([BEGIN + 40 * DAY])
    columns.append(3, 21, BEGIN + 30 * DAY, "CopyLent", "ada")
    view.grown(front=0, back=1)
    assert view.times == array("d", [BEGIN + day * DAY for day in (0, 10, 20, 30, 40)])
    assert view.count == 4
    assert view.x_of(3) == pytest.approx(480.0)  # as near as the shortest pause lets it
    columns.append(4, 28, BEGIN + 50 * DAY, "CopyLent", "ada")
    view.grown(front=0, back=1)
    assert view.x_of(4) == pytest.approx(view.width)


@pytest.mark.parametrize("mode", Mode)
def test_a_view_at_its_end_follows_what_arrives_also_where_something_is_to_come(mode: Mode) -> None:
    columns = history(*range(0, 400, 10))
    view = View(columns.times, mode, 300.0)
    view.expect([BEGIN + 900 * DAY])
    view.zoom(6.0, 0.0)
    view.reveal(39)
    assert view.at_end
    for number in range(40, 60):
        columns.append(number, number, BEGIN + number * 10 * DAY, "CopyLent", "ada")
        view.grown(front=0, back=1)
        assert 0 <= view.x_of(number) <= view.width


def test_one_word_is_written_for_one_type_wherever_it_stands() -> None:
    columns = history(0, 5, 80, 160, 163, 240, types=("CopyLent", "HoldPlaced", "CopyLent"))
    assert {label.text for label in laid_out(columns, mode=Mode.TIME).labels} == {"Lent", "Hold placed"}
    roomy = history(0, 80, 160, types=("CopyLent", "HoldPlaced"))
    assert {label.text for label in laid_out(roomy, mode=Mode.TIME).labels} == {"Copy lent", "Hold placed"}


def test_sentences_stand_at_marks_that_have_room_for_them_and_else_the_types() -> None:
    few = laid_out(history(0, 10, 20), Wish(sentence=lambda index: f"sentence {index}"))
    assert [label.text for label in few.labels] == ["sentence 0", "sentence 1", "sentence 2"]
    many = laid_out(history(*range(40)), Wish(sentence=lambda index: f"sentence {index}"))
    assert not any("sentence" in label.text for label in many.labels)
    unknown = laid_out(history(0, 10, 20), Wish(sentence=lambda _: ""))
    assert [label.text for label in unknown.labels] == ["Book created", "Book listed", "Copy added"]


def test_every_event_of_the_domain_has_a_group_and_words() -> None:
    assert all(entry.words and entry.group for entry in EVENTS)
