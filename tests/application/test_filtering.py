"""Filters: the server chooses what it can, one stream is looked through in steps, the rest goes to the search."""

import json
from uuid import uuid4

import pytest

from desk.application import filtering
from desk.application.event_question import EventQuestion, JsonPath, PathCondition, expression, name_pattern
from desk.application.event_search import ChosenBy, EventSearch, FindEvents, FoundEvents
from desk.application.filtering import (
    FilterEvents,
    FilterEventsHandler,
    StreamFilter,
)
from desk.application.queries import Source
from desk.cqrs.store import NO_STREAM, NewEvent, Recorded
from tests.memory_store import MemoryStore

STREAM = Source("weather")
A = name_pattern("a-*")


class Searched:
    """The search over several streams: remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[FindEvents] = []

    def __call__(self, query: FindEvents) -> FoundEvents:
        self.asked.append(query)
        return FoundEvents((), None, ChosenBy.INDEX, missing="Not indexed: headers.")


def fill(store: MemoryStore, stream: str, *payloads: object, type_name: str = "Measured") -> None:
    events = tuple(NewEvent(uuid4(), type_name, json.dumps(payload).encode(), b"") for payload in payloads)
    last = max((event.revision for event in store.read_stream(stream)), default=-1) if has(store, stream) else NO_STREAM
    store.append(stream, last, events, timeout=1)


def has(store: MemoryStore, stream: str) -> bool:
    return any(event.stream == stream for event in store.read_all())


def all_of(store: MemoryStore, query: FilterEvents) -> tuple[list[int], int]:
    """Ask on until there is no more: revisions, and in how many answers."""
    ask, found, answers = FilterEventsHandler(store, Searched()), list[Recorded](), 0
    before = query.before
    while True:
        answer: FoundEvents = ask(FilterEvents(query.source, query.wanted, before, query.limit))
        found += answer.events
        answers += 1
        assert answers < 1000
        if answer.before is None:
            return [event.revision for event in found], answers
        before = answer.before


def test_types_and_names_of_streams_go_to_the_server_and_not_both() -> None:
    store, search = MemoryStore(), Searched()
    fill(store, "a-1", {}, type_name="Kept")
    fill(store, "a-2", {}, type_name="Other")
    fill(store, "b-1", {}, type_name="Kept")
    ask = FilterEventsHandler(store, search)
    answer = ask(FilterEvents(Source(), StreamFilter(EventQuestion(types=("Kept",)))))
    assert [event.stream for event in answer.events] == ["b-1", "a-1"]
    assert answer.by is ChosenBy.SERVER
    by_name = ask(FilterEvents(Source(), StreamFilter(EventQuestion(streams=(A,))), limit=1))
    assert ([event.stream for event in by_name.events], by_name.by) == (["a-2"], ChosenBy.SERVER)
    rest = ask(FilterEvents(Source(), StreamFilter(EventQuestion(streams=(A,))), by_name.before, limit=1))
    assert [event.stream for event in rest.events] == ["a-1"]
    assert search.asked == []
    both = ask(FilterEvents(Source(), StreamFilter(EventQuestion(streams=(A,), types=("Kept",)))))
    assert (both.by, both.missing) == (ChosenBy.INDEX, "Not indexed: headers.")
    ask(FilterEvents(Source(category="a"), StreamFilter(EventQuestion(text="Oslo"))))
    assert [query.question for query in search.asked[1:]] == [EventQuestion(text="Oslo", category="a")]


@pytest.mark.parametrize(
    ("source", "asked", "meant"),
    [
        (Source(), EventQuestion(streams=("^b", "2$")), ["b-1", "a-2"]),
        (Source(category="a"), EventQuestion(streams=("2$", "^b")), ["a-2"]),
        (Source(category="a"), EventQuestion(), ["a-2", "a-1"]),
        (Source(), EventQuestion(types=("Other",), type_patterns=("^Kep",)), ["b-1", "a-2", "a-1"]),
        (Source(), EventQuestion(streams=(expression("(?i)^A-"),)), ["a-2", "a-1"]),
        (Source(), EventQuestion(streams=(name_pattern("1 ce"),)), []),
    ],
)
def test_expressions_go_to_the_server(source: Source, asked: EventQuestion, meant: list[str]) -> None:
    store, search = MemoryStore(), Searched()
    for stream, type_name in (("a-1", "Kept"), ("a-2", "Other"), ("b-1", "Kept"), ("$ce-1", "Link")):
        fill(store, stream, {}, type_name=type_name)
    answer = FilterEventsHandler(store, search)(FilterEvents(source, StreamFilter(asked)))
    assert [event.stream for event in answer.events] == meant
    assert (answer.by, search.asked) == (ChosenBy.SERVER, [])


def test_what_the_server_reads_otherwise_is_not_sent_to_it() -> None:
    store, search = MemoryStore(), Searched()
    FilterEventsHandler(store, search)(
        FilterEvents(Source(), StreamFilter(EventQuestion(streams=(expression("^(?P<kind>a|b)-"),))))
    )
    assert len(search.asked) == 1


def test_of_a_question_of_several_kinds_the_server_chooses_what_it_can_and_the_rest_is_looked_at() -> None:
    store = MemoryStore()
    for number in range(30):
        fill(store, f"a-{number}", {"city": "Oslo" if number % 10 == 0 else "Bath"}, type_name="Moved")
        fill(store, f"b-{number}", {"city": "Oslo"}, type_name="Born")
    ask = FilterEventsHandler(store, EventSearch(store, None).find)
    wanted = StreamFilter(EventQuestion(text="Oslo", type_patterns=("^M",)))
    answer = ask(FilterEvents(Source(), wanted))
    assert [event.stream for event in answer.events] == ["a-20", "a-10", "a-0"]
    assert (answer.by, answer.looked_at) == (ChosenBy.NARROWED, 30)
    in_category = ask(FilterEvents(Source(category="b"), StreamFilter(EventQuestion(text="Oslo")), limit=2))
    assert [event.stream for event in in_category.events] == ["b-29", "b-28"]
    assert in_category.by is ChosenBy.NARROWED
    assert ask(FilterEvents(Source(), StreamFilter(EventQuestion(text="Bath")))).by is ChosenBy.LOOKING


def test_one_stream_is_looked_through_in_steps_each_event_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filtering, "AT_ONCE", 10)
    monkeypatch.setattr(filtering, "PAGE", 4)
    store = MemoryStore()
    fill(store, "weather", *({"n": n, "city": "Oslo" if n % 7 == 0 else "Bath"} for n in range(50)))
    wanted = StreamFilter(EventQuestion(paths=(PathCondition.parse('$.city = "Oslo"'),)))
    assert all_of(store, FilterEvents(STREAM, wanted)) == ([49, 42, 35, 28, 21, 14, 7, 0], 5)
    assert all_of(store, FilterEvents(STREAM, wanted, limit=2))[0] == [49, 42, 35, 28, 21, 14, 7, 0]
    assert all_of(store, FilterEvents(STREAM, wanted, before=20))[0] == [14, 7, 0]
    assert all_of(store, FilterEvents(Source("nowhere"), wanted)) == ([], 1)


@pytest.mark.parametrize(("at_once", "page", "limit"), [(5000, 500, 100), (3, 2, 1), (1, 1, 2), (4, 500, 100)])
def test_only_what_changed_a_path_is_found_however_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, at_once: int, page: int, limit: int
) -> None:
    monkeypatch.setattr(filtering, "AT_ONCE", at_once)
    monkeypatch.setattr(filtering, "PAGE", page)
    store = MemoryStore()
    fill(
        store,
        "weather",
        {"city": "Oslo"},
        {"other": 1},
        {"city": "Oslo"},
        {"city": "Bath"},
        {"other": 2},
        {"city": "Bath"},
        {"city": None},
        {"other": 3},
    )
    wanted = StreamFilter(changed=JsonPath.parse("$.city"))
    assert all_of(store, FilterEvents(STREAM, wanted, limit=limit))[0] == [6, 3, 0]
    nothing = StreamFilter(changed=JsonPath.parse("$.nowhere"))
    assert all_of(store, FilterEvents(STREAM, nothing, limit=limit))[0] == []
