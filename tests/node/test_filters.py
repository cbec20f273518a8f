"""What a filter takes."""

import pytest

from desk.node.filters import EventFilter, accept_visible
from desk.node.status import Failure, HandlerThrew


def filter_of(*prefixes: str, pattern: str = "", by_type: bool = False) -> EventFilter:
    return EventFilter(by_type=by_type, pattern=pattern, prefixes=prefixes)


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
