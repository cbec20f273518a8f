"""The event index's part ``events``: it answers as a look at each event would, within its limits, at any time."""

import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk.application.event_index import PartPhase
from desk.application.event_question import EventQuestion, JsonPath, PathCondition, Scalar, matches, name_pattern
from desk.application.event_search import ChosenBy, CountEvents, EventLimits, EventSearch, FindEvents, estimate_of
from desk.application.scanning import PAGE
from desk.application.stream_names import Extent
from desk.cqrs.store import NO_STREAM, NewEvent, Recorded
from desk.projection.index.event_reader import EventReader
from desk.projection.index.events import EVENTS, pin_path, unpin_path
from desk.projection.index.file import connect, create_part, ensure_file, mark, transaction
from tests.memory_store import MemoryStore
from tests.order_system import hostile_events
from tests.projection.index.indexing import indexing
from tests.projection.library import Library
from tests.rounds import few_or_all

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "event-index.sqlite"


def recorded(
    position: int, data: bytes, *, metadata: bytes = b"{}", type: str = "Placed", stream: str = "order-1"
) -> Recorded:
    return Recorded(uuid4(), stream, position, position, type, data, metadata, NOON + timedelta(minutes=position))


def built(path: Path, events: Sequence[Recorded], limits: str = "") -> EventReader:
    """An index of these events, in batches of seven."""
    ensure_file(path)
    with closing(connect(path)) as connection:
        with transaction(connection):
            create_part(connection, EVENTS, limits)
        writer = EVENTS.writer(connection, limits)
        for first in range(0, len(events), 7):
            with transaction(connection):
                writer.apply(events[first : first + 7])
        with transaction(connection):
            writer.finish()
            mark(connection, EVENTS, complete=True)
            if events:
                last = events[-1]
                connection.execute("UPDATE parts SET position = ?, event_id = ?", [last.position, last.id.bytes])
    return EventReader(path)


# ── as a look at each event would ─────────────────────────────────────────────────────────────────────────────

WORDS = ("berlin", "Berlin", "Zoë", "zoe", "R-1001", "r", "1001", "a_b", "Straße", "x", "نعم")
VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-2, 3)
    | st.sampled_from((2**70, 0.5, 1.0))
    | st.sampled_from(("", "{}", "Berlin", "a'b"))
)
NAMES = st.sampled_from(("total", "city", "a b", "ü", "0", "it's"))
DOCUMENTS = st.dictionaries(
    NAMES, VALUES | st.lists(VALUES, max_size=2) | st.dictionaries(NAMES, VALUES, max_size=2), max_size=3
)
TEXTS = st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join)
PAYLOADS = (
    DOCUMENTS.map(lambda document: json.dumps(document).encode())
    | TEXTS.map(lambda text: json.dumps({"text": text}, ensure_ascii=False).encode())
    | st.sampled_from((b"", b"\xff berlin", b'{"total": NaN}', b"null", b"[1]", b'{"a": "x\\nberlin"}', b'"\\ud83d"'))
)
STREAMS = ("order-1", "order-17", "customer-1", "plain")
EVENTS_OF = st.lists(
    st.tuples(
        PAYLOADS,
        st.sampled_from((b"", b'{"$correlationId": "A-1"}', b'{"user": "berlin"}')),
        st.sampled_from(("Placed", "Paid")),
        st.sampled_from(STREAMS),
    ),
    max_size=20,
)
PATHS = st.lists(NAMES | st.integers(0, 1), min_size=1, max_size=2).map(lambda steps: JsonPath(tuple(steps)))


@st.composite
def conditions(draw: st.DrawFn) -> PathCondition:
    operator = draw(st.sampled_from(("", "=", "!=", "<", "<=", ">", ">=")))
    comparable: st.SearchStrategy[Scalar] = st.integers(-2, 3) | st.sampled_from(
        (2**70, 0.5, "", "{}", "Berlin", "a'b")
    )
    value: Scalar = draw(comparable if operator[:1] in ("<", ">") else VALUES)
    return PathCondition(draw(PATHS), operator, value if operator else None)


QUESTIONS = st.builds(
    EventQuestion,
    text=st.lists(st.sampled_from((*WORDS, "b*", "10*", "!?")), max_size=2).map(" ".join),
    types=st.sampled_from(((), ("Placed",), ("Placed", "Paid"), ("None",))),
    type_patterns=st.sampled_from(((), ("^P",), ("aid$", "None"))),
    streams=st.sampled_from(((), ("order",), ("*-1",), ("ORDER 7", "*plain"), ("nothing",))).map(
        lambda typed: tuple(map(name_pattern, typed))
    ),
    category=st.sampled_from(("", "", "order", "customer", "plain")),
    since=st.sampled_from((None, NOON + timedelta(minutes=4))),
    until=st.sampled_from((None, NOON + timedelta(minutes=9))),
    correlation=st.sampled_from(("", "a-1")),
    paths=st.lists(conditions(), max_size=2).map(tuple),
)


@settings(
    max_examples=few_or_all(60, 300), suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(made=EVENTS_OF, question=QUESTIONS, pinned=st.lists(PATHS, max_size=1), before=st.none() | st.integers(0, 20))
def test_an_index_answers_as_a_look_at_each_event_would(
    tmp_path: Path,
    made: list[tuple[bytes, bytes, str, str]],
    question: EventQuestion,
    pinned: list[JsonPath],
    before: int | None,
) -> None:
    events = [
        recorded(place, data, metadata=metadata, type=type_, stream=stream)
        for place, (data, metadata, type_, stream) in enumerate(made)
    ]
    path = tmp_path / "index.sqlite"
    reader = built(path, events)
    wanted = pinned + [condition.path for condition in question.paths[:1] if pinned]
    with closing(connect(path)) as connection, transaction(connection):
        for one in wanted:
            pin_path(connection, one)
    meant = [event for event in reversed(events) if matches(question, event)]
    assert reader.count(question) == len(meant)
    assert list(reader.find(question, before, 100)) == [
        event for event in meant if before is None or event.position < before
    ]
    assert list(reader.find(question, None, 2)) == meant[:2]
    assert set(reader.pinned()) == set(wanted)


def test_hostile_payloads_come_back_as_they_are(path: Path) -> None:
    events = [
        recorded(place, event.data, metadata=event.metadata, type=event.type, stream=stream)
        for place, (stream, event) in enumerate(hostile_events())
    ]
    reader = built(path, events)
    assert list(reversed(reader.find(EventQuestion(), None, 100))) == events
    assert [event.stream for event in reader.find(EventQuestion(text="bottom"), None, 9)] == ["hostile-deep"]
    deep = JsonPath(tuple(f"level{level}" for level in reversed(range(200))))
    assert reader.count(EventQuestion(paths=(PathCondition(deep, "=", "bottom"),))) == 1


def test_a_path_whose_index_is_unpinned_is_answered_still(path: Path) -> None:
    events = [recorded(place, json.dumps({"total": place}).encode()) for place in range(10)]
    reader = built(path, events)
    question = EventQuestion(paths=(PathCondition.parse("$.total > 6"),))
    total = JsonPath.parse("$.total")
    with closing(connect(path)) as connection:
        for change in (pin_path, pin_path, unpin_path, unpin_path):
            with transaction(connection):
                change(connection, total)
            assert [event.position for event in reader.find(question, None, 9)] == [9, 8, 7]
    assert reader.pinned() == ()


# ── streams ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_events_of_each_stream_are_counted(path: Path) -> None:
    streams = ("order-1", "order-2", "customer-1", "plain", "$settings", "order-1")
    events = [recorded(place, b"{}", stream=stream) for place, stream in enumerate(streams)]
    reader = built(path, [replace(event, revision=place // 5) for place, event in enumerate(events)])
    known = reader.known_streams()
    assert known is not None
    assert known.extent is Extent.EVERYTHING
    summaries = [(one.name, one.events, one.revision) for one in known.streams]
    assert summaries[:2] == [("order-1", 2, 1), ("$settings", 1, 0)]
    assert known.streams[0].written == NOON + timedelta(minutes=5)


def test_what_is_not_there_or_paused_is_not_known(path: Path) -> None:
    reader = EventReader(path)
    assert (reader.reach(), reader.known_streams()) == (None, None)
    assert not path.exists()
    built(path, [recorded(0, b"{}")])
    with closing(connect(path)) as connection:
        mark(connection, EVENTS, paused=True)
    assert reader.known_streams() is None
    assert reader.reach() is not None  # what it has can be asked, and what is newer is looked for in the store


# ── limits ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("limits", "found", "missing"),
    [
        (EventLimits(), [3, 2, 1, 0], ""),
        (EventLimits(since=NOON + timedelta(minutes=2)), [3, 2], "Not indexed: events from before 20"),
        (EventLimits(categories=("order",)), [3, 0], "Not indexed: streams of other categories than order."),
        (EventLimits(headers_only=True), [3, 2, 1, 0], "Not indexed: payloads and metadata."),
    ],
)
def test_an_index_within_limits_says_what_it_does_not_have(
    path: Path, limits: EventLimits, found: list[int], missing: str
) -> None:
    library = Library()
    store = library.store
    for place, stream in enumerate(("order-1", "customer-1", "customer-2", "order-2")):
        append(store, stream, b'{"n": %d}' % place)
    events = list(store.read_all())
    if limits.since is not None:
        created = events[2].created
        assert created is not None
        limits = replace(limits, since=created)
    assert EventLimits.parse(str(limits)) == limits
    with indexing(path, library, EVENTS) as one:
        one.builder.build(str(limits)).result(60)
        assert one.builder.state.limits == str(limits)
    reader, search = EventReader(path), EventSearch(store, EventReader(path))
    known = reader.known_streams()
    assert (known is None) == bool(limits.categories)
    answer = search.find(FindEvents(EventQuestion()))
    assert [events.index(event) for event in answer.events] == found
    assert answer.by is ChosenBy.INDEX
    assert answer.missing.startswith(missing)
    assert bool(answer.missing) == bool(missing)
    assert [event.data for event in answer.events] == [events[place].data for place in found]
    assert payloads(path) == (0 if limits.headers_only else len(found))


def payloads(path: Path) -> int:
    """How many payloads the index has."""
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM log_events WHERE json IS NOT NULL").fetchone()[0])


def append(store: MemoryStore, stream: str, data: bytes, type: str = "Placed") -> None:
    store.append(stream, NO_STREAM, (NewEvent(uuid4(), type, data, b"{}"),), timeout=5)


def test_text_is_looked_for_in_the_store_where_the_index_has_headers_only(path: Path) -> None:
    library = Library()
    append(library.store, "order-1", b'{"city": "Berlin"}')
    with indexing(path, library, EVENTS) as one:
        one.builder.build(str(EventLimits(headers_only=True))).result(60)
    search = EventSearch(library.store, EventReader(path))
    answer = search.find(FindEvents(EventQuestion(text="berlin")))
    assert (len(answer.events), answer.by, answer.looked_at) == (1, ChosenBy.LOOKING, 1)
    assert search.count(CountEvents(EventQuestion(text="berlin"))) is None


# ── with the store ────────────────────────────────────────────────────────────────────────────────────────────


def test_without_an_index_the_store_is_looked_through_a_piece_at_a_time() -> None:
    store = MemoryStore()
    for place in range(6 * PAGE):
        append(store, f"order-{place}", b'{"n": %d}' % place)
    search = EventSearch(store, None)
    first = search.find(FindEvents(EventQuestion(paths=(PathCondition.parse("$.n < 2"),))))
    assert (first.events, first.by, first.looked_at) == ((), ChosenBy.LOOKING, 5 * PAGE)
    assert first.before is not None
    second = search.find(FindEvents(EventQuestion(paths=(PathCondition.parse("$.n < 2"),)), before=first.before))
    assert [event.stream for event in second.events] == ["order-1", "order-0"]
    assert second.before is None
    assert search.count(CountEvents(EventQuestion())) is None


def test_pages_follow_each_other_without_gaps_over_store_and_index(path: Path) -> None:
    library = Library()
    for place in range(25):
        append(library.store, f"order-{place}", b"{}")
    with indexing(path, library, EVENTS) as one:
        one.builder.build().result(60)
    for place in range(25, 32):
        append(library.store, f"order-{place}", b"{}")
    search, found, before = EventSearch(library.store, EventReader(path)), list[str](), None
    while True:
        page = search.find(FindEvents(EventQuestion(), before, limit=5))
        found += [event.stream for event in page.events]
        before = page.before
        if before is None:
            break
    assert found == [f"order-{place}" for place in reversed(range(32))]
    assert search.count(CountEvents(EventQuestion())) == 25


def test_it_follows_live_and_is_the_same_as_one_built_at_once(path: Path) -> None:
    library = Library()
    append(library.store, "order-1", b'{"n": 1}')
    with indexing(path, library, EVENTS) as one:
        one.builder.build().result(60)
        append(library.store, "order-2", b'{"n": 2}')
        last = max(event.position for event in library.store.read_all())
        one.until_at(last)
        assert one.builder.state.phase is PartPhase.READY
    assert [event.stream for event in EventReader(path).find(EventQuestion(), None, 9)] == ["order-2", "order-1"]
    other = path.with_name("other.sqlite")
    built(other, list(library.store.read_all()))
    assert contents(path) == contents(other)


def contents(path: Path) -> dict[str, Counter[tuple[object, ...]]]:
    """Everything that the part keeps, and the words with the events that have them."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE VIRTUAL TABLE temp.instances USING fts5vocab(main, 'log_words', 'instance')")
        tables = ("log_streams", "log_types", "log_events", "log_paths", "temp.instances")
        return {table: Counter(connection.execute(f"SELECT * FROM {table}")) for table in tables}


def test_what_an_index_would_take_is_judged_by_the_newest_events() -> None:
    newest = [recorded(2 * place, b"x" * 100, metadata=b"") for place in reversed(range(9_000, 10_000))]
    estimate = estimate_of(newest, newest[0].position, 0.05)
    assert abs(estimate.events - 10_000) < 20
    assert 2_000_000 < estimate.size < 5_000_000
    assert 0.5 < estimate.seconds < 5
    assert estimate_of([], 0, 0.0).events == 0
