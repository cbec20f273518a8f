"""The runner of process managers: order, durable position, faults."""

import threading
import time
import zlib
from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

import pytest

from desk.cqrs.errors import AccessDenied, Conflict, OutcomeUnknown, StoreUnavailable, StreamIsGone
from desk.cqrs.follow import GrowingPause
from desk.cqrs.known_store import KnownStore
from desk.cqrs.process import (
    LANES,
    MOST_AHEAD,
    MOST_AT_ONCE,
    ProcessManagerRunner,
    ProcessManagerState,
    ProcessPhase,
    _Progress,
)
from desk.cqrs.store import NO_STREAM, EventStore, Feed, Filter, NewEvent, Recorded
from tests.memory_store import MemoryStore
from tests.moments import REAL
from tests.remembered import RememberedInMemory
from tests.waiting import until

KINDS = frozenset({"Happened"})


class Running:
    """A runner on its thread."""

    def __init__(self, store: EventStore, positions: RememberedInMemory, react: Callable[[Recorded], None]) -> None:
        self.states: list[ProcessManagerState] = []
        known = KnownStore(store, positions, REAL)
        self.runner = ProcessManagerRunner(
            "Test",
            known,
            positions,
            Filter("^thing-"),
            KINDS,
            react,
            on_state=self.states.append,
        )
        self.thread = threading.Thread(target=self.runner.run)
        self.thread.start()

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *_error: object) -> None:
        self.runner.stop()
        self.thread.join(60)
        assert not self.thread.is_alive()


@pytest.fixture
def store() -> Iterator[MemoryStore]:
    opened = MemoryStore()
    yield opened
    opened.close()


def happen(store: MemoryStore, stream: str, times: int = 1, start: int = NO_STREAM) -> None:
    for n in range(times):
        store.append(stream, start + n, (NewEvent(uuid4(), "Happened", b"{}", b""),), timeout=1)


def test_each_stream_is_handled_in_its_order(store: MemoryStore) -> None:
    seen: dict[str, list[int]] = {}
    for n in range(5):
        happen(store, f"thing-{n}", 20)
    lock = threading.Lock()

    def react(event: Recorded) -> None:
        time.sleep(0.0005)
        with lock:
            seen.setdefault(event.stream, []).append(event.revision)

    with Running(store, RememberedInMemory(), react):
        until(lambda: sum(len(revisions) for revisions in seen.values()) == 100)
    assert all(revisions == list(range(20)) for revisions in seen.values())


def test_it_goes_on_where_it_stopped(store: MemoryStore) -> None:
    """T11: a first event at position 0 is not the same as no position."""
    positions, seen = RememberedInMemory(), list[int]()
    happen(store, "thing-a", 3)
    with Running(store, positions, lambda event: seen.append(event.revision)):
        until(lambda: len(seen) == 3)
    happen(store, "thing-a", 2, start=2)
    with Running(store, positions, lambda event: seen.append(event.revision)):
        until(lambda: len(seen) >= 5)
    assert seen == [0, 1, 2, 3, 4]


def test_a_log_without_anything_for_it_is_looked_through_once(store: MemoryStore) -> None:
    positions = RememberedInMemory()
    begun: list[int | None] = []
    follow = store.follow_all

    def noted(*, after: int | None = None, only: Filter | None = None) -> Feed:
        begun.append(after)
        return follow(after=after, only=only)

    for n in range(5):
        store.append("other", NO_STREAM + n, (NewEvent(uuid4(), "Else", b"{}", b""),), timeout=1)
    last = store.head()
    store.append("$own", NO_STREAM, (NewEvent(uuid4(), "$metadata", b"{}", b""),), timeout=1)
    store.follow_all = noted  # type: ignore[method-assign, assignment]
    for _ in range(2):
        with Running(store, positions, lambda _event: None) as running:
            until(lambda: running.runner.state.phase is ProcessPhase.LIVE)
    assert begun == [None, last]


def test_what_hangs_is_not_passed_though_the_log_has_gone_on(store: MemoryStore) -> None:
    positions, release, entered = RememberedInMemory(), threading.Event(), threading.Event()
    happen(store, "thing-a")
    store.append("other", NO_STREAM, (NewEvent(uuid4(), "Else", b"{}", b""),), timeout=1)

    def react(_event: Recorded) -> None:
        entered.set()
        release.wait(60)

    with Running(store, positions, react) as running:
        assert entered.wait(60)
        time.sleep(0.05)
        assert positions.kept == {}
        assert running.runner.state.phase is ProcessPhase.RUNNING
        release.set()
        until(lambda: running.runner.state.phase is ProcessPhase.LIVE)
    assert positions.kept["Test"][0] == store.head()


def test_the_stored_position_never_passes_an_event_that_is_not_done(store: MemoryStore) -> None:
    positions, release, entered = RememberedInMemory(), threading.Event(), threading.Event()
    slow_stream = "thing-slow"
    quick_stream = next(name for name in map("thing-{}".format, range(99)) if lane(name) != lane(slow_stream))
    happen(store, slow_stream)
    happen(store, quick_stream, 5)
    quick: list[int] = []

    def react(event: Recorded) -> None:
        if event.stream == slow_stream:
            entered.set()
            release.wait(60)
        else:
            quick.append(event.revision)

    with Running(store, positions, react):
        entered.wait(60)
        until(lambda: len(quick) == 5)
        assert positions.kept == {}
        release.set()
    assert positions.kept["Test"][0] == store.head()


def lane(stream: str) -> int:
    return zlib.crc32(stream.encode()) % LANES


def test_what_passes_by_itself_is_waited_for(store: MemoryStore) -> None:
    """A conflict too: others were faster as often as it was tried, or nobody tries again at once."""
    happen(store, "thing-a")
    failures, seen = [StoreUnavailable("away"), OutcomeUnknown("lost"), Conflict("isbn-1", 0)], list[int]()

    def react(event: Recorded) -> None:
        if failures:
            raise failures.pop()
        seen.append(event.revision)

    with Running(store, RememberedInMemory(), react) as running:
        until(lambda: seen == [0])
    assert not any(state.phase is ProcessPhase.HALTED for state in running.states)


@pytest.mark.parametrize("final", [StreamIsGone("gone"), AccessDenied("no")], ids=["gone", "denied"])
def test_a_final_no_of_the_store_halts_it_visibly(store: MemoryStore, final: Exception) -> None:
    """Waited for in silence, it would be waited for without end."""
    happen(store, "thing-a")
    failures, seen = [final], list[int]()

    def react(event: Recorded) -> None:
        if failures:
            raise failures.pop()
        seen.append(event.revision)

    with Running(store, RememberedInMemory(), react) as running:
        until(lambda: running.runner.halted)
        assert str(final) in running.runner.state.why
        running.runner.resume()
        until(lambda: seen == [0])


def test_positions_that_cannot_be_read_halt_it_visibly(store: MemoryStore) -> None:
    class Damaged(RememberedInMemory):
        damaged = True

        def load(self, name: str) -> tuple[int, UUID] | None:
            if self.damaged:
                raise ZeroDivisionError("damaged")
            return super().load(name)

    positions, seen = Damaged(), list[int]()
    happen(store, "thing-a")
    with Running(store, positions, lambda event: seen.append(event.revision)) as running:
        until(lambda: running.runner.halted)
        assert "following the store" in running.runner.state.why
        positions.damaged = False
        running.runner.resume()
        until(lambda: seen == [0])


def test_a_dropped_feed_is_taken_up_again(store: MemoryStore) -> None:
    seen: list[int] = []
    happen(store, "thing-a")
    with Running(store, RememberedInMemory(), lambda event: seen.append(event.revision)):
        until(lambda: seen == [0])
        store.drop_feeds()
        happen(store, "thing-a", start=0)
        until(lambda: seen[-1] == 1)


def test_t12_a_bug_halts_it_visibly_and_the_next_start_repeats_that_event(store: MemoryStore) -> None:
    positions, seen = RememberedInMemory(), list[int]()
    happen(store, "thing-a", 3)

    def broken(event: Recorded) -> None:
        if event.revision == 1:
            raise ZeroDivisionError("never by nothing")
        seen.append(event.revision)

    with Running(store, positions, broken) as running:
        until(lambda: running.runner.halted)
        assert running.states == [running.runner.state]
        state = running.runner.state
        assert state.why == "ZeroDivisionError: never by nothing (Happened at revision 1 of thing-a)"
        assert "in broken" in state.details
    with Running(store, positions, lambda event: seen.append(event.revision)):
        until(lambda: len(seen) >= 3)
    assert seen == [0, 1, 2]


def test_t12_after_a_fix_it_goes_on_where_it_halted_and_loses_no_event(store: MemoryStore) -> None:
    positions, seen, fixed = RememberedInMemory(), list[tuple[str, int]](), threading.Event()
    for n in range(20):
        happen(store, f"thing-{n}", 5)

    def react(event: Recorded) -> None:
        if (event.stream, event.revision) == ("thing-7", 2) and not fixed.is_set():
            raise ZeroDivisionError
        seen.append((event.stream, event.revision))

    with Running(store, positions, react) as running:
        until(lambda: running.runner.halted)
        happen(store, "thing-7", 1, start=4)
        running.runner.resume()
        until(lambda: [state.phase for state in running.states].count(ProcessPhase.HALTED) == 2)
        fixed.set()
        running.runner.resume()
        until(lambda: running.runner.state.phase is ProcessPhase.LIVE)
        assert set(seen) == {(f"thing-{n}", revision) for n in range(20) for revision in range(5)} | {("thing-7", 5)}
        assert [revision for stream, revision in dict.fromkeys(seen) if stream == "thing-7"] == [0, 1, 2, 3, 4, 5]
    assert positions.kept["Test"][0] == store.head()


def test_it_is_live_once_it_has_reacted_to_all_that_was_there(store: MemoryStore) -> None:
    release, seen = threading.Event(), list[int]()
    happen(store, "thing-a", 3)

    def slow(event: Recorded) -> None:
        release.wait(60)
        seen.append(event.revision)

    with Running(store, RememberedInMemory(), slow) as running:
        assert running.runner.state.phase is ProcessPhase.RUNNING
        release.set()
        until(lambda: running.runner.state.phase is ProcessPhase.LIVE)
        assert seen == [0, 1, 2]
        store.go_away()
        until(lambda: running.runner.state.phase is ProcessPhase.RUNNING)
        store.come_back()
        until(lambda: running.runner.state.phase is ProcessPhase.LIVE)


def test_t20_a_position_of_another_store_counts_for_nothing(store: MemoryStore) -> None:
    """A server that was set up anew: following on from there would silently deliver nothing, or not all."""
    positions, seen = RememberedInMemory(), list[int]()
    happen(store, "thing-a", 3)
    for stranger in ((store.head() or 0, uuid4()), (10**9, uuid4())):
        positions.kept["Test"] = stranger
        seen.clear()
        with Running(store, positions, lambda event: seen.append(event.revision)) as running:
            until(lambda: running.runner.state.phase is ProcessPhase.LIVE)
        assert seen == [0, 1, 2]


def test_a_halted_one_can_be_stopped(store: MemoryStore) -> None:
    happen(store, "thing-a")

    def broken(_event: Recorded) -> None:
        raise ZeroDivisionError

    with Running(store, RememberedInMemory(), broken) as running:
        until(lambda: running.runner.halted)
    assert running.runner.halted


def test_a_reaction_that_hangs_lets_the_others_go_on_only_so_far(store: MemoryStore) -> None:
    """The events behind it are remembered until it is done: without a bound that is all of a store."""
    release, seen = threading.Event(), list[int]()
    happen(store, "thing-slow")
    stream = next(name for name in map("thing-{}".format, range(99)) if lane(name) != lane("thing-slow"))
    happen(store, stream, MOST_AHEAD + 500)

    def react(event: Recorded) -> None:
        if event.stream == "thing-slow":
            release.wait(60)
        else:
            seen.append(event.revision)

    positions = RememberedInMemory()
    with Running(store, positions, react):
        until(lambda: len(seen) == MOST_AHEAD - 1)
        time.sleep(0.05)
        assert len(seen) == MOST_AHEAD - 1
        release.set()
        until(lambda: len(seen) == MOST_AHEAD + 500)
    assert positions.kept["Test"][0] == store.head()


class LookedAt(int):
    """A position that counts how often one of its kind is compared or sought."""

    looks = 0

    def __hash__(self) -> int:
        LookedAt.looks += 1
        return super().__hash__()

    def __eq__(self, other: object) -> bool:
        LookedAt.looks += 1
        return super().__eq__(other)

    def __lt__(self, other: int) -> bool:
        LookedAt.looks += 1
        return super().__lt__(other)

    def __gt__(self, other: int) -> bool:
        LookedAt.looks += 1
        return super().__gt__(other)


def test_what_a_finished_reaction_costs_does_not_grow_with_those_that_wait_behind_one_that_hangs() -> None:
    progress, count = _Progress(), 1_000
    events = [Recorded(uuid4(), "thing-1", n, LookedAt(n), "Happened", b"", b"", None) for n in range(count)]
    progress._begun.extend((event.position, event.id) for event in events)
    LookedAt.looks = 0
    for event in events[1:]:
        progress.finish(event)
    assert progress.mark() is None
    progress.finish(events[0])
    assert LookedAt.looks <= 6 * count
    assert progress.mark() == (count - 1, events[-1].id)


def test_a_halt_while_the_feed_waits_for_room_is_a_halt_at_once(store: MemoryStore) -> None:
    release, failed = threading.Event(), threading.Event()
    happen(store, "thing-slow")
    other = next(name for name in map("thing-{}".format, range(99)) if lane(name) != lane("thing-slow"))
    happen(store, other, MOST_AT_ONCE + 10)

    def react(event: Recorded) -> None:
        if event.stream == other:
            release.wait(60)
            failed.set()
            raise ZeroDivisionError

    with Running(store, RememberedInMemory(), react) as running:
        time.sleep(0.05)
        release.set()
        assert failed.wait(60)
        until(lambda: running.runner.halted)


def test_it_stops_while_the_feed_waits_for_room_and_the_store_is_away(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits, has_room = threading.Event(), _Progress._has_room
    happen(store, "thing-a", MOST_AT_ONCE + 10)

    def noted(progress: _Progress) -> bool:
        if not has_room(progress):
            waits.set()
        return has_room(progress)

    def react(_event: Recorded) -> None:
        raise StoreUnavailable("No event store answers.")

    monkeypatch.setattr(_Progress, "_has_room", noted)
    with Running(store, RememberedInMemory(), react):
        assert waits.wait(60)


def test_a_store_that_refuses_its_feed_is_said_and_goes_on_once_that_is_mended(store: MemoryStore) -> None:
    """Waited for in silence, it would look as if it were only catching up."""
    seen: list[int] = []
    happen(store, "thing-a")
    store.refusal = AccessDenied("The store refused access.")
    with Running(store, RememberedInMemory(), lambda event: seen.append(event.revision)) as running:
        until(lambda: running.runner.state.why == "The store refused access.")
        assert running.runner.state.phase is ProcessPhase.RUNNING
        store.refusal = None
        running.runner.wake()
        until(lambda: running.runner.state == ProcessManagerState("Test", ProcessPhase.LIVE))
        assert seen == [0]


def test_a_process_manager_that_waits_for_the_store_goes_on_when_woken(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GrowingPause, "rest", lambda self: self.wait(3600.0))
    seen: list[int] = []
    happen(store, "thing-a")
    store.go_away()
    with Running(store, RememberedInMemory(), lambda event: seen.append(event.revision)) as running:
        time.sleep(0.05)
        store.come_back()
        running.runner.wake()
        until(lambda: seen == [0])
