"""What would come of a command: events, changed fields, or the refusal; and nothing is appended."""

from uuid import UUID, uuid4

import pytest

from desk.application.queries import GetPermissions, Permissions
from desk.cqrs.dryrun import DryRun
from desk.cqrs.errors import StoreUnavailable
from desk.cqrs.store import CaughtUp
from desk.domain.commands import (
    AddCopy,
    CancelHold,
    ClaimIsbn,
    CorrectBookDetails,
    DeleteBook,
    LendCopy,
    ListBook,
    PlaceHold,
    RenewLoan,
    ReturnCopy,
    WithdrawCopy,
)
from desk.domain.events import BookDetailsCorrected, CopyReturned, CopySetAside
from desk.domain.streams import book_stream
from tests.application.desk_in_memory import NOON, DeskInMemory, a_book


def listed_book(desk: DeskInMemory, *, copies: int = 0) -> UUID:
    book_id = uuid4()
    desk.send(a_book(book_id))
    desk.as_process_manager(ListBook(book_id=book_id))
    for _ in range(copies):
        desk.send(AddCopy(book_id=book_id))
    return book_id


def explained(desk: DeskInMemory, command: object) -> DryRun:
    return desk.buses.commands.explain(desk.sender.envelope(command, issued_at=NOON)).result(60)


def permissions(desk: DeskInMemory, book_id: UUID) -> Permissions:
    answer = desk.buses.queries.execute(GetPermissions(book_id)).result(60)
    assert answer is not None
    return answer


def test_a_dry_run_tells_the_events_and_the_changed_fields_and_appends_nothing(desk: DeskInMemory) -> None:
    book_id = listed_book(desk)
    before = desk.store.head()
    answer = explained(desk, CorrectBookDetails(book_id=book_id, seen_revision=1, title="Persuasion"))
    assert [type(event) for event in answer.events] == [BookDetailsCorrected]
    assert [(one.name, one.before, one.after) for one in answer.changes] == [("title", "Emma", "Persuasion")]
    assert answer.allowed
    assert desk.store.head() == before


def test_a_dry_run_tells_what_is_triggered_beside_what_was_asked_for(desk: DeskInMemory) -> None:
    book_id = listed_book(desk, copies=1)
    desk.send(LendCopy(book_id=book_id, copy_no=1, loan_id=uuid4(), patron="P-1"))
    desk.send(PlaceHold(book_id=book_id, hold_id=uuid4(), patron="P-2"))
    answer = explained(desk, ReturnCopy(book_id=book_id, copy_no=1))
    assert [type(event) for event in answer.events] == [CopyReturned, CopySetAside]
    assert [one.name for one in answer.changes] == ["copy 1", "hold of P-2"]


def test_a_dry_run_tells_code_values_and_sentence_of_a_refusal(desk: DeskInMemory) -> None:
    refusal = explained(desk, RenewLoan(book_id=listed_book(desk, copies=1), copy_no=1)).refusal
    assert refusal is not None
    assert (refusal.code, dict(refusal.params)) == ("CopyNotOnLoan", {"copy_no": 1})
    assert refusal.sentence == "Copy 1 is not on loan. Choose one that is."


def test_a_dry_run_hears_the_plugins_that_refuse_as_long_as_they_are_on(desk: DeskInMemory) -> None:
    """T27: of validation, as far as dry runs go."""
    to_come = CorrectBookDetails(book_id=listed_book(desk), seen_revision=1, published_year=2030)
    refusal = explained(desk, to_come).refusal
    assert refusal is not None
    assert refusal.code == "InvalidBookDetails"
    assert "published year" in refusal.sentence
    desk.buses.validation.enabled = False
    assert explained(desk, to_come).allowed


def test_a_dry_run_of_an_internal_command_says_that_it_is_not_for_users(desk: DeskInMemory) -> None:
    refusal = explained(desk, ClaimIsbn(isbn="9780306406157", book_id=uuid4())).refusal
    assert refusal is not None
    assert refusal.code == "NotForUsers"


def test_a_dry_run_of_an_overtaken_correction_names_the_fields(desk: DeskInMemory) -> None:
    book_id = listed_book(desk)
    desk.send(CorrectBookDetails(book_id=book_id, seen_revision=1, title="Emma, a novel"))
    refusal = explained(desk, CorrectBookDetails(book_id=book_id, seen_revision=1, title="EMMA")).refusal
    assert refusal is not None
    assert (refusal.code, dict(refusal.params)) == ("EditConflict", {"fields": "title"})


def test_a_dry_run_is_not_counted_and_leaves_no_span(desk: DeskInMemory) -> None:
    command = a_book()
    explained(desk, command)
    assert desk.buses.monitoring.statistics() == ()
    assert desk.buses.telemetry.spans() == ()


def test_a_dry_run_fails_where_the_store_cannot_be_read(desk: DeskInMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: object, **_options: object) -> CaughtUp:
        raise StoreUnavailable("gone fishing")

    monkeypatch.setattr(desk.store, "read_stream", away)
    with pytest.raises(StoreUnavailable):
        explained(desk, AddCopy(book_id=uuid4()))


def test_the_buttons_take_their_reasons_from_dry_runs(desk: DeskInMemory) -> None:
    """Each refused command of GetPermissions has the sentence that explaining it gives."""
    book_id = listed_book(desk, copies=2)
    desk.send(LendCopy(book_id=book_id, copy_no=1, loan_id=uuid4(), patron="P-1"))
    refusals = permissions(desk, book_id).refusals
    assert set(refusals) == {(DeleteBook, None), (LendCopy, 1), (WithdrawCopy, 1), (RenewLoan, 2), (ReturnCopy, 2)}
    renewal = explained(desk, RenewLoan(book_id=book_id, copy_no=2)).refusal
    assert renewal is not None
    assert refusals[RenewLoan, 2] == renewal.sentence


def test_each_open_hold_can_be_cancelled_and_a_copy_set_aside_can_be_lent_to_its_reader(desk: DeskInMemory) -> None:
    book_id = listed_book(desk)
    assert (PlaceHold, None) in permissions(desk, book_id).refusals
    desk.send(AddCopy(book_id=book_id))
    desk.send(LendCopy(book_id=book_id, copy_no=1, loan_id=uuid4(), patron="P-1"))
    hold_id = uuid4()
    desk.send(PlaceHold(book_id=book_id, hold_id=hold_id, patron="P-2"))
    desk.send(ReturnCopy(book_id=book_id, copy_no=1))
    refusals = permissions(desk, book_id).refusals
    assert (CancelHold, hold_id) not in refusals
    assert (PlaceHold, None) not in refusals
    assert (LendCopy, 1) not in refusals
    assert desk.types(book_stream(book_id))[-1] == "CopySetAside"
