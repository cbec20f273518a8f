"""The process manager of the hold shelf: dates, restarts, replays, and several of it at once."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from desk.application.codec import event_registry
from desk.application.pickup import FEED, KINDS, NAME, DeadlineTimer, HoldPickup
from desk.cqrs.errors import StoreUnavailable, StreamIsGone
from desk.cqrs.identity import step_id
from desk.cqrs.messages import Envelope, Origin, Outcome
from desk.cqrs.metadata import parse_metadata
from desk.cqrs.moments import Moments
from desk.cqrs.process import ProcessManagerRunner, ProcessManagerState, ProcessPhase
from desk.domain.commands import AddCopy, CancelHold, LendCopy, ListBook, PlaceHold, ReportCopyLost
from desk.domain.streams import book_stream
from desk.projection.local import LocalFile
from tests.application.desk_in_memory import NOON, DeskInMemory, a_book
from tests.remembered import known
from tests.waiting import until

PICKUP = timedelta(days=5)
OVER = NOON + PICKUP + timedelta(days=1)


@pytest.fixture
def local(tmp_path: Path) -> Iterator[LocalFile]:
    opened = LocalFile(tmp_path / "local.sqlite")
    yield opened
    opened.close()


class Clock:
    """Says what a test wants it to."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def pickup(
    desk: DeskInMemory,
    local: LocalFile,
    now: Callable[[], datetime] = lambda: OVER,
    before_send: Callable[[Envelope[Any]], None] = lambda _env: None,
) -> HoldPickup:
    def send(env: Envelope[Any]) -> Outcome:
        before_send(env)
        return desk.buses.commands.execute_inline(env)

    sender = replace(desk.sender.on_behalf_of(Origin.PROCESS_MANAGER), moments=Moments(now, uuid4))
    return HoldPickup(local, event_registry(), send, sender)


def react(desk: DeskInMemory, manager: HoldPickup, local: LocalFile) -> None:
    """What the feed gives from the stored position on."""
    stored = local.load(NAME)
    for event in list(desk.store.read_all()):
        if event.type in KINDS and (stored is None or event.position > stored[0]):
            manager.react(event)


def a_listed_book(desk: DeskInMemory, isbn: str = "9780306406157") -> UUID:
    book_id = uuid4()
    desk.send(a_book(book_id, isbn=isbn))
    desk.as_process_manager(ListBook(book_id=book_id))
    return book_id


def set_aside(desk: DeskInMemory, book_id: UUID | None = None, *, at: datetime = NOON) -> tuple[UUID, UUID]:
    """A book, and a hold of it whose copy stands on the hold shelf since ``at``."""
    book, hold = book_id or a_listed_book(desk), uuid4()
    desk.send(AddCopy(book_id=book), issued_at=at)
    desk.send(PlaceHold(book_id=book, hold_id=hold, patron=f"P-{hold.hex[:8].upper()}"), issued_at=at)
    return book, hold


def last(desk: DeskInMemory, book: UUID) -> str:
    return desk.types(book_stream(book))[-1]


def test_on_the_last_day_nothing_happens_and_on_the_day_after_the_hold_expires(
    desk: DeskInMemory, local: LocalFile
) -> None:
    book, _hold = set_aside(desk)
    clock = Clock(NOON + PICKUP)
    manager = pickup(desk, local, clock)
    react(desk, manager, local)
    manager.expire_overdue()
    assert last(desk, book) == "CopySetAside"
    clock.now = OVER
    manager.expire_overdue()
    assert last(desk, book) == "HoldExpired"
    assert local.overdue(date.max) == []
    aside, expired = list(desk.store.read_stream(book_stream(book)))[-2:]
    meta = parse_metadata(expired.metadata)
    assert meta.command_id == step_id(aside.id, "expire")
    assert meta.trigger == aside.id
    assert meta.correlation_id == parse_metadata(aside.metadata).correlation_id
    assert meta.issued_at == OVER


@pytest.mark.parametrize("end", ["fulfilled", "cancelled", "requeued"])
def test_a_hold_that_is_no_longer_on_the_shelf_has_no_deadline(desk: DeskInMemory, local: LocalFile, end: str) -> None:
    book, hold = set_aside(desk)
    patron = f"P-{hold.hex[:8].upper()}"
    ends = {
        "fulfilled": LendCopy(book_id=book, copy_no=1, loan_id=uuid4(), patron=patron),
        "cancelled": CancelHold(book_id=book, hold_id=hold),
        "requeued": ReportCopyLost(book_id=book, copy_no=1),
    }
    manager = pickup(desk, local)
    react(desk, manager, local)
    assert [deadline.hold_id for deadline in local.overdue(date.max)] == [hold]
    desk.send(ends[end])
    react(desk, manager, local)
    assert local.overdue(date.max) == []


def test_the_next_reader_has_as_many_days_as_the_first(desk: DeskInMemory, local: LocalFile) -> None:
    book, _first = set_aside(desk)
    second = uuid4()
    desk.send(PlaceHold(book_id=book, hold_id=second, patron="P-2"))
    manager = pickup(desk, local)
    react(desk, manager, local)
    manager.expire_overdue()
    assert desk.types(book_stream(book))[-2:] == ["HoldExpired", "CopySetAside"]
    react(desk, manager, local)
    (left,) = local.overdue(date.max)
    assert (left.hold_id, left.due_on) == (second, (OVER + PICKUP).date())


def test_all_that_are_overdue_expire_in_the_order_of_their_days(desk: DeskInMemory, local: LocalFile) -> None:
    isbns = ("9780306406157", "9780141439587", "9780261103344")
    days = (2, 0, 1)
    books = [
        set_aside(desk, a_listed_book(desk, isbn), at=NOON + timedelta(days=day))[0]
        for isbn, day in zip(isbns, days, strict=True)
    ]
    sent: list[UUID] = []
    manager = pickup(desk, local, lambda: OVER + timedelta(days=30), lambda env: sent.append(env.message.book_id))
    react(desk, manager, local)
    manager.expire_overdue()
    assert sent == [books[1], books[2], books[0]]


def test_a_deadline_survives_a_restart_and_so_does_the_position(desk: DeskInMemory, tmp_path: Path) -> None:
    path = tmp_path / "restarted.sqlite"
    book, _hold = set_aside(desk)
    first = LocalFile(path)
    react(desk, pickup(desk, first), first)
    stored = first.load(NAME)
    first.close()
    second = LocalFile(path)
    assert second.load(NAME) == stored
    pickup(desk, second).expire_overdue()
    second.close()
    assert last(desk, book) == "HoldExpired"


def test_a_lost_position_is_harmless(desk: DeskInMemory, local: LocalFile, tmp_path: Path) -> None:
    """All history again: rows come and go, and nothing is stored that was not stored before."""
    for _ in range(2):
        book, _hold = set_aside(desk)
        manager = pickup(desk, local)
        react(desk, manager, local)
        manager.expire_overdue()
    head = desk.store.head()
    empty = LocalFile(tmp_path / "empty.sqlite")
    replayed = pickup(desk, empty)
    react(desk, replayed, empty)
    replayed.expire_overdue()
    assert (desk.store.head(), last(desk, book), empty.overdue(date.max)) == (head, "HoldExpired", [])
    empty.close()


def test_a_crash_between_the_books_answer_and_the_row_stores_nothing_twice(desk: DeskInMemory, tmp_path: Path) -> None:
    book, _hold = set_aside(desk)
    path = tmp_path / "crashed.sqlite"
    local = LocalFile(path)
    react(desk, pickup(desk, local), local)
    (row,) = local.overdue(date.max)
    pickup(desk, local).expire_overdue()
    local.set_deadline(NAME, 0, uuid4(), row)  # as it was before the crash
    pickup(desk, local, lambda: OVER + timedelta(days=1)).expire_overdue()
    assert desk.types(book_stream(book)).count("HoldExpired") == 1
    assert local.overdue(date.max) == []
    local.close()


def test_two_at_once_write_what_one_would(desk: DeskInMemory, local: LocalFile, tmp_path: Path) -> None:
    book, _hold = set_aside(desk)
    other_file = LocalFile(tmp_path / "other.sqlite")
    other = pickup(desk, other_file, lambda: OVER + timedelta(hours=1))
    react(desk, other, other_file)
    faster: list[None] = [None]

    def the_other_one_is_faster(_env: Envelope[Any]) -> None:
        if faster:
            faster.pop()
            other.expire_overdue()

    manager = pickup(desk, local, before_send=the_other_one_is_faster)
    react(desk, manager, local)
    manager.expire_overdue()
    assert desk.types(book_stream(book)).count("HoldExpired") == 1
    assert local.overdue(date.max) == other_file.overdue(date.max) == []
    other_file.close()


def test_a_copy_set_aside_anew_is_not_taken_from_its_reader(desk: DeskInMemory, local: LocalFile) -> None:
    """The feed is behind: the row is of the first time, and the book says that its days are not over."""
    book, hold = set_aside(desk)
    clock, sent = Clock(OVER), list[UUID]()
    manager = pickup(desk, local, clock, lambda env: sent.append(env.id))
    react(desk, manager, local)
    desk.send(ReportCopyLost(book_id=book, copy_no=1), issued_at=OVER)
    desk.send(AddCopy(book_id=book), issued_at=OVER)
    manager.expire_overdue()
    manager.expire_overdue()
    assert len(sent) == 1  # asked once a day, not without end
    assert desk.types(book_stream(book))[-1] == "CopySetAside"
    react(desk, manager, local)
    (row,) = local.overdue(date.max)
    assert (row.hold_id, row.due_on) == (hold, (OVER + PICKUP).date())
    clock.now = OVER + PICKUP + timedelta(days=1)
    manager.expire_overdue()
    assert last(desk, book) == "HoldExpired"


def test_a_book_whose_stream_was_tombstoned_keeps_no_other_book_waiting(desk: DeskInMemory, local: LocalFile) -> None:
    gone, _hold = set_aside(desk)
    other, _hold = set_aside(desk, a_listed_book(desk, "9780141439587"))

    def tombstoned(env: Envelope[Any]) -> None:
        if env.message.book_id == gone:
            raise StreamIsGone("The stream was deleted for good.")

    manager = pickup(desk, local, before_send=tombstoned)
    react(desk, manager, local)
    manager.expire_overdue()
    assert last(desk, other) == "HoldExpired"
    assert local.overdue(date.max) == []


def test_a_clock_that_is_set_back_only_delays(desk: DeskInMemory, local: LocalFile) -> None:
    book, _hold = set_aside(desk)
    clock = Clock(NOON - timedelta(days=400))
    manager = pickup(desk, local, clock)
    react(desk, manager, local)
    manager.expire_overdue()
    assert last(desk, book) == "CopySetAside"
    clock.now = OVER
    manager.expire_overdue()
    assert last(desk, book) == "HoldExpired"


@dataclass
class Running:
    """A runner, and the states that it was in."""

    runner: ProcessManagerRunner
    states: list[ProcessManagerState]

    def is_in(self, phase: ProcessPhase) -> bool:
        return bool(self.states) and self.states[-1].phase is phase


@contextmanager
def running(desk: DeskInMemory, manager: HoldPickup) -> Iterator[Running]:
    """The runner and the timer on their threads, as a session has them."""
    states: list[ProcessManagerState] = []

    def entered(state: ProcessManagerState) -> None:
        states.append(state)
        timer.entered(state)

    runner = ProcessManagerRunner(
        NAME, known(desk.store), manager, FEED, KINDS, manager.react, on_state=entered, lanes=1
    )
    timer = DeadlineTimer(manager.expire_overdue, runner.halt, look_every=0.01)
    threads = [threading.Thread(target=runner.run), threading.Thread(target=timer.run)]
    for thread in threads:
        thread.start()
    try:
        yield Running(runner, states)
    finally:
        timer.stop()
        runner.stop()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive()


def test_a_machine_that_slept_for_days_is_only_late(desk: DeskInMemory, local: LocalFile) -> None:
    book, _hold = set_aside(desk)
    clock = Clock(NOON)
    with running(desk, pickup(desk, local, clock)) as process:
        until(lambda: process.is_in(ProcessPhase.LIVE))
        desk.store.go_away()  # its subscription died meanwhile
        clock.now = OVER + timedelta(days=9)
        until(lambda: process.is_in(ProcessPhase.RUNNING))
        desk.store.come_back()
        until(lambda: last(desk, book) == "HoldExpired")


def test_nothing_is_sent_before_all_that_was_stored_meanwhile_is_known(desk: DeskInMemory, local: LocalFile) -> None:
    """The hold was fulfilled while the program was closed: at the next start nobody tells the book anything."""
    book, hold = set_aside(desk)
    react(desk, pickup(desk, local), local)
    desk.send(LendCopy(book_id=book, copy_no=1, loan_id=uuid4(), patron=f"P-{hold.hex[:8].upper()}"))
    sent: list[UUID] = []
    with running(desk, pickup(desk, local, before_send=lambda env: sent.append(env.id))) as process:
        until(lambda: process.is_in(ProcessPhase.LIVE))
        until(lambda: local.overdue(date.max) == [])
    assert sent == []


def test_a_store_that_is_away_is_waited_for(desk: DeskInMemory, local: LocalFile) -> None:
    book, _hold = set_aside(desk)
    desk.store.fail_next(StoreUnavailable("away"))
    with running(desk, pickup(desk, local)):
        until(lambda: last(desk, book) == "HoldExpired")


def test_t12_a_bug_halts_it_visibly_and_nothing_is_lost_or_sent_twice(desk: DeskInMemory, local: LocalFile) -> None:
    book, _hold = set_aside(desk)
    broken = [True]

    def fail(_env: Envelope[Any]) -> None:
        if broken:
            raise ZeroDivisionError

    with running(desk, pickup(desk, local, before_send=fail)) as process:
        until(lambda: process.is_in(ProcessPhase.HALTED))
        assert "telling a book" in process.runner.state.why
        broken.clear()
        process.runner.resume()
        until(lambda: last(desk, book) == "HoldExpired")
    assert desk.types(book_stream(book)).count("HoldExpired") == 1
