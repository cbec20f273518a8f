"""The process manager that makes ISBNs unique, and the cases in which it is interrupted."""

from collections.abc import Callable
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest

from desk.application.codec import event_registry
from desk.application.registration import BookRegistration
from desk.cqrs.errors import StoreUnavailable
from desk.cqrs.messages import Envelope, Origin, Outcome
from desk.cqrs.metadata import parse_metadata
from desk.domain.commands import DeleteBook, RejectBook
from desk.domain.streams import book_stream
from tests.application.desk_in_memory import DeskInMemory, a_book

ISBN = "9780306406157"


class Crash(Exception):
    """The process is gone."""


def registration(desk: DeskInMemory, before_send: Callable[[str], None] = lambda _step: None) -> BookRegistration:
    def send(env: Envelope[Any]) -> Outcome:
        before_send(type(env.message).__name__)
        return desk.buses.commands.execute_inline(env)

    sender = desk.sender.on_behalf_of(Origin.PROCESS_MANAGER)
    return BookRegistration(desk.buses.aggregates, event_registry(), send, sender)


def run(desk: DeskInMemory, manager: BookRegistration | None = None, *, after: int = -1) -> None:
    """React to all that is in the store, as a restarted manager with a lost position would."""
    manager = manager or registration(desk)
    for event in list(desk.store.read_all()):
        if event.position > after and event.type in ("BookCreated", "BookDeleted"):
            manager.react(event)


def test_a_created_book_gets_its_isbn_and_is_listed(desk: DeskInMemory) -> None:
    book_id = uuid4()
    desk.send(a_book(book_id))
    run(desk)
    assert desk.types(book_stream(book_id)) == ["BookCreated", "BookListed"]
    assert desk.types(f"isbn-{ISBN}") == ["IsbnClaimed"]


def test_the_second_book_of_an_isbn_is_rejected_and_names_the_first(desk: DeskInMemory) -> None:
    first, second = uuid4(), uuid4()
    desk.send(a_book(first))
    desk.send(a_book(second))
    run(desk)
    assert desk.types(book_stream(second)) == ["BookCreated", "BookRejected"]
    state = desk.buses.aggregates.books.load(book_stream(second)).state
    assert state.conflicting_book_id == first


def test_a_deleted_book_gives_its_isbn_back(desk: DeskInMemory) -> None:
    first, second = uuid4(), uuid4()
    desk.send(a_book(first))
    run(desk)
    desk.send(DeleteBook(book_id=first, reason="worn out"))
    run(desk)
    desk.send(a_book(second))
    run(desk)
    assert desk.types(f"isbn-{ISBN}") == ["IsbnClaimed", "IsbnReleased", "IsbnClaimed"]
    assert desk.types(book_stream(second)) == ["BookCreated", "BookListed"]


def test_replaying_all_history_writes_nothing(desk: DeskInMemory) -> None:
    for _ in range(3):
        desk.send(a_book(uuid4()))
    run(desk)
    head = desk.store.head()
    run(desk)
    assert desk.store.head() == head


@pytest.mark.parametrize("crash_before", range(1, 4))
def test_a_crash_at_any_step_is_healed_by_the_next_start(desk: DeskInMemory, crash_before: int) -> None:
    """Crash points: before the claim, between claim and listing, and (for the second book) before the rejection."""
    first, second = uuid4(), uuid4()
    desk.send(a_book(first))
    desk.send(a_book(second))
    steps = count(1)

    def crash(_step: str) -> None:
        if next(steps) == crash_before:
            raise Crash

    with pytest.raises(Crash):
        run(desk, registration(desk, crash))
    run(desk)
    assert desk.types(book_stream(first)) == ["BookCreated", "BookListed"]
    assert desk.types(book_stream(second)) == ["BookCreated", "BookRejected"]
    assert desk.types(f"isbn-{ISBN}") == ["IsbnClaimed"]


def test_a_book_deleted_between_claim_and_listing_gives_the_isbn_back(desk: DeskInMemory) -> None:
    book_id = uuid4()
    desk.send(a_book(book_id))

    def delete_before_listing(step: str) -> None:
        if step == "ListBook":
            desk.send(DeleteBook(book_id=book_id, reason="a mistake"))

    run(desk, registration(desk, delete_before_listing), after=-1)
    assert desk.types(book_stream(book_id)) == ["BookCreated", "BookDeleted"]
    assert desk.types(f"isbn-{ISBN}")[-1] == "IsbnReleased"


def test_refused_once_then_the_owner_is_gone_then_a_restart_claims(desk: DeskInMemory) -> None:
    first, second = uuid4(), uuid4()
    desk.send(a_book(first))
    run(desk)
    desk.send(a_book(second))

    def crash_before_reject(step: str) -> None:
        if step == "RejectBook":
            raise Crash

    with pytest.raises(Crash):
        run(desk, registration(desk, crash_before_reject))
    desk.send(DeleteBook(book_id=first, reason="worn out"))
    for event in list(desk.store.read_all()):
        if event.type == "BookDeleted":
            registration(desk).react(event)
    run(desk)
    assert desk.types(book_stream(second)) == ["BookCreated", "BookListed"]


def delete(desk: DeskInMemory, book_id: UUID) -> None:
    """A user deletes a book, and a manager that is up to date gives its ISBN back."""
    desk.send(DeleteBook(book_id=book_id, reason="worn out"))
    for event in list(desk.store.read_all()):
        if event.type == "BookDeleted":
            registration(desk).react(event)


def test_a_crash_after_the_claim_and_a_deletion_meanwhile_leave_no_claim(desk: DeskInMemory) -> None:
    book_id = uuid4()
    desk.send(a_book(book_id))

    def crash_before_listing(step: str) -> None:
        if step == "ListBook":
            raise Crash

    with pytest.raises(Crash):
        run(desk, registration(desk, crash_before_listing))
    desk.send(DeleteBook(book_id=book_id, reason="a mistake"))
    run(desk)
    assert desk.types(f"isbn-{ISBN}") == ["IsbnClaimed", "IsbnReleased"]


def test_a_claim_for_a_book_that_another_manager_rejected_meanwhile_is_given_back(desk: DeskInMemory) -> None:
    first, second = uuid4(), uuid4()
    desk.send(a_book(first))
    run(desk)
    desk.send(a_book(second))
    meanwhile = [True]

    def others_are_faster(step: str) -> None:
        if step == "ClaimIsbn" and meanwhile:
            meanwhile.clear()
            desk.as_process_manager(RejectBook(book_id=second, conflicting_book_id=first))
            delete(desk, first)

    run(desk, registration(desk, others_are_faster))
    assert desk.types(book_stream(second)) == ["BookCreated", "BookRejected"]
    assert desk.types(f"isbn-{ISBN}") == ["IsbnClaimed", "IsbnReleased", "IsbnClaimed", "IsbnReleased"]


def test_a_rejection_that_comes_too_late_is_an_outcome_and_halts_nobody(desk: DeskInMemory) -> None:
    """Refused the claim; then the owner went, and another manager claimed the ISBN and listed the book."""
    first, second = uuid4(), uuid4()
    desk.send(a_book(first))
    run(desk)
    desk.send(a_book(second))
    meanwhile = [True]

    def others_are_faster(step: str) -> None:
        if step == "RejectBook" and meanwhile:
            meanwhile.clear()
            delete(desk, first)
            run(desk)

    run(desk, registration(desk, others_are_faster))
    assert desk.types(book_stream(second)) == ["BookCreated", "BookListed"]
    assert desk.types(f"isbn-{ISBN}")[-1] == "IsbnClaimed"


def test_two_managers_at_once_write_what_one_would(desk: DeskInMemory) -> None:
    first, second = uuid4(), uuid4()
    desk.send(a_book(first))
    desk.send(a_book(second))
    inner = registration(desk)
    events = [e for e in desk.store.read_all() if e.type == "BookCreated"]
    raced: set[tuple[UUID, str]] = set()

    def the_other_one_is_faster(step: str) -> None:
        for event in events:
            if (event.id, step) not in raced:
                raced.add((event.id, step))
                inner.react(event)

    run(desk, registration(desk, the_other_one_is_faster))
    assert desk.types(book_stream(first)) == ["BookCreated", "BookListed"]
    assert desk.types(book_stream(second)) == ["BookCreated", "BookRejected"]


def test_its_commands_carry_the_story_and_the_event_that_triggered_them(desk: DeskInMemory) -> None:
    book_id, command_id = uuid4(), uuid4()
    desk.send(a_book(book_id), command_id=command_id)
    run(desk)
    created, listed = desk.store.read_stream(book_stream(book_id))
    meta = parse_metadata(listed.metadata)
    assert (meta.correlation_id, meta.trigger) == (command_id, created.id)
    assert meta.issued_at == parse_metadata(created.metadata).issued_at


def test_a_store_that_is_away_is_the_callers_to_wait_for(desk: DeskInMemory) -> None:
    desk.send(a_book())
    desk.store.fail_next(StoreUnavailable("away"))
    with pytest.raises(StoreUnavailable):
        run(desk)


def test_a_stream_that_only_looks_like_a_book_is_left_alone(desk: DeskInMemory) -> None:
    from desk.cqrs.store import NewEvent

    desk.store.append("book-club", -1, (NewEvent(uuid4(), "BookCreated", b"{}", b""),), timeout=1)
    run(desk)
    assert desk.types("book-club") == ["BookCreated"]
