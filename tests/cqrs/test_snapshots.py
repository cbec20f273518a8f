"""Aggregates out of snapshots: a command reads what is newer, and decides as if it had read everything."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import pytest

from desk.cqrs.aggregate import Decider
from desk.cqrs.messages import Envelope, Sender
from desk.cqrs.publisher import Encoder, Source, StorePublisher
from desk.cqrs.repository import Repository
from desk.cqrs.snapshots import Snapshot, Snapshots, StateCodec
from desk.cqrs.store import Recorded
from desk.store.memory import MemoryStore
from tests.cqrs.happenings import Rained, registry

EVERY = 5
MOST = 20


@dataclass(frozen=True, slots=True)
class Rain:
    """One millimetre more."""


class TooWet(Exception):
    """More rain than there may be."""


def decide(total: int, env: Envelope[Any]) -> tuple[Rained, ...]:
    if total >= MOST:
        raise TooWet
    return (Rained(1),)


def number(data: bytes) -> int:
    found = json.loads(data)
    if not isinstance(found, int):
        raise ValueError("not a number")
    return found


DECIDER: Decider[int, Rained] = Decider(0, decide, lambda total, event: total + event.mm, (TooWet,))
CODEC: StateCodec[int] = StateCodec("1", lambda total: b"%d" % total, number)


class Shelf:
    """Keeps snapshots in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Snapshot] = {}

    def find(self, stream: str) -> Snapshot | None:
        return self.kept.get(stream)

    def keep(self, snapshot: Snapshot) -> None:
        self.kept[snapshot.stream] = snapshot


class CountedStore(MemoryStore):
    """Tells how many events were read."""

    def __init__(self) -> None:
        super().__init__()
        self.read = 0

    def read_stream(self, stream: str, **how: Any) -> Iterator[Recorded]:
        for event in super().read_stream(stream, **how):
            self.read += 1
            yield event


class Weather:
    """A stream that is rained into by commands, each with a repository that remembers nothing."""

    def __init__(self) -> None:
        self.store, self.shelf = CountedStore(), Shelf()
        self._publisher = StorePublisher(self.store, Encoder(registry(), Source("desk-1", "1")))
        self.last: Envelope[object] | None = None

    def repository(self, codec: StateCodec[int] = CODEC) -> Repository[int, Rained]:
        return Repository(self.store, registry(), DECIDER, snapshots=Snapshots(self.shelf, codec, every=EVERY))

    def rain(self, env: Envelope[object] | None = None, codec: StateCodec[int] = CODEC) -> int:
        """One command; the revision that it led to."""
        self.last = env or Sender("ada").envelope(Rain())
        aggregate = self.repository(codec).get("weather-1")
        aggregate.execute(self.last)
        outcome = self._publisher.merge(aggregate, self.last).commit()
        assert outcome.receipt is not None
        return outcome.receipt.revision

    def reads(self, codec: StateCodec[int] = CODEC) -> tuple[int, int, int]:
        """State and version of the aggregate, and how many events were read for it."""
        before = self.store.read
        aggregate = self.repository(codec).get("weather-1")
        return aggregate.state, aggregate.version, self.store.read - before


@pytest.fixture
def weather() -> Weather:
    """Twelve commands, of which the seventh found a stream that was worth a snapshot."""
    made = Weather()
    for _ in range(12):
        made.rain()
    return made


def test_a_long_stream_is_read_from_its_snapshot_on(weather: Weather) -> None:
    kept = weather.shelf.kept["weather-1"]
    assert (kept.revision, kept.state, len(kept.commands)) == (9, b"10", 10)
    # The snapshot's own last event, which proves that it is of this stream, and two newer ones.
    assert weather.reads() == (12, 11, 3)


def test_a_short_stream_gets_no_snapshot() -> None:
    weather = Weather()
    for _ in range(EVERY):
        weather.rain()
    assert weather.shelf.kept == {}


def test_a_repeat_of_a_command_behind_the_snapshot_leads_to_its_first_outcome() -> None:
    weather = Weather()
    first_revision, first = weather.rain(), weather.last
    for _ in range(11):
        weather.rain()
    assert weather.shelf.kept["weather-1"].revision > first_revision
    assert weather.rain(first) == first_revision
    assert weather.reads()[:2] == (12, 11)


def test_a_refusal_is_decided_on_the_whole_stream(weather: Weather) -> None:
    kept = weather.shelf.kept["weather-1"]
    weather.shelf.keep(replace(kept, state=b"%d" % MOST))
    assert weather.rain() == 12


@pytest.mark.parametrize(
    "spoilt", [{"event_id": uuid4()}, {"schema": "0"}, {"state": b"{"}, {"state": b'"wet"'}, {"revision": 99}]
)
def test_a_snapshot_that_does_not_fit_counts_for_nothing(weather: Weather, spoilt: dict[str, Any]) -> None:
    weather.shelf.keep(replace(weather.shelf.kept["weather-1"], **spoilt))
    assert weather.reads()[:2] == (12, 11)
    kept = weather.shelf.kept["weather-1"]
    assert (kept.revision, kept.state, kept.schema) == (11, b"12", "1")


def test_a_snapshot_of_a_stream_that_is_gone_counts_for_nothing(weather: Weather) -> None:
    weather.shelf.keep(replace(weather.shelf.kept["weather-1"], stream="weather-2"))
    assert not weather.repository().get("weather-2").exists


def test_another_form_of_the_state_takes_a_snapshot_of_its_own(weather: Weather) -> None:
    newer: StateCodec[int] = StateCodec("2", CODEC.encode, CODEC.decode)
    assert weather.reads(newer) == (12, 11, 12)
    assert weather.reads(newer) == (12, 11, 1)


def test_a_look_into_the_past_takes_no_snapshot(weather: Weather) -> None:
    weather.shelf.kept.clear()
    assert weather.repository().load("weather-1", upto=8).version == 8
    assert weather.shelf.kept == {}
