"""The layer that makes appends go wrong when asked: until then it is not in the way."""

from uuid import uuid4

import pytest

from desk.cqrs.errors import Conflict, OutcomeUnknown
from desk.cqrs.failing_store import FailingStore
from desk.cqrs.store import NO_STREAM, NewEvent
from tests.memory_store import MemoryStore


def event() -> NewEvent:
    return NewEvent(uuid4(), "Happened", b"{}", b"{}")


def test_what_reads_and_follows_is_the_stores_own_function_so_that_it_costs_nothing() -> None:
    store = MemoryStore()
    failing = FailingStore(store)
    for name in ("read_stream", "read_all", "follow_stream", "follow_all", "head", "event_at", "store_id", "close"):
        assert getattr(failing, name) == getattr(store, name)


def test_an_append_of_another_stream_goes_well_and_an_answer_is_lost_once() -> None:
    store = MemoryStore()
    failing = FailingStore(store)
    failing.lose_next_answer("a-1")
    assert failing.append("b-1", NO_STREAM, (event(),), timeout=1).revision == 0
    with pytest.raises(OutcomeUnknown):
        failing.append("a-1", NO_STREAM, (event(),), timeout=1)
    assert [one.revision for one in store.read_stream("a-1")] == [0], "the append happened"
    assert failing.append("a-1", 0, (event(),), timeout=1).revision == 1
    assert failing.wanted() == ((), ())


def test_a_second_writer_comes_first_and_the_append_meets_its_conflict() -> None:
    store = MemoryStore()
    failing = FailingStore(store)
    failing.before_next_append("a-1", lambda: store.append("a-1", NO_STREAM, (event(),), timeout=1))
    with pytest.raises(Conflict):
        failing.append("a-1", NO_STREAM, (event(),), timeout=1)
    assert failing.append("a-1", 0, (event(),), timeout=1).revision == 1


def test_what_was_asked_for_can_be_taken_back() -> None:
    failing = FailingStore(MemoryStore())
    failing.lose_next_answer("a-1")
    failing.before_next_append("a-1", lambda: pytest.fail("nobody writes"))
    failing.take_back()
    assert failing.append("a-1", NO_STREAM, (event(),), timeout=1).revision == 0
