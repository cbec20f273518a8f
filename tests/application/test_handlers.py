"""What becomes of commands between the bus and the store."""

import threading
from concurrent.futures import Future
from uuid import UUID, uuid4

import pytest

from desk.cqrs.errors import Conflict, OutcomeUnknown, StoreUnavailable, TooLarge, UnknownEvent
from desk.cqrs.identity import event_id
from desk.cqrs.messages import Outcome
from desk.cqrs.metadata import Metadata, encode_metadata, parse_metadata
from desk.cqrs.plugins.origin import NotForUsers
from desk.cqrs.plugins.retry import EditConflict
from desk.cqrs.store import NewEvent
from desk.domain.commands import AddCopy, ClaimIsbn, CorrectBookDetails, LendCopy, ListBook, ReturnCopy
from desk.domain.errors import RuleBroken
from desk.domain.streams import book_stream
from tests.application.desk_in_memory import DeskInMemory, a_book


def listed_book(desk: DeskInMemory) -> UUID:
    book_id = uuid4()
    desk.send(a_book(book_id))
    desk.as_process_manager(ListBook(book_id=book_id))
    return book_id


def test_a_command_ends_with_the_position_of_its_event(desk: DeskInMemory) -> None:
    book_id = uuid4()
    outcome = desk.send(a_book(book_id))
    stored = list(desk.store.read_stream(book_stream(book_id)))
    assert outcome.receipt is not None
    assert (outcome.receipt.position, outcome.receipt.revision) == (stored[0].position, 0)
    assert [type(event).__name__ for event in outcome.events] == ["BookCreated"]


def test_an_event_says_who_why_and_when(desk: DeskInMemory) -> None:
    command_id, book_id = uuid4(), uuid4()
    desk.send(a_book(book_id), command_id=command_id)
    (stored,) = desk.store.read_stream(book_stream(book_id))
    meta = parse_metadata(stored.metadata)
    assert stored.id == event_id(command_id, stored.stream, 0)
    assert (meta.correlation_id, meta.causation_id, meta.command_id) == (command_id,) * 3
    assert (meta.command_type, meta.user, meta.host, meta.schema) == ("CreateBook", "ada", "here", 2)
    assert meta.issued_at is not None
    assert meta.issued_at.isoformat() == "2026-03-02T12:00:00+00:00"


def test_the_same_command_again_returns_its_first_outcome_and_stores_nothing(desk: DeskInMemory) -> None:
    book_id, command_id = listed_book(desk), uuid4()
    first = desk.send(AddCopy(book_id=book_id), command_id=command_id)
    desk.send(AddCopy(book_id=book_id))
    again = desk.send(AddCopy(book_id=book_id), command_id=command_id)
    assert again.repeated
    assert again.receipt == first.receipt
    assert again.events == first.events
    assert desk.types(book_stream(book_id)) == ["BookCreated", "BookListed", "CopyAdded", "CopyAdded"]


def test_a_creation_whose_answer_was_lost_is_known_however_often_it_is_sent_again(desk: DeskInMemory) -> None:
    book, command_id = a_book(), uuid4()
    desk.store.lose_next_answer()
    with pytest.raises(OutcomeUnknown):
        desk.send(book, command_id=command_id)
    assert all(desk.send(book, command_id=command_id).repeated for _ in range(3))
    assert desk.types(book_stream(book.book_id)) == ["BookCreated"]


def test_t03_a_second_create_with_another_command_id_is_refused(desk: DeskInMemory) -> None:
    """T3: nothing is read before the first event, and yet no stream is begun twice."""
    book_id = uuid4()
    desk.send(a_book(book_id))
    with pytest.raises(RuleBroken, match="BookAlreadyExists"):
        desk.send(a_book(book_id, title="Another"))
    assert desk.types(book_stream(book_id)) == ["BookCreated"]


def test_a_refusal_on_a_remembered_state_is_decided_again_on_the_true_one(desk: DeskInMemory) -> None:
    """Somebody else's process returns the copy behind our back; lending it must then work at the first try."""
    book_id = listed_book(desk)
    desk.send(AddCopy(book_id=book_id))
    desk.send(LendCopy(book_id=book_id, copy_no=1, loan_id=uuid4(), patron="P-1"))
    other = DeskInMemoryTwin(desk)
    other.send(ReturnCopy(book_id=book_id, copy_no=1))
    outcome = desk.send(LendCopy(book_id=book_id, copy_no=1, loan_id=uuid4(), patron="P-2"))
    other.close()
    assert outcome.receipt is not None


def DeskInMemoryTwin(desk: DeskInMemory) -> DeskInMemory:
    """A second program over the same store."""
    from desk.application.wiring import ThreadLocalReaders, compose
    from desk.cqrs.publisher import EventOrigin

    class Kept:
        """The store, which the other desk closes."""

        def __getattr__(self, name: str) -> object:
            return (lambda: None) if name == "close" else getattr(desk.store, name)

    buses = compose(desk.store, desk.sender, EventOrigin("there", "0"), ThreadLocalReaders(lambda: None))
    return DeskInMemory(Kept(), buses, desk.sender)  # type: ignore[arg-type]


def test_a_conflict_is_retried_on_what_is_true_then(desk: DeskInMemory) -> None:
    book_id = listed_book(desk)
    desk.store.fail_next(Conflict(book_stream(book_id), 1, 2))
    outcome = desk.send(AddCopy(book_id=book_id))
    assert outcome.attempts == 2
    assert desk.types(book_stream(book_id))[-1] == "CopyAdded"


def test_conflicts_without_end_reach_the_caller(desk: DeskInMemory) -> None:
    book_id = listed_book(desk)
    for _ in range(5):
        desk.store.fail_next(Conflict(book_stream(book_id), 1))
    with pytest.raises(Conflict):
        desk.send(AddCopy(book_id=book_id))
    (counted,) = [one for one in desk.buses.monitoring.statistics() if one.name == "AddCopy"]
    assert (counted.retries, counted.failures) == (4, {"Conflict": 1})


def test_t06_a_lost_answer_is_settled_by_the_same_command(desk: DeskInMemory) -> None:
    book_id, command_id = listed_book(desk), uuid4()
    desk.store.lose_next_answer()
    with pytest.raises(OutcomeUnknown) as unknown:
        desk.send(AddCopy(book_id=book_id), command_id=command_id)
    assert unknown.value.command_id == command_id
    outcome = desk.send(AddCopy(book_id=book_id), command_id=command_id)
    assert outcome.repeated
    assert desk.types(book_stream(book_id)).count("CopyAdded") == 1


def test_a_store_that_is_away_stores_nothing_and_the_next_try_works(desk: DeskInMemory) -> None:
    book_id = listed_book(desk)
    desk.store.fail_next(StoreUnavailable("gone fishing"))
    with pytest.raises(StoreUnavailable):
        desk.send(AddCopy(book_id=book_id))
    assert desk.send(AddCopy(book_id=book_id)).receipt is not None


def test_correcting_a_field_that_somebody_else_corrected_is_an_edit_conflict(desk: DeskInMemory) -> None:
    book_id = listed_book(desk)
    desk.send(CorrectBookDetails(book_id=book_id, seen_revision=1, title="Emma, a novel"))
    with pytest.raises(EditConflict) as conflict:
        desk.send(CorrectBookDetails(book_id=book_id, seen_revision=1, title="EMMA"))
    assert conflict.value.fields == ("title",)


def test_a_correction_back_to_what_this_program_remembers_does_not_overwrite_what_another_one_corrected(
    desk: DeskInMemory,
) -> None:
    """Nothing would change by what this program remembers; by what is true, somebody else's title would be lost."""
    book_id = listed_book(desk)
    desk.send(CorrectBookDetails(book_id=book_id, seen_revision=1, language="en"))
    other = DeskInMemoryTwin(desk)
    other.send(CorrectBookDetails(book_id=book_id, seen_revision=2, title="Emma, a novel"))
    other.close()
    with pytest.raises(EditConflict):
        desk.send(CorrectBookDetails(book_id=book_id, seen_revision=2, title="Emma"))
    assert desk.types(book_stream(book_id)).count("BookDetailsCorrected") == 2


def test_correcting_another_field_meanwhile_is_no_conflict(desk: DeskInMemory) -> None:
    book_id = listed_book(desk)
    desk.send(CorrectBookDetails(book_id=book_id, seen_revision=1, title="Emma, a novel"))
    assert desk.send(CorrectBookDetails(book_id=book_id, seen_revision=1, language="en")).receipt is not None


def test_internal_commands_are_refused_from_users(desk: DeskInMemory) -> None:
    with pytest.raises(NotForUsers):
        desk.send(ClaimIsbn(isbn="9780306406157", book_id=uuid4()))


def test_t10_a_stream_with_events_of_a_newer_desk_is_not_decided_on(desk: DeskInMemory) -> None:
    """T10."""
    book_id = listed_book(desk)
    foreign = NewEvent(uuid4(), "BookDigitised", b"{}", encode_metadata(Metadata()))
    desk.store.append(book_stream(book_id), 1, (foreign,), timeout=1)
    with pytest.raises(UnknownEvent):
        desk.send(AddCopy(book_id=book_id))


def test_a_decision_above_the_limit_is_refused_by_name(desk: DeskInMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.cqrs.publisher.LARGEST_APPEND", 100)
    with pytest.raises(TooLarge):
        desk.send(a_book())
    assert desk.store.head() is None


def test_commands_of_one_book_keep_their_order_and_those_of_many_run_side_by_side(desk: DeskInMemory) -> None:
    book_id = listed_book(desk)
    futures: list[Future[Outcome]] = [desk.begin(AddCopy(book_id=book_id, shelf_mark=f"S{n}")) for n in range(50)]
    outcomes = [future.result(60) for future in futures]
    revisions = [outcome.receipt.revision for outcome in outcomes if outcome.receipt]
    assert revisions == list(range(2, 52))


def test_the_same_command_while_it_runs_is_the_same_future(desk: DeskInMemory) -> None:
    gate, entered = threading.Event(), threading.Event()
    append = desk.store.append

    def slow(*args: object, **kwargs: object) -> object:
        entered.set()
        gate.wait(60)
        return append(*args, **kwargs)  # type: ignore[arg-type]

    desk.store.append = slow  # type: ignore[method-assign, assignment]
    command, command_id = a_book(), uuid4()
    first = desk.begin(command, command_id=command_id)
    entered.wait(60)
    second = desk.begin(command, command_id=command_id)
    gate.set()
    assert first is second
    first.result(60)
