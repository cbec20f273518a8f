"""Undo by compensation: what takes each command back, what does not come back, and what has no way back."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID, uuid4

import pytest

from desk.application.command_events import PUBLIC
from desk.application.compensations import GetDone, GetOffer
from desk.application.done import Done, copy_no_of, describe_command, done_of, follow, successors
from desk.application.undo import Direction, Impossible, Possible, Present, Way, way_of
from desk.domain.book import INITIAL, Book, decide, replay
from desk.domain.commands import (
    AddCopy,
    BookCommand,
    CancelHold,
    CorrectBookDetails,
    CreateBook,
    DeleteBook,
    LendCopy,
    ListBook,
    PlaceHold,
    RenewLoan,
    ReportCopyLost,
    ReturnCopy,
    WithdrawCopy,
)
from desk.domain.errors import RefusalCode, RuleBroken
from desk.domain.events import BookDetailsCorrected, BookEvent, CopyFound, CopySetAside, HoldFulfilled
from desk.domain.policy import Moment, Policy
from desk.domain.state import CopyState, Life
from tests.application.desk_in_memory import DeskInMemory, a_book
from tests.domain.story import refusal

BOOK = UUID(int=1)
TODAY = date(2026, 3, 2)
REVISION = 17
MEANWHILE = (
    RefusalCode.COPY_RESERVED_FOR_OTHER,
    RefusalCode.COPY_IS_ON_HOLD_SHELF,
    RefusalCode.NO_COPY_IN_CIRCULATION,
)
"""Why a book may refuse a compensation at once: a reader who waited came in between, or there is no copy."""
READERS = ("R-1", "R-2", "R-3")


def moment(day: int = 0) -> Moment:
    today = TODAY + timedelta(days=day)
    return Moment(now=datetime(today.year, today.month, today.day, 12, tzinfo=UTC), today=today)


def did(book: Book, command: BookCommand, day: int = 0) -> tuple[Done, Book]:
    """What a command became, and the book after it."""
    events = decide(book, command, moment(day), Policy())
    return done_of(command, events, book), replay(events, book)


def a_listed_book(copies: int = 2) -> Book:
    book = INITIAL
    create = CreateBook(book_id=BOOK, isbn="9780141439587", title="Emma", authors=("Jane Austen",), language="en")
    commands: tuple[BookCommand, ...] = (create, ListBook(book_id=BOOK), *[AddCopy(book_id=BOOK)] * copies)
    for command in commands:
        _, book = did(book, command)
    return book


def back(done: Done, book: Book, day: int = 0) -> Way:
    return way_of(done, Direction.UNDO, Present(book, REVISION, moment(day).today, uuid4))


def again(done: Done, book: Book) -> Way:
    return way_of(done, Direction.REDO, Present(book, REVISION, TODAY, uuid4))


def undone(done: Done, book: Book) -> tuple[Book, str]:
    """The book after the compensation, and what was said of it."""
    way = back(done, book)
    assert isinstance(way, Possible)
    return did(book, way.command)[1], way.sentence


LEND = LendCopy(book_id=BOOK, copy_no=1, loan_id=UUID(int=2), patron="R-1")


def test_a_correction_goes_back_to_the_earlier_values_of_what_it_changed() -> None:
    before = a_listed_book()
    done, after = did(before, CorrectBookDetails(book_id=BOOK, seen_revision=3, title="Emmma", language=None))
    way = back(done, after)
    assert isinstance(way, Possible)
    assert way.command == CorrectBookDetails(book_id=BOOK, seen_revision=REVISION, title="Emma", language="en")
    assert way.sentence == "Back to what it was before: title, language."
    assert undone(done, after)[0] == before


def test_an_earlier_value_that_would_be_refused_today_does_not_come_back_and_that_is_said() -> None:
    before = replace(a_listed_book(), language="xx")
    done, after = did(before, CorrectBookDetails(book_id=BOOK, seen_revision=3, language="de"))
    way = back(done, after)
    assert isinstance(way, Impossible)
    assert way.for_good
    assert "xx is no language" in way.reason


def test_a_loan_is_taken_back() -> None:
    before = a_listed_book()
    done, after = did(before, LEND)
    assert undone(done, after) == (before, "Copy 1 is returned by R-1.")
    assert describe_command(done) == "Lend copy 1 of “Emma” to R-1"


def test_a_hold_that_a_loan_fulfilled_does_not_come_back_and_that_is_said() -> None:
    _, waiting = did(a_listed_book(1), PlaceHold(book_id=BOOK, hold_id=UUID(int=3), patron="R-1"))
    done, after = did(waiting, LEND)
    book, sentence = undone(done, after)
    assert "hold that ended with the loan can be undone after that" in sentence
    assert not book.open_holds
    rest = done.rest()
    assert rest is not None
    assert describe_command(rest) == "End of the hold of R-1 on “Emma”"
    assert rest.rest() is None
    book, sentence = undone(rest, book)
    assert [(hold.patron, hold.copy_no) for hold in book.open_holds] == [("R-1", 1)]
    assert "at the end of the queue" in sentence


@pytest.mark.parametrize(("late", "due"), [(0, date(2026, 3, 23)), (30, date(2026, 4, 22))])
def test_a_returned_copy_is_lent_again_to_the_same_reader_until_the_same_day_if_that_is_to_come(
    late: int, due: date
) -> None:
    _, lent = did(a_listed_book(), LEND)
    done, after = did(lent, ReturnCopy(book_id=BOOK, copy_no=1), late)
    way = way_of(done, Direction.UNDO, Present(after, REVISION, moment(late).today, lambda: UUID(int=9)))
    assert isinstance(way, Possible)
    loan = (did(after, way.command, late)[1]).copies[0].loan
    assert loan is not None
    assert (loan.patron, loan.due_on, loan.loan_id) == ("R-1", due, UUID(int=9))


def test_a_copy_that_was_found_is_reported_lost_again() -> None:
    _, lost = did(a_listed_book(), ReportCopyLost(book_id=BOOK, copy_no=1))
    done, after = did(lost, ReturnCopy(book_id=BOOK, copy_no=1))
    assert undone(done, after)[0] == lost


def test_a_loss_that_ended_a_loan_says_that_the_loan_is_gone() -> None:
    _, lent = did(a_listed_book(), LEND)
    done, after = did(lent, ReportCopyLost(book_id=BOOK, copy_no=1))
    book, sentence = undone(done, after)
    assert "The loan that ended with the loss can be undone after that" in sentence
    assert book.copies[0].state is CopyState.AVAILABLE
    rest = done.rest()
    assert rest is not None
    assert describe_command(rest) == "End of the loan of copy 1 of “Emma” to R-1"
    loan = undone(rest, book)[0].copies[0].loan
    assert loan is not None
    assert loan.patron == "R-1"


def test_a_cancelled_hold_is_placed_anew_at_the_end() -> None:
    _, book = did(a_listed_book(1), LEND)
    for number, reader in ((3, "R-2"), (4, "R-3")):
        _, book = did(book, PlaceHold(book_id=BOOK, hold_id=UUID(int=number), patron=reader))
    done, after = did(book, CancelHold(book_id=BOOK, hold_id=UUID(int=3)))
    again, sentence = undone(done, after)
    assert [hold.patron for hold in again.open_holds] == ["R-3", "R-2"]
    assert "at the end of the queue" in sentence
    assert describe_command(done) == "Cancel hold of R-2 on “Emma”"


def test_a_copy_that_came_in_is_withdrawn_with_a_reason() -> None:
    done, after = did(a_listed_book(), AddCopy(book_id=BOOK))
    book, sentence = undone(done, after)
    assert book.copies[2].state is CopyState.WITHDRAWN
    assert sentence.startswith("Copy 3 is withdrawn")


def test_a_new_book_is_deleted() -> None:
    create = CreateBook(book_id=BOOK, isbn="9780141439587", title="Emma", authors=("X",))
    done, after = did(INITIAL, create)
    assert undone(done, after)[0].life is Life.DELETED
    assert describe_command(done) == "Create “Emma”"


@pytest.mark.parametrize(
    "command",
    [
        DeleteBook(book_id=BOOK, reason="x"),
        WithdrawCopy(book_id=BOOK, copy_no=1, reason="x"),
        RenewLoan(book_id=BOOK, copy_no=2, due_on=date(2026, 5, 1)),
    ],
)
def test_what_cannot_be_taken_back_says_why_and_what_to_do(command: BookCommand) -> None:
    _, book = did(a_listed_book(), replace(LEND, copy_no=2))
    if isinstance(command, DeleteBook):
        book = a_listed_book()
    done, after = did(book, command)
    way = back(done, after)
    assert isinstance(way, Impossible)
    assert way.for_good
    assert way.reason.endswith(".")
    assert "Emma" in describe_command(done)


def test_every_command_has_a_way_back_or_says_why_not() -> None:
    sentences = {Possible: "sentence", Impossible: "reason"}
    for done, _, after in walk(seeds=range(8)):
        way = back(done, after)
        assert getattr(way, sentences[type(way)])
        assert describe_command(done)
    assert {type(done.command) for done, _, _ in walk(seeds=range(8))} == set(PUBLIC)


@pytest.mark.parametrize("seed", range(6))
def test_a_command_and_its_compensation_leave_what_is_seen_as_it_was(seed: int) -> None:
    """Wherever the book permits it; where readers overtook each other meanwhile, only what the sentence promises."""
    taken_back = 0
    for done, before, after in walk(seeds=[seed]):
        way = back(done, after)
        if isinstance(way, Impossible):
            assert way.for_good, way
            continue
        refused = refusal(after, way.command, moment(), Policy())
        if refused is not None:
            assert refused.code in MEANWHILE, refused
            continue
        events = decide(after, way.command, moment(), Policy())
        taken_back += 1
        assert promised(done, replay(events, after), events) == promised(done, before, events)
    assert taken_back > 20


@pytest.mark.parametrize("seed", range(3))
def test_what_was_taken_back_can_be_done_again_with_new_ids(seed: int) -> None:
    done_again = 0
    for done, _, after in walk(seeds=[seed]):
        way = back(done, after)
        if isinstance(way, Impossible) or isinstance(done.command, CreateBook):
            continue
        try:
            undo, before_again = did(after, way.command)
            repeated = again(follow(done, successors(done, undo.events)), before_again)
            assert isinstance(repeated, Possible), repeated
            redone, _ = did(before_again, repeated.command)
        except RuleBroken:
            continue
        done_again += 1
        assert type(repeated.command) is type(done.command)
        assert first_type(redone.events) == first_type(done.events)
    assert done_again > 20


def test_the_desk_reads_the_book_as_the_command_met_it(desk: DeskInMemory) -> None:
    book_id = uuid4()
    desk.send(a_book(book_id))
    command = CorrectBookDetails(book_id=book_id, seen_revision=0, title="Emmma")
    outcome = desk.send(command)
    desk.send(CorrectBookDetails(book_id=book_id, seen_revision=1, title="Emmmma"))
    assert outcome.receipt is not None
    done = desk.buses.queries.execute(GetDone(command, outcome.events, outcome.receipt.revision)).result(60)
    assert describe_command(done) == "Correct “Emma”"
    assert done.met.details == {"title": "Emma"}
    ask = desk.buses.queries.execute
    offer = ask(GetOffer(done, Direction.UNDO)).result(60)
    assert (offer.command, offer.sentence) == (None, "Somebody corrected the same since: title.")
    desk.send(CorrectBookDetails(book_id=book_id, seen_revision=2, title="Emmma"))
    offer = ask(GetOffer(done, Direction.UNDO)).result(60)
    assert offer.command == CorrectBookDetails(book_id=book_id, seen_revision=3, title="Emma")
    assert offer.run is not None
    assert first_type(offer.run.events) == "BookDetailsCorrected"


def first_type(events: tuple[object, ...]) -> str | None:
    return type(events[0]).__name__ if events else None


def promised(done: Done, book: Book, compensating: tuple[BookEvent, ...]) -> object:
    """What of a book a compensation promises to bring back."""
    copies = [(c.state, c.loan.patron if c.loan else None) for c in book.copies]
    readers = sorted(hold.patron for hold in book.open_holds)
    moved = any(isinstance(event, CopySetAside | HoldFulfilled) for event in (*done.events, *compensating))
    match done.command:
        case CreateBook():
            return ()
        case CorrectBookDetails():
            return replace(book, closed_holds=())
        case AddCopy():
            return copies[: copy_no_of(done) - 1], readers
        case CancelHold():
            return readers
        case ReportCopyLost():
            number = done.command.copy_no - 1
            return [c.state is CopyState.LOST for c in book.copies][number]
        case ReturnCopy() if any(isinstance(event, CopyFound) for event in done.events):
            return copies
        case _:
            return () if moved else (copies, readers)


def walk(seeds: range | list[int]) -> list[tuple[Done, Book, Book]]:
    """Commands as the dice fall, those that became events, each with the book before and after it."""
    found = []
    for seed in seeds:
        dice, book = Random(seed), INITIAL
        for number in range(120):
            command = any_command(dice, number, book)
            try:
                done, after = did(book, command)
            except RuleBroken:
                continue
            if done.events:
                if not isinstance(command, ListBook):
                    found.append((done, book, after))
                book = after
        listed = a_listed_book()
        done, after = did(listed, DeleteBook(book_id=BOOK, reason="given away"))
        found.append((done, listed, after))
    return found


def any_command(dice: Random, number: int, book: Book) -> BookCommand:
    if book.life is Life.ABSENT:
        return CreateBook(book_id=BOOK, isbn="9780141439587", title="Emma", authors=("Jane Austen",))
    if book.life is Life.PENDING:
        return ListBook(book_id=BOOK)
    copy_no, reader = dice.randint(1, max(1, len(book.copies))), dice.choice(READERS)
    holds = [hold.hold_id for hold in book.open_holds] or [UUID(int=0)]
    year = dice.choice((None, 1815, 1816))
    choices: tuple[BookCommand, ...] = (
        CorrectBookDetails(book_id=BOOK, seen_revision=0, title=f"Emma {dice.randint(1, 3)}", published_year=year),
        AddCopy(book_id=BOOK),
        WithdrawCopy(book_id=BOOK, copy_no=copy_no, reason="worn out"),
        *[LendCopy(book_id=BOOK, copy_no=copy_no, loan_id=UUID(int=100 + number), patron=reader)] * 3,
        RenewLoan(book_id=BOOK, copy_no=copy_no, due_on=TODAY + timedelta(days=30 + number)),
        *[ReturnCopy(book_id=BOOK, copy_no=copy_no)] * 2,
        ReportCopyLost(book_id=BOOK, copy_no=copy_no),
        *[PlaceHold(book_id=BOOK, hold_id=UUID(int=500 + number), patron=reader)] * 2,
        CancelHold(book_id=BOOK, hold_id=dice.choice(holds)),
    )
    return dice.choice(choices)


def test_a_correction_that_changed_nothing_has_nothing_to_take_back() -> None:
    done, _ = did(a_listed_book(), CorrectBookDetails(book_id=BOOK, seen_revision=3, title="Emma"))
    assert not any(isinstance(event, BookDetailsCorrected) for event in done.events)
