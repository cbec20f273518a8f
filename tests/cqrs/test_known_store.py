"""Whether a store is the one of before: by its id, by witnesses, by a person; once for each connection."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.cqrs.errors import StoreNotRecognised, StoreUnavailable
from desk.cqrs.faults import FaultLog
from desk.cqrs.follow import GrowingPause
from desk.cqrs.known_store import MOST_WITNESSES, Acquaintance, KnownStore, Witness
from desk.cqrs.process import ProcessManagerRunner, ProcessPhase
from desk.cqrs.source import MessageSource, SourceBridge
from desk.cqrs.store import NO_STREAM, Filter, NewEvent, Recorded
from tests.memory_store import STRIDE, MemoryStore
from tests.moments import REAL
from tests.remembered import RememberedInMemory
from tests.waiting import until

NAME = "Somebody"


def fill(store: MemoryStore, count: int, stream: str = "thing-1") -> list[Witness]:
    """The new events' places."""
    there = [event.revision for event in store._streams.get(stream, [])]
    for n in range(len(there), len(there) + count):
        store.append(stream, n - 1 if n else NO_STREAM, (NewEvent(uuid4(), "Happened", b"{}", b""),), timeout=1)
    return [Witness(event.position, event.id) for event in store._streams[stream]][-count:]


class Look:
    """One start of the program over a memory: what one follower is told."""

    def __init__(self, store: MemoryStore, memory: RememberedInMemory) -> None:
        self.reasons: list[str] = []
        self.questions: list[str] = []
        self.known = KnownStore(store, memory, REAL, self.questions.append)

    def place(self, checkpoint: Witness | None, name: str = NAME) -> int | None:
        return self.known.place_of(name, checkpoint, self.reasons.append)


def met(store: MemoryStore, witnesses: list[Witness]) -> RememberedInMemory:
    """The memory of a program that has followed these events of a store."""
    memory = RememberedInMemory()
    look = Look(store, memory)
    look.place(None)
    for witness in witnesses:
        look.known.note(NAME, witness.position, witness.event_id)
    look.known.save()
    return memory


IDS = pytest.mark.parametrize("id_", [None, uuid4()], ids=["no id", "id"])


@IDS
def test_the_store_of_before_is_followed_from_the_checkpoint(id_: UUID | None) -> None:
    store = MemoryStore(id_)
    events = fill(store, 5)
    look = Look(store, met(store, events[:4]))
    assert look.place(events[3]) == events[3].position
    assert look.reasons == look.questions == []


def test_a_first_event_at_position_0_is_a_checkpoint() -> None:
    store = MemoryStore()
    events = fill(store, 2)
    assert Look(store, met(store, events[:1])).place(events[0]) == 0


@IDS
def test_a_scavenged_checkpoint_event_changes_nothing(id_: UUID | None) -> None:
    store = MemoryStore(id_)
    events = fill(store, 6)
    memory = met(store, events[:4])
    store.scavenge(events[3].position)
    look = Look(store, memory)
    assert look.place(events[3]) == events[3].position
    assert look.reasons == look.questions == []


def test_another_id_is_another_store_whatever_its_events() -> None:
    store = MemoryStore(uuid4())
    events = fill(store, 4)
    memory = met(store, events)
    store._id = uuid4()
    look = Look(store, memory)
    assert look.place(events[3]) is None
    assert look.reasons == ["This is another event store than before: it has another id."]


@IDS
def test_another_event_in_a_witness_place_is_another_store(id_: UUID | None) -> None:
    """With the same id too: it was put back from a backup, and written to since."""
    store, other = MemoryStore(id_), MemoryStore(id_)
    events = fill(store, 4)
    fill(other, 6)
    look = Look(other, met(store, events))
    assert look.place(events[3]) is None
    assert "other events" in look.reasons[0]


@IDS
def test_a_log_that_ends_before_what_was_seen_is_another_store(id_: UUID | None) -> None:
    store, other = MemoryStore(id_), MemoryStore(id_)
    events = fill(store, 4)
    other._log = store._log[:2]  # as after putting back a backup
    look = Look(other, met(store, events))
    assert look.place(events[3]) is None
    assert "ends earlier" in look.reasons[0]


def test_an_empty_store_in_place_of_a_full_one_is_another_store() -> None:
    store = MemoryStore()
    look = Look(MemoryStore(), met(store, events := fill(store, 2)))
    assert look.place(events[1]) is None
    assert len(look.reasons) == 1


def test_where_no_witness_is_left_a_person_is_asked_and_nothing_starts_over_meanwhile() -> None:
    store = MemoryStore()
    events = fill(store, 4)
    memory = met(store, events[:3])
    store.scavenge(*(event.position for event in events[:3]))
    look = Look(store, memory)
    for _ in range(3):
        with pytest.raises(StoreNotRecognised, match="is not known"):
            look.place(events[2])
    assert look.questions == [look.known.question]
    assert look.reasons == []


def test_with_its_id_a_store_without_any_witness_is_still_the_same() -> None:
    store = MemoryStore(uuid4())
    events = fill(store, 4)
    memory = met(store, events[:3])
    store.scavenge(*(event.position for event in events[:3]))
    look = Look(store, memory)
    assert look.place(events[2]) == events[2].position
    assert look.questions == []


def test_who_says_that_it_is_the_same_is_asked_once_and_not_at_the_next_start() -> None:
    store = MemoryStore()
    events = fill(store, 4)
    memory = met(store, events[:3])
    store.scavenge(*(event.position for event in events[:3]))
    look = Look(store, memory)
    with pytest.raises(StoreNotRecognised):
        look.place(events[2])
    look.known.decide(same=True)
    assert look.place(events[2]) == events[2].position
    assert look.known.question == ""
    assert look.questions[1:] == [""]
    look.known.save()
    again = Look(store, memory)
    assert again.place(events[2]) == events[2].position
    assert again.questions == again.reasons == []


def test_who_says_that_it_is_another_has_everything_begin_anew() -> None:
    store = MemoryStore()
    events = fill(store, 4)
    memory = met(store, events[:3])
    store.scavenge(*(event.position for event in events[:3]))
    look = Look(store, memory)
    with pytest.raises(StoreNotRecognised):
        look.place(events[2])
    look.known.decide(same=False)
    assert look.place(events[2]) is None
    assert look.place(events[1], "Another") is None
    assert len(look.reasons) == 2


def test_what_is_said_before_anybody_asks_counts_for_nothing() -> None:
    store, other = MemoryStore(), MemoryStore()
    events = fill(store, 2)
    look = Look(other, met(store, events))
    look.known.decide(same=True)
    assert look.place(events[1]) is None


def test_a_store_that_is_away_is_neither_the_same_nor_another() -> None:
    store = MemoryStore()
    events = fill(store, 2)
    memory = met(store, events)
    store.go_away()
    look = Look(store, memory)
    with pytest.raises(StoreUnavailable):
        look.place(events[1])
    store.come_back()
    assert look.place(events[1]) == events[1].position
    assert look.reasons == look.questions == []


def test_a_crash_between_starting_over_and_noting_it_starts_over_again() -> None:
    store, other = MemoryStore(), MemoryStore()
    events = fill(store, 3)
    memory = met(store, events)
    fill(other, 5)

    def crash(_reason: str) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        KnownStore(other, memory, REAL).place_of(NAME, events[2], crash)
    look = Look(other, memory)
    assert look.place(events[2]) is None
    assert len(look.reasons) == 1
    assert look.place(None) is None
    begun_anew = fill(other, 1)[0]
    assert Look(other, memory).place(begun_anew) == begun_anew.position


def test_each_follower_starts_over_by_itself_however_late_it_looks() -> None:
    store, other = MemoryStore(), MemoryStore()
    events = fill(store, 3)
    memory = met(store, events)
    new = fill(other, 5)
    look = Look(other, memory)
    look.place(events[2])
    look.known.note(NAME, new[4].position, new[4].event_id)
    look.known.save()
    late = Look(other, memory)
    assert late.place(events[2], "Late") is None
    assert len(late.reasons) == 1


def test_checkpoints_of_a_version_that_kept_no_witnesses_are_witnesses_themselves() -> None:
    store, other = MemoryStore(), MemoryStore()
    events = fill(store, 3)
    fill(other, 5)
    assert Look(store, RememberedInMemory()).place(events[2]) == events[2].position
    look = Look(other, RememberedInMemory())
    assert look.place(events[1]) is None
    assert look.place(events[2], "Another") is None
    assert len(look.reasons) == 2


def test_a_later_checkpoint_than_any_witness_is_looked_at_too() -> None:
    """A program that was killed had no time to note its last events; the backup put back since lacks them."""
    store, other = MemoryStore(), MemoryStore()
    events = fill(store, 6)
    memory = met(store, events[:3])
    other._log = store._log[:4]
    look = Look(other, memory)
    assert look.place(events[2]) == events[2].position
    assert look.place(events[5], "Ahead") is None
    assert "ends earlier" in look.reasons[0]


def test_an_id_that_a_store_gets_later_is_taken_over_and_counts_from_then_on() -> None:
    store = MemoryStore()
    events = fill(store, 3)
    memory = met(store, events)
    store._id = uuid4()
    assert Look(store, memory).place(events[2]) == events[2].position
    store._id = uuid4()
    assert Look(store, memory).place(events[2]) is None


def test_events_that_a_follower_still_had_of_the_store_before_are_no_witnesses_of_the_new_one() -> None:
    store, other = MemoryStore(), MemoryStore()
    events = fill(store, 3)
    memory = met(store, events[:2])
    look = Look(store, memory)
    look.place(events[1], "Slow")
    look.place(events[1])
    fill(other, 5)
    look.known.store = other
    look.known.lost(NAME)
    look.place(events[1])
    look.known.note("Slow", events[2].position, events[2].event_id)
    look.known.save()
    assert memory.known is not None
    assert memory.known.witnesses == ()


@settings(deadline=None)
@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=400))
def test_witnesses_are_few_the_first_and_the_last_and_spread_over_the_log(strides: list[int]) -> None:
    known, position, seen = Acquaintance(uuid4()), 0, list[int]()
    for stride in strides:
        position += stride
        seen.append(position)
        known = known.having_seen(Witness(position, uuid4()))
    positions = [witness.position for witness in known.witnesses]
    assert positions == sorted(set(positions))
    assert len(positions) == min(len(strides), MOST_WITNESSES)
    assert (positions[0], positions[-1]) == (seen[0], seen[-1])
    gaps = [later - earlier for earlier, later in pairwise(positions)]
    assert max(gaps, default=0) <= max(2 * (seen[-1] - seen[0]) / (MOST_WITNESSES - 1), *strides, 0)


class Counting(MemoryStore):
    """Counts how often it is asked who it is."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def store_id(self) -> UUID | None:
        self.asked += 1
        return super().store_id()

    def event_at(self, position: int) -> Recorded | None:
        self.looked = getattr(self, "looked", 0) + 1
        return super().event_at(position)


@contextmanager
def four_followers(store: MemoryStore, memory: RememberedInMemory, heard: list[UUID]) -> Iterator[Callable[[], bool]]:
    """Three process managers and a bridge over one known store, each from its checkpoint, and what they heard.

    Gives whether all are live.
    """
    known, only, kinds = KnownStore(store, memory, REAL), Filter("^thing-"), frozenset({"Happened"})
    runners = [
        ProcessManagerRunner(
            name, known, memory, only, kinds, lambda event: heard.append(event.id), on_state=lambda _state: None
        )
        for name in ("One", "Two", "Three")
    ]
    source = MessageSource(store, only, FaultLog(REAL))
    bridge = SourceBridge("SourceBridge", source, lambda event: heard.append(event.id), known, memory)
    everybody: tuple[ProcessManagerRunner | SourceBridge, ...] = (*runners, bridge)
    threads = [threading.Thread(target=one.run) for one in everybody]
    for thread in threads:
        thread.start()
    try:
        yield lambda: bool(heard) and all(runner.state.phase is ProcessPhase.LIVE for runner in runners)
    finally:
        for one in everybody:
            one.stop()
        for thread in threads:
            thread.join(60)


def test_four_followers_have_the_store_looked_at_once_for_each_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Counting()
    events = fill(store, 4)
    memory = met(store, events)
    for name in ("One", "Two", "Three", "SourceBridge"):
        memory.save(name, events[2].position, events[2].event_id)
    store.asked = store.looked = 0
    gathered = threading.Barrier(4, timeout=20)

    def rest(_pause: GrowingPause) -> None:
        gathered.wait()  # all four have dropped before the first of them asks again

    monkeypatch.setattr(GrowingPause, "rest", rest)
    heard: list[UUID] = []
    with four_followers(store, memory, heard) as live:
        until(live)
        assert (store.asked, store.looked) == (1, 1)
        store.drop_feeds()
        fill(store, 1)
        until(lambda: store.asked == 2 and live())
    assert (store.asked, store.looked) == (2, 2)


def test_a_store_that_changes_under_running_followers_is_noticed_by_all_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(GrowingPause, "rest", lambda self: self.wait(0.01))
    store = MemoryStore()
    memory, heard = RememberedInMemory(), list[UUID]()
    old = fill(store, 3)
    with four_followers(store, memory, heard) as live:
        until(lambda: live() and heard.count(old[2].event_id) == 4)
        with store._changed:
            store._log.clear()
            store._streams.clear()
        store.drop_feeds()
        fill(store, 2)
        until(lambda: heard.count(store._log[-1].id) == 4)
    assert {memory.kept[name][0] for name in ("One", "Two", "Three", "SourceBridge")} == {STRIDE}
    assert {memory.kept[name][1] for name in ("One", "Two", "Three", "SourceBridge")} == {store._log[-1].id}
