"""Live tails: taken up again after a drop and when woken; a stream that is gone ends its tail."""

import time
from collections.abc import Iterator
from uuid import uuid4

import pytest

from desk.application.queries import Source
from desk.application.session import TailState
from desk.application.tails import LiveTail, Tails
from desk.cqrs.follow import GrowingPause
from desk.cqrs.store import NO_STREAM, NewEvent, Recorded
from tests.memory_store import MemoryStore
from tests.waiting import until


@pytest.fixture
def store() -> Iterator[MemoryStore]:
    opened = MemoryStore()
    yield opened
    opened.close()


class Tailed:
    """What one tail delivered and said."""

    def __init__(self, store: MemoryStore, source: Source) -> None:
        self.revisions: list[int] = []
        self.states: list[TailState] = []
        self.tails = Tails(store)
        self.tail: LiveTail = self.tails.follow(source, None, self._take, self.states.append)

    def _take(self, events: tuple[Recorded, ...]) -> None:
        self.revisions.extend(event.revision for event in events)

    def __enter__(self) -> "Tailed":
        return self

    def __exit__(self, *_error: object) -> None:
        self.tails.close()
        assert self.tail.ended


def write(store: MemoryStore, stream: str, expected: int = NO_STREAM) -> None:
    store.append(stream, expected, (NewEvent(uuid4(), "Happened", b"{}", b""),), timeout=1)


SOURCES = pytest.mark.parametrize("source", [Source(stream="thing-1"), Source()], ids=["stream", "all"])


@SOURCES
def test_a_tail_whose_feed_drops_says_so_and_goes_on_with_the_next_event(store: MemoryStore, source: Source) -> None:
    write(store, "thing-1")
    with Tailed(store, source) as tailed:
        until(lambda: tailed.revisions == [0] and TailState(live=True) in tailed.states)
        store.drop_feeds()
        write(store, "thing-1", 0)
        until(lambda: tailed.revisions == [0, 1])
        assert any(not state.live and state.problem for state in tailed.states)


def test_a_tail_that_waits_for_a_store_goes_on_when_it_is_told_that_it_is_back(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GrowingPause, "rest", lambda self: self.wait(3600.0))
    write(store, "thing-1")
    store.go_away()
    with Tailed(store, Source(stream="thing-1")) as tailed:
        until(lambda: bool(tailed.states))
        store.come_back()
        tailed.tails.wake()
        until(lambda: tailed.revisions == [0])


def test_a_stream_that_is_gone_for_good_ends_its_tail_with_a_sentence(store: MemoryStore) -> None:
    write(store, "thing-1")
    store.tombstone("thing-1")
    with Tailed(store, Source(stream="thing-1")) as tailed:
        until(lambda: bool(tailed.states))
        assert "deleted for good" in tailed.states[0].problem
        time.sleep(0.05)
        assert len(tailed.states) == 1
