"""What a filter takes."""

import pytest
from esdbclient.protos.Grpc import streams_pb2

from desk.node.filters import EventFilter, WantedEvents, accept_visible
from desk.node.read_requests import parse
from desk.node.status import Failure, HandlerThrew
from tests.node.wiring import read_all


def filter_of(*prefixes: str, pattern: str = "", by_type: bool = False) -> EventFilter:
    return EventFilter(WantedEvents(by_type, pattern, prefixes))


def test_a_stream_is_taken_by_any_of_its_prefixes() -> None:
    chosen = filter_of("book-", "isbn-")
    assert [chosen.accepts(name, "T") for name in ("book-1", "isbn-1", "reader-1", "a-book-1")] == [
        True,
        True,
        False,
        False,
    ]


def test_a_pattern_is_found_anywhere_in_the_name() -> None:
    chosen = filter_of(pattern="^A|B$", by_type=True)
    assert [chosen.accepts("s", kind) for kind in ("Ax", "xB", "xAx", "Bx")] == [True, True, False, False]


def test_a_pattern_wins_over_prefixes() -> None:
    assert not filter_of("book-", pattern="^isbn-").accepts("book-1", "T")


def test_the_nodes_own_streams_are_never_shown() -> None:
    hidden = (
        "$epoch-information",
        "$persistentsubscription-$all::g-checkpoint",
        "$persistentsubscription-$all::g-parked",
    )
    assert not any(accept_visible(name, "T") for name in hidden)
    assert not any(filter_of("$").accepts(name, "T") for name in hidden)
    assert accept_visible("$persistentsubscription-s::g-parked", "T")


def test_what_is_no_pattern_is_refused() -> None:
    with pytest.raises(HandlerThrew):
        filter_of(pattern="(")


def test_a_pattern_that_would_take_for_ever_is_given_up() -> None:
    with pytest.raises(Failure, match="takes too long"):
        filter_of(pattern="^(a|aa)+$").accepts("a" * 60 + "b", "T")


def test_more_names_than_are_remembered_are_judged_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.node.filters._NAMES_REMEMBERED", 2)
    chosen = filter_of("a")
    assert [chosen.accepts(name, "T") for name in ("a1", "b1", "a2", "b2", "a1", "b1")] == [True, False] * 3


@pytest.mark.parametrize(
    ("interval", "shown"), [(1, '{ "max": 7, "checkpointIntervalMultiplier": 1 }'), (0, '{ "max": 7 }')]
)
def test_a_filter_by_neither_type_nor_stream_is_shown_as_the_original_shows_it(interval: int, shown: str) -> None:
    chosen = streams_pb2.ReadReq.Options.FilterOptions(max=7, checkpointIntervalMultiplier=interval)
    with pytest.raises(Failure) as refused:
        parse(read_all(filtered=chosen))
    kind = "EventStore.Client.Streams.ReadReq+Types+Options+Types+FilterOptions"
    assert refused.value.details == f"'{shown}' is not a valid {kind}"


def test_a_pattern_that_is_slow_with_each_of_many_names_is_given_up_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.node.filters._SECONDS_FOR_SLOW_NAMES", 0.1)
    chosen = filter_of(pattern="^(a|aa)+$")
    names = (f"{'a' * 23}!{number}" for number in range(10_000))
    with pytest.raises(Failure, match="takes too long"):
        all(not chosen.accepts(name, "T") for name in names)
