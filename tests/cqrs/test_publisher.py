"""What every event publisher promises: held by the one over a store and by the one in this process alike."""

import threading
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from desk.cqrs.aggregate import Aggregate, Decider
from desk.cqrs.errors import Cancelled, Conflict, OutcomeUnknown, StoreUnavailable, TooLarge, WiringError
from desk.cqrs.identity import event_id
from desk.cqrs.messages import Envelope, Sender
from desk.cqrs.metadata import parse_metadata
from desk.cqrs.publisher import EventOrigin, EventPublisher, StorePublisher
from desk.cqrs.repository import Repository
from desk.cqrs.store import NO_STREAM, EventStore, Receipt, Recorded
from tests.cqrs.happenings import Rained, Snowed, registry
from tests.memory_store import MemoryStore
from tests.moments import REAL

SENDER = Sender("ada", REAL)
Rain = Aggregate[int, Rained]


@dataclass(frozen=True, slots=True)
class LetItRain:
    """Rain these millimetres, an event each."""

    mm: tuple[int, ...]


class TooWet(Exception):
    """More rain than there may be."""


def decide(total: int, env: Envelope[Any]) -> tuple[Rained, ...]:
    if total + sum(env.message.mm) > 100:
        raise TooWet
    return tuple(Rained(mm) for mm in env.message.mm)


def evolve(total: int, event: Rained) -> int:
    if event.mm < 0:
        raise ValueError("rain does not rise")
    return total + event.mm


DECIDER: Decider[int, Rained] = Decider(0, decide, evolve, (TooWet,))


@dataclass
class Rig:
    """A publisher, and what can be read of it."""

    publisher: EventPublisher
    streams: EventStore

    def repository(self) -> Repository[int, Rained]:
        return Repository(self.streams, self.publisher, registry(), DECIDER)

    def stored(self, stream: str) -> list[Recorded]:
        return list(self.streams.read_stream(stream))


@pytest.fixture
def rig() -> Iterator[Rig]:
    store = MemoryStore()
    yield Rig(StorePublisher(store, registry(), EventOrigin("here", "1")), store)
    store.close()


def rain(*mm: int) -> Envelope[LetItRain]:
    return SENDER.envelope(LetItRain(mm))


def test_a_commit_comes_back_with_the_last_events_place_once_it_is_durable(rig: Rig) -> None:
    """P1, P25: a receipt, not a promise that nobody keeps."""
    env = rain(1, 2)
    aggregate = rig.repository().get("weather-1")
    aggregate.execute(env)
    outcome = rig.repository().save(aggregate, env)
    stored = rig.stored("weather-1")
    assert outcome.receipt == Receipt("weather-1", 1, stored[1].position, tuple(event.id for event in stored))
    assert (aggregate.version, aggregate.state, aggregate.pending) == (1, 3, ())


def test_events_carry_ids_of_their_command_and_say_who_and_why(rig: Rig) -> None:
    """P6, P17."""
    env = rain(1, 2)
    rig.publisher.publish_all("weather-1", NO_STREAM, (Rained(1), Rained(2)), env)
    stored = rig.stored("weather-1")
    assert [event.id for event in stored] == [event_id(env.id, "weather-1", index) for index in (0, 1)]
    meta = parse_metadata(stored[0].metadata)
    assert (meta.command_id, meta.user, meta.command_type) == (env.id, "ada", "LetItRain")


def test_t02_of_two_at_the_same_revision_the_second_is_a_conflict_and_stores_nothing(rig: Rig) -> None:
    """P2: there is no "any" revision."""
    rig.publisher.publish_all("weather-1", NO_STREAM, (Rained(1),), rain(1))
    with pytest.raises(Conflict) as conflict:
        rig.publisher.publish_all("weather-1", NO_STREAM, (Rained(2),), rain(2))
    assert (conflict.value.expected, conflict.value.actual) == (NO_STREAM, 0)
    assert len(rig.stored("weather-1")) == 1


def test_t04_a_decision_of_three_events_is_stored_whole_or_not_at_all(rig: Rig) -> None:
    """P4: the third event cannot be encoded, so the two before it are not stored either."""
    with pytest.raises(WiringError):
        rig.publisher.publish_all("weather-1", NO_STREAM, (Rained(1), Rained(2), "three"), rain(1))
    aggregate = rig.repository().get("weather-1")
    assert not aggregate.exists


def test_t05_a_failed_commit_leaves_pending_events_and_version_untouched(rig: Rig) -> None:
    """P5, P24: nothing is cleared before the acknowledgement, and a second commit can still succeed."""
    env = rain(1, 2)
    aggregate = rig.repository().get("weather-1")
    aggregate.execute(env)
    rig.publisher.publish_all("weather-1", NO_STREAM, (Snowed(1),), SENDER.envelope("snow"))
    with pytest.raises(Conflict):
        rig.repository().save(aggregate, env)
    assert aggregate.pending == (Rained(1), Rained(2))
    assert (aggregate.version, aggregate.state) == (NO_STREAM, 0)


def test_t06_the_same_command_again_stores_nothing_and_has_the_first_receipt(rig: Rig) -> None:
    """P6: as after an answer that was lost."""
    env = rain(1, 2)
    first = rig.publisher.publish_all("weather-1", NO_STREAM, (Rained(1), Rained(2)), env)
    rig.publisher.publish_all("weather-1", 1, (Rained(3),), rain(3))
    again = rig.publisher.publish_all("weather-1", NO_STREAM, (Rained(1), Rained(2)), env)
    assert again == first
    assert len(rig.stored("weather-1")) == 3


def test_t09_an_event_of_an_unregistered_class_cannot_be_published(rig: Rig) -> None:
    """P18: refused by name, not warned about."""
    with pytest.raises(WiringError, match="date is not a registered event"):
        rig.publisher.publish_all("weather-1", NO_STREAM, (date(2026, 1, 1),), rain(1))


def test_a_decision_above_the_limit_is_refused(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.cqrs.publisher.LARGEST_APPEND", 10)
    with pytest.raises(TooLarge):
        rig.publisher.publish_all("weather-1", NO_STREAM, (Rained(1),), rain(1))


def test_what_was_given_up_before_it_began_stores_nothing(rig: Rig) -> None:
    env = rain(1)
    aggregate = rig.repository().get("weather-1")
    aggregate.execute(env)
    env.cancel.set()
    with pytest.raises(Cancelled):
        rig.repository().save(aggregate, env)
    assert not rig.repository().get("weather-1").exists


def test_an_aggregate_is_what_its_history_says(rig: Rig) -> None:
    rig.publisher.publish_all("weather-1", NO_STREAM, (Rained(40), Rained(2)), rain(40, 2))
    aggregate = rig.repository().get("weather-1")
    assert (aggregate.state, aggregate.version) == (42, 1)
    with pytest.raises(TooWet):
        aggregate.execute(rain(60))


def test_t14_an_error_while_evolving_leaves_nothing_pending(rig: Rig) -> None:
    """P31: events become pending after the state took them, all together."""
    aggregate = rig.repository().get("weather-1")
    with pytest.raises(ValueError, match="rise"):
        aggregate.execute(rain(3, -1))
    assert (aggregate.pending, aggregate.state, aggregate.version) == ((), 0, NO_STREAM)


def test_many_writers_of_one_stream_leave_one_unbroken_order(rig: Rig) -> None:
    done: list[int] = []

    def write(mm: int) -> None:
        while True:
            aggregate = rig.repository().get("weather-1")
            env = rain(mm)
            aggregate.execute(env)
            try:
                rig.repository().save(aggregate, env)
            except Conflict:
                continue
            done.append(mm)
            return

    threads = [threading.Thread(target=write, args=(mm,)) for mm in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    stored = rig.stored("weather-1")
    assert sorted(done) == list(range(8))
    assert [event.revision for event in stored] == list(range(8))
    assert [event.position for event in stored] == sorted(event.position for event in stored)


@pytest.mark.parametrize("error", [StoreUnavailable("away"), OutcomeUnknown("lost")], ids=["away", "lost"])
def test_t05_an_append_that_failed_leaves_the_aggregate_as_it_was(error: StoreUnavailable | OutcomeUnknown) -> None:
    store = MemoryStore()
    publisher = StorePublisher(store, registry(), EventOrigin("here", "1"))
    repository = Repository(store, publisher, registry(), DECIDER)
    aggregate = repository.get("weather-1")
    env = rain(7)
    aggregate.execute(env)
    store.fail_next(error)
    with pytest.raises(type(error)):
        repository.save(aggregate, env)
    assert (aggregate.pending, aggregate.state, aggregate.version) == ((Rained(7),), 0, NO_STREAM)
    assert repository.save(aggregate, env).receipt is not None
    store.close()


def test_t10_the_version_is_that_of_the_last_event_read_whether_it_changed_anything_or_not(rig: Rig) -> None:
    """P19, P32."""
    rig.publisher.publish_all("weather-1", NO_STREAM, (Rained(1), Rained(0)), rain(1, 0))
    aggregate = rig.repository().get("weather-1")
    assert (aggregate.state, aggregate.version) == (1, 1)


def test_what_was_saved_is_known_without_reading_until_an_append_fails() -> None:
    """A repository's assumptions: its own saves, and never what the store has just contradicted."""
    reads: list[str] = []

    class CountedStore(MemoryStore):
        def read_stream(self, stream: str, **how: Any) -> Iterator[Recorded]:
            reads.append(stream)
            return super().read_stream(stream, **how)

    store = CountedStore()
    repository = Repository(store, StorePublisher(store, registry(), EventOrigin("here", "1")), registry(), DECIDER)

    def save(mm: int) -> int:
        env, aggregate = rain(mm), repository.get("weather-1", surely_new=True)
        aggregate.execute(env)
        repository.save(aggregate, env)
        return aggregate.state

    assert [save(1), save(2), save(3)] == [1, 3, 6]
    assert reads == []
    store.fail_next(StoreUnavailable("away"))
    with pytest.raises(StoreUnavailable):
        save(4)
    assert save(5) == 11
    assert reads == ["weather-1"]
    store.close()


def test_a_stream_that_was_not_there_is_read_by_who_hears_of_its_first_event_before_its_sender() -> None:
    """A process manager that took it for not there still would leave the event for ever."""
    heard: list[int] = []

    class TellingStore(MemoryStore):
        def append(self, stream: str, *args: Any, **how: Any) -> Receipt:
            receipt = super().append(stream, *args, **how)
            heard.append(repository.get(stream).version)
            return receipt

    store = TellingStore()
    repository = Repository(store, StorePublisher(store, registry(), EventOrigin("here", "1")), registry(), DECIDER)
    store.fail_next(StoreUnavailable("away"))
    for fails in (True, False):
        env, aggregate = rain(1), repository.get("weather-1", surely_new=True)
        aggregate.execute(env)
        with pytest.raises(StoreUnavailable) if fails else nullcontext():
            repository.save(aggregate, env)
    assert heard == [0]
    store.close()
