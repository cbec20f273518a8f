"""Fields under stable keys, a stream folded once with keyframes, and who set what: against folding everything anew."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from desk.application.book_fields import changes_of_book, compare_fields, fields_of_book
from desk.application.history import Inspection
from desk.application.inspection import folded_stream
from desk.application.inspection.fold import CannotFold, FoldOf, domain_folds, every_fold
from desk.application.inspection.folded_stream import FoldedStream, FoldedStreams
from desk.application.inspection.handler import InspectionQueryHandler
from desk.application.queries import GetInspection
from desk.cqrs.errors import StreamNotFound
from desk.cqrs.store import Recorded
from desk.domain.book import INITIAL, evolve, replay
from desk.domain.events import BookDetailsCorrected
from desk.domain.streams import book_stream
from tests.application.inspection.streams import REGISTRY, STREAM, Reading, random_history, stored
from tests.domain.story import BOOK, added, created, lent, listed, placed, returned, set_aside, uid

FOLD_OF = domain_folds(REGISTRY)
HANGS = book_stream(uid("hangs"))


def looking(events: list[Recorded], fold_of: FoldOf = FOLD_OF) -> tuple[Callable[[GetInspection], Inspection], Reading]:
    reading = Reading(events)
    store: object = reading
    return InspectionQueryHandler(store, FoldedStreams(store, fold_of)).inspection, reading  # type: ignore[arg-type]


def test_the_keys_of_a_book_are_stable_and_its_values_are_json() -> None:
    book = replay((created(), listed(), added(1), placed("R-8"), lent(1, "R-7")))
    fields = fields_of_book(book)
    hold = uid("hold R-8")
    assert fields == {
        "state": "listed",
        "isbn": "9780306406157",
        "title": "Data Structures",
        "authors": ["A. Author"],
        "language": "en",
        "copies/1/state": "onLoan",
        "copies/1/patron": "R-7",
        "copies/1/lent_on": "2024-03-01",
        "copies/1/due_on": "2024-03-22",
        f"holds/{hold}/patron": "R-8",
        f"holds/{hold}/state": "waiting",
        f"holds/{hold}/placed_at": "2024-03-01T10:30:00Z",
    }


@pytest.mark.parametrize("seed", range(12))
def test_what_differs_between_any_two_states_is_what_their_fields_say(seed: int) -> None:
    states = [INITIAL]
    for event in random_history(seed):
        states.append(evolve(states[-1], event))
    for step in (1, 3, 17):
        for before, after in zip(states, states[step:], strict=False):
            assert changes_of_book(before, after) == compare_fields(fields_of_book(before), fields_of_book(after))


@pytest.mark.parametrize("seed", range(1, 7))
def test_the_state_and_who_set_each_field_are_as_if_all_were_folded_anew(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folded_stream, "KEYFRAME", 8)
    history = random_history(seed)
    events = stored(history, users=("ada", "ben", "cy"))
    fold = FOLD_OF(STREAM)
    assert fold is not None
    folded = FoldedStream(fold)
    folded.extend(events[:5])
    folded.extend(events[5:])
    setters: dict[str, Recorded] = {}
    state = INITIAL
    for count, (event, recorded) in enumerate(zip(history, events, strict=True)):
        assert folded.fields(count) == fields_of_book(state)
        assert {key: folded.setter(key, count) for key in setters} == setters
        after = evolve(state, event)
        for key in compare_fields(fields_of_book(state), fields_of_book(after)):
            setters[key] = recorded
        state = after
    assert len(events) > 16, "more than two keyframes"
    assert folded.fields(len(events)) == fields_of_book(state)


def test_a_change_says_who_had_set_what_was_there_before() -> None:
    corrected = BookDetailsCorrected(book_id=BOOK, title="Data Structures and more")
    again = BookDetailsCorrected(book_id=BOOK, title="Trees")
    look, _ = looking(
        stored((created(), listed(), corrected, added(1), again), users=("ada", "ada", "ben", "cy", "cy"))
    )
    (change,) = look(GetInspection(STREAM, 4)).changes
    assert (change.key, change.before, change.after) == ("title", "Data Structures and more", "Trees")
    assert change.set_by is not None
    assert (change.set_by.revision, change.set_by.user, change.set_by.type) == (2, "ben", "BookDetailsCorrected")
    state = {field.key: field for field in look(GetInspection(STREAM, 3)).state}
    assert state["title"].set_by == change.set_by
    assert state["copies/1/state"].set_by is not None
    assert state["copies/1/state"].set_by.user == "cy"


def test_two_revisions_are_compared_with_all_that_happened_between_them() -> None:
    events = (created(), listed(), added(1), lent(1, "R-7"), placed("R-8"), returned(1, "R-7"), set_aside(1, "R-8"))
    look, _ = looking(stored(events))
    found = look(GetInspection(STREAM, 6, since=2))
    assert found.compared is not None
    assert found.compared.revision == 2
    changed = {change.key: (change.before, change.after) for change in found.changes}
    hold = uid("hold R-8")
    assert changed == {
        "copies/1/state": ("available", "onHoldShelf"),
        "copies/1/hold_id": (None, str(hold)),
        f"holds/{hold}/patron": (None, "R-8"),
        f"holds/{hold}/state": (None, "ready"),
        f"holds/{hold}/placed_at": (None, "2024-03-01T10:30:00Z"),
        f"holds/{hold}/copy_no": (None, 1),
        f"holds/{hold}/pickup_until": (None, "2024-03-06"),
    }
    assert look(GetInspection(STREAM, 6, since=-1)).changes[0].before is None


def test_walking_reads_each_event_from_the_store_once() -> None:
    events = stored((created(), listed(), *(added(number) for number in range(1, 200))))
    look, reading = looking(events[:150])
    look(GetInspection(STREAM, 149))
    for revision in range(149, -1, -1):
        assert look(GetInspection(STREAM, revision)).event.revision == revision
    assert reading.read == 150
    reading.events = events
    assert look(GetInspection(STREAM, 200)).event.revision == 200
    assert reading.read == 150 + 1 + 51  # the last known one again, to see that it is the same stream


def test_a_stream_that_was_replaced_in_the_store_is_folded_anew() -> None:
    look, reading = looking(stored((created(), listed(), added(1))))
    look(GetInspection(STREAM, 2))
    other = [replace(event, id=uid(str(event.revision))) for event in stored((created(), listed(), added(1), added(2)))]
    reading.events = other
    assert look(GetInspection(STREAM, 3)).event.id == other[3].id


def test_up_to_the_event_that_cannot_follow_the_state_is_shown_and_then_it_is_said_why_not() -> None:
    events = stored((created(), listed(), lent(7, "R-1"), added(1)))
    look, _ = looking(events)
    broken = look(GetInspection(STREAM, 3))
    assert (broken.changes, broken.state) == ((), ())
    assert "from revision 2 on" in broken.note
    assert look(GetInspection(STREAM, 1)).note == ""
    fold = FOLD_OF(STREAM)
    assert fold is not None
    folded = FoldedStream(fold)
    folded.extend(events)
    with pytest.raises(CannotFold, match="copy 7"):
        folded.fields(3)


def test_a_stream_of_another_system_is_a_merge_of_its_payloads_and_says_so() -> None:
    events = [
        replace(stored((created(),))[0], stream="order-1", revision=number, type="Changed", data=data)
        for number, data in enumerate((b'{"total": 3, "to": {"city": "Bath"}}', b'{"to": {"city": "Oslo"}}'))
    ]
    look, _ = looking(events, every_fold(REGISTRY))
    found = look(GetInspection("order-1", 1))
    assert {field.key: field.value for field in found.state} == {"total": 3, "to.city": "Oslo"}
    assert [(change.key, change.before, change.after) for change in found.changes] == [("to.city", "Bath", "Oslo")]
    assert "merge of their payloads" in found.note


def test_a_stream_that_nothing_folds_shows_the_event_s_own_fields() -> None:
    strange = replace(stored((created(),))[0], stream="order-1", data=b'{"total": 3}')
    look, _ = looking([strange])
    found = look(GetInspection("order-1", 0))
    assert [(field.key, field.value) for field in found.state] == [("total", 3)]
    assert "no aggregate" in found.note
    with pytest.raises(StreamNotFound):
        look(GetInspection("order-1", 5))


class Hanging:
    """A store whose reading of one stream does not end until a test says so."""

    def __init__(self, events: list[Recorded]) -> None:
        self._events = events
        self.reached, self.go_on = threading.Event(), threading.Event()

    def read_stream(self, stream: str, **_: object) -> Iterator[Recorded]:
        if stream == HANGS:
            self.reached.set()
            assert self.go_on.wait(60)
        return iter(self._events)


def test_a_stream_whose_reading_hangs_holds_no_other_and_is_read_once() -> None:
    events = stored((created(), listed()))
    store = Hanging(events)
    streams = FoldedStreams(store, FOLD_OF)  # type: ignore[arg-type]

    def count(stream: str) -> int:
        with streams.upto(stream, 1) as folded:
            assert folded is not None
            return len(folded.events)

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(count, HANGS)
        assert store.reached.wait(60)
        again = pool.submit(count, HANGS)
        assert pool.submit(count, STREAM).result(60) == len(events)
        assert not first.done()
        assert not again.done()
        store.reached.clear()
        store.go_on.set()
        assert (first.result(60), again.result(60)) == (len(events), len(events))
    assert not store.reached.is_set(), "the second of them took what the first had read"
