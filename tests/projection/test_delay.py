"""Events held back on purpose, for a time or until somebody steps or resumes; and how far behind that makes it."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest

from desk.application.care import ReadModelState, RetryOutcome
from desk.domain.events import CopyAdded
from desk.projection.care import ModelCare
from desk.projection.inbox import BATCH
from desk.projection.opening import open_read_model
from tests.projection.library import Library, Running, project, reading, running, sizes_written, wait_until


@contextmanager
def cared(path: Path, library: Library) -> Iterator[tuple[Running, ModelCare]]:
    """A living read model that is live, and its care."""
    if not path.exists():
        open_read_model(path, 0.0)
    with running(path, library) as projector:
        care = ModelCare(path, library.store, library.registry, projector.projector)
        try:
            projector.until_live()
            yield projector, care
        finally:
            care.close()


def waits(number: int, state: ReadModelState) -> bool:
    """Whether so many wait."""
    return state.waiting == number


def events_in(path: Path) -> int:
    """How many events the read model holds."""
    with reading(path) as catalogue:
        return catalogue.status().events


def test_nothing_behind_is_said_once_all_is_in_it_and_the_position_with_it(path: Path, library: Library) -> None:
    with cared(path, library) as (projector, care):
        position = library.book_created("one")
        state = projector.until_state(lambda state: state.position == position and not state.waiting)
        assert state == ReadModelState(position, live=True, behind=0.0) == care.state()


def test_an_event_is_held_back_for_as_long_as_somebody_wants_and_nothing_is_behind_afterwards(
    path: Path, library: Library
) -> None:
    with cared(path, library) as (projector, care):
        care.set_delay(3600)
        projector.until_state(lambda state: state.delay == 3600)
        begin = time.monotonic()
        position = library.book_created("late")
        projector.until_state(lambda state: state.waiting == 1 and (state.behind or 0) > 150)
        care.set_delay(0.5)
        projector.until_at(position)
        assert time.monotonic() - begin >= 0.5
        assert projector.until_state(lambda state: not state.waiting).behind == 0
        care.set_delay(0)
        assert projector.until_state(lambda state: state.delay == 0).behind == 0


def test_each_event_is_held_back_by_its_own_arrival(
    path: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = sizes_written(monkeypatch)
    with cared(path, library) as (projector, care):
        care.set_delay(0.6)

        def come_apart() -> bool:
            """Not always, where the machine has no time for either."""
            sizes.clear()
            library.book_created(uuid4())
            time.sleep(0.4)
            begin = time.monotonic()
            projector.until_at(library.book_created(uuid4()))
            assert time.monotonic() - begin >= 0.6
            return sizes == [1, 1]

        wait_until(come_apart)


def test_who_wants_it_no_longer_late_need_not_wait(path: Path, library: Library) -> None:
    with cared(path, library) as (projector, care):
        care.set_delay(3600)
        positions = [library.book_created(number) for number in range(3)]
        projector.until_state(lambda state: state.waiting == 3)
        care.set_delay(0)
        projector.until_at(positions[-1])


@pytest.mark.parametrize("paused", [False, True])
def test_a_read_model_that_holds_events_back_stops_at_once(path: Path, library: Library, paused: bool) -> None:
    with cared(path, library) as (projector, care):
        care.pause() if paused else care.set_delay(3600)
        library.book_created("never waited for")
        projector.until_state(lambda state: state.waiting == 1)


def test_while_paused_events_wait_and_are_counted_and_each_step_writes_one(path: Path, library: Library) -> None:
    with cared(path, library) as (projector, care):
        care.pause()
        projector.until_state(lambda state: state.paused)
        assert not care.step().result(60), "nothing waits"
        for number in range(3):
            last = library.book_created(number)
        projector.until_state(lambda state: state.waiting == 3)
        assert events_in(path) == 0
        for written in (1, 2):
            assert care.step().result(60)
            assert events_in(path) == written
            assert projector.until_state(partial(waits, 3 - written)).paused
        care.resume()
        projector.until_at(last)
        assert events_in(path) == 3
        assert projector.until_state(lambda state: not state.paused and not state.waiting).behind == 0


def test_more_than_is_read_ahead_is_said_to_be_more(path: Path, library: Library) -> None:
    with cared(path, library) as (projector, care):
        care.pause()
        for number in range(2 * BATCH + 100):
            last = library.book_created(number)
        state = projector.until_state(lambda state: state.more)
        assert state.waiting == 2 * BATCH
        care.resume()
        projector.until_at(last)
        projector.until_state(lambda state: not state.waiting and not state.more)


def test_a_pause_while_catching_up_holds_back_what_was_there_already(path: Path, library: Library) -> None:
    library.some_history(2)
    open_read_model(path, 0.0)
    library.store.go_away()
    with running(path, library) as projector:
        projector.projector.delay.pause()
        projector.until_state(lambda state: state.paused)
        library.store.come_back()
        projector.projector.wake()
        state = projector.until_state(lambda state: state.waiting > 0)
        assert (state.live, state.behind, state.position) == (False, None, None)
        assert events_in(path) == 0
        projector.projector.delay.resume()
        projector.until_live()
        assert projector.until_state(lambda state: state.live).behind == 0


def test_while_paused_a_parked_stream_is_tried_again_and_a_rebuild_is_switched_to(path: Path, library: Library) -> None:
    book_id = library.book("one")
    with cared(path, library) as (projector, care):
        faults = projector.projector.handler_faults
        faults.fail(f"book-{book_id}")
        projector.until_at(library.write(CopyAdded(book_id=book_id, copy_no=1)))
        care.pause()
        projector.until_state(lambda state: state.paused)
        waiting = library.book_created("waits")
        projector.until_state(lambda state: state.waiting == 1)
        faults.take_back(f"book-{book_id}")
        assert care.retry(f"book-{book_id}").result(60) == RetryOutcome(f"book-{book_id}", 1, 0)
        assert care.repair([book_id]).result(60).repaired == (book_id,)
        assert care.state().waiting == 1
        assert care.rebuild(lambda _progress: None).future.result(60).switched
        state = projector.until_state(lambda state: state.live and state.position == waiting)
        assert (state.paused, state.waiting) == (True, 0)


def test_a_pause_does_not_outlive_its_projector(path: Path, library: Library) -> None:
    with cared(path, library) as (projector, care):
        care.pause()
        care.set_delay(5)
        position = library.book_created("waits")
        projector.until_state(lambda state: state.waiting == 1)
    with cared(path, library) as (projector, care):
        projector.until_at(position)
        assert (care.state().paused, care.state().delay) == (False, 0)


def test_without_a_store_it_is_not_known_how_far_behind_it_is(path: Path, library: Library) -> None:
    position = library.book_created("one")
    project(path, library)
    library.store.go_away()
    with running(path, library) as projector:
        projector.until(lambda: bool(projector.away))
        assert projector.projector.state == ReadModelState(position, behind=None)
        library.store.come_back()
        projector.projector.wake()
        projector.until_state(lambda state: state.behind == 0)
        library.store.drop_feeds()
        assert projector.until_state(lambda state: not state.live).behind is None


def test_what_a_locked_file_keeps_waiting_is_counted(
    path: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.projection.schema._SETTINGS", ("PRAGMA busy_timeout = 1",))
    with cared(path, library) as (projector, _):
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        library.book_created("patient")
        projector.until_state(lambda state: state.waiting == 1 and (state.behind or 0) > 0)
        other.execute("ROLLBACK")
        other.close()
        projector.projector.wake()
        projector.until_state(lambda state: state.behind == 0)
