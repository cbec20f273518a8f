"""A desk that works, takes back and does again, with somebody else at the same books; and what must hold of it.

A walk is a list of :data:`Step`: numbers, so that whoever finds a bad one can make it smaller. It runs on whatever can
send commands and answer queries.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, TypeAlias
from uuid import UUID, uuid4

from desk.application.compensations import GetDone, GetOffer, Offer
from desk.application.undo import Direction
from desk.application.undo_history import Entry, UndoHistory
from desk.cqrs.messages import Outcome
from desk.domain.commands import (
    AddCopy,
    BookCommand,
    CancelHold,
    CorrectBookDetails,
    CreateBook,
    DeleteBook,
    LendCopy,
    PlaceHold,
    RenewLoan,
    ReportCopyLost,
    ReturnCopy,
    WithdrawCopy,
)
from desk.domain.details import details_given
from desk.domain.errors import RuleBroken
from desk.domain.events import BookDetailsCorrected, CopyLost, CopyReturned, HoldCancelled
from desk.domain.state import Book, CopyState, Life
from tests.rounds import few_or_all

Step: TypeAlias = tuple[int, int, int, int]
"""What to do, with which book, with which of its copies or holds, for which reader."""

WALKS: Final = few_or_all(15, 2000)
"""How many walks a test in memory takes; on a real node it is a hundredth of them, and at least two."""

READERS: Final = ("R-1", "R-2", "R-3", "R-4")
UNDO, REDO, FOREIGN = range(3)
KINDS: Final = 30
"""What a step's first number is below: the first three are undo, redo and somebody else's command, with their weights
below; the others one's own."""


@dataclass(frozen=True, slots=True)
class Forced:
    """What may differ after everything was taken back, and the rule that forces it."""

    what: str
    rule: str


FORCED: Final = (
    Forced("numbers of copies", "a book gives each number once, so a copy that comes in anew has the next one"),
    Forced("ids of loans and holds, and when they began", "a loan or hold that ended has ended; another one begins"),
    Forced("places in the queue, and so for whom a copy is set aside", "readers are served in the order of placing"),
    Forced("due dates and renewals", "a due date is only ever put off, and a new loan is due after today"),
    Forced("deleted books", "a deleted book does not come back, and a new one is taken back by its deletion"),
    Forced("rejected books", "a book whose ISBN belongs to another one was never in the catalogue; that is final"),
    Forced("withdrawn copies", "a withdrawn copy does not come back, and an added one is taken back by withdrawing it"),
    Forced(
        "copies, loans and holds of a book for which readers waited before, where something of it is left to take back",
        "a copy that comes back meanwhile is set aside for them, and nobody else gets it",
    ),
)
"""The whole list; :func:`same_but_for_what_is_forced` leaves these out, and nothing else."""


class UndoWalk:
    """One person's desk over ``send`` and ``ask``, and somebody else's way to the same books.

    ``foreign`` sends a command of somebody else's, ``state`` reads a book.
    """

    def __init__(
        self,
        send: Callable[[BookCommand], Outcome],
        ask: Callable[[Any], Any],
        foreign: Callable[[BookCommand], Outcome],
        state: Callable[[UUID], Book],
    ) -> None:
        self._send, self._ask, self._foreign, self.state = send, ask, foreign, state
        self.history = UndoHistory()
        self.books: list[UUID] = []
        self.touched_by_others: set[UUID] = set()
        self.withdrawn: set[tuple[UUID, int]] = set()
        self.deleted: set[UUID] = set()
        self._theirs: set[UUID] = set()
        self.undone = self.skipped = 0

    def take(self, steps: Iterable[Step]) -> None:
        """Walk."""
        for number, (kind, which, part, reader) in enumerate(steps):
            if kind < 6:
                self.back_or_again(Direction.UNDO)
            elif kind < 9:
                self.back_or_again(Direction.REDO)
            else:
                book_id = self.books[which % len(self.books)]
                command = any_command(self.state(book_id), book_id, kind, part, READERS[reader % len(READERS)], number)
                if kind < 12:
                    self.somebody_else(
                        any_command(
                            self.state(book_id),
                            book_id,
                            9 + part * 2 + kind,
                            part,
                            READERS[reader % len(READERS)],
                            -number,
                        )
                    )
                else:
                    self.do(command)

    def do(self, command: BookCommand) -> None:
        """One's own new command; that a rule refuses it is one of its ends."""
        try:
            outcome = self._send(command)
        except RuleBroken:
            return
        if isinstance(command, CreateBook):
            self.books.append(command.book_id)
        if isinstance(command, WithdrawCopy) and outcome.events:
            self.withdrawn.add((command.book_id, command.copy_no))
        if isinstance(command, DeleteBook):
            self.deleted.add(command.book_id)
        if outcome.events and outcome.receipt:
            self.history.stored(Entry(command, outcome.events, outcome.receipt.revision))

    def somebody_else(self, command: BookCommand) -> None:
        """A command of another client's."""
        if isinstance(command, CreateBook | DeleteBook):
            return
        try:
            self._foreign(command)
        except RuleBroken:
            return
        self.touched_by_others.add(command.book_id)
        if isinstance(command, LendCopy):
            self._theirs.add(command.loan_id)
        if isinstance(command, PlaceHold):
            self._theirs.add(command.hold_id)

    def back_or_again(self, direction: Direction) -> bool:
        """Do what Undo or Redo offers, or skip it where it says why not; False where it offers nothing."""
        self._look()
        entry = self.history.offered(direction)
        if entry is None:
            return False
        offer = entry.offer
        assert offer is not None
        assert entry.description
        assert offer.sentence
        if offer.command is None:
            self.history.skip(entry)
            self.skipped += 1
            assert self.history.offered(direction) is not entry, "skipping makes progress"
            return True
        self._check_and_send(entry, offer, offer.command, direction)
        return True

    def _check_and_send(self, entry: Entry, offer: Offer, command: BookCommand, direction: Direction) -> None:
        before = self.state(command.book_id)
        outcome = self._send(command)  # what is offered is accepted: anything else fails the walk
        assert offer.run is not None
        assert [type(one) for one in outcome.events] == [type(one) for one in offer.run.events], "as the preview said"
        for event in outcome.events:
            self._leaves_what_is_theirs(event, before)
        self.undone += 1
        if direction is Direction.UNDO:
            self.history.taken_back(entry, outcome.events)
            return
        assert outcome.receipt is not None
        if isinstance(command, CreateBook):
            self.books.append(command.book_id)
        self.history.done_again(entry, Entry(command, outcome.events, outcome.receipt.revision))

    def _leaves_what_is_theirs(self, event: object, before: Book) -> None:
        """Nothing that is taken back or done again ends a loan or hold that somebody else began since."""
        if isinstance(event, CopyReturned | CopyLost):
            assert event.loan_id not in self._theirs
        if isinstance(event, HoldCancelled):
            assert event.hold_id not in self._theirs
        if isinstance(event, BookDetailsCorrected):
            for name in details_given(event):
                assert "theirs" not in str(getattr(before, name)), "somebody else's correction stays"

    def take_all_back(self) -> None:
        """Undo, and skip, until there is nothing left to do."""
        for _ in range(1_000):
            if not self.back_or_again(Direction.UNDO):
                return
        raise AssertionError("undoing does not come to an end")

    def left(self, book_id: UUID) -> list[Entry]:
        """What of a book could not be taken back."""
        undone = [entry for direction, entry in self.history if direction is Direction.UNDO]
        return [entry for entry in undone if entry.command.book_id == book_id]

    def _look(self) -> None:
        """Ask until nothing comes back any more."""
        for direction in Direction:
            asked = None
            while asked is not self.history.offered(direction) or asked is None:
                asked = self.history.offered(direction)
                for way, entry in list(self.history):
                    if way is direction and (entry.skipped or entry is asked):
                        self._ask_about(entry, direction)
                if asked is None:
                    break

    def _ask_about(self, entry: Entry, direction: Direction) -> None:
        if entry.done is None:
            entry.met(self._ask(GetDone(entry.command, entry.events, entry.revision)))
        self.history.learned(entry, self._ask(GetOffer(entry.done, direction)))  # type: ignore[arg-type]


def any_command(book: Book, book_id: UUID, kind: int, part: int, reader: str, number: int) -> BookCommand:
    """A command about a book as it is; those of others have numbers below zero."""
    copy_no = part % max(1, len(book.copies)) + 1
    holds = [hold.hold_id for hold in book.open_holds] or [UUID(int=0)]
    ready = next((hold for hold in book.open_holds if hold.copy_no is not None), None)
    title = f"Title {number}" if number >= 0 else f"theirs {-number}"
    choices: tuple[Callable[[], BookCommand], ...] = (
        *[lambda: LendCopy(book_id=book_id, copy_no=copy_no, loan_id=uuid4(), patron=reader)] * 3,
        lambda: LendCopy(
            book_id=book_id,
            copy_no=(ready.copy_no or 1) if ready else copy_no,
            loan_id=uuid4(),
            patron=ready.patron if ready else reader,
        ),
        *[lambda: ReturnCopy(book_id=book_id, copy_no=copy_no)] * 3,
        *[lambda: PlaceHold(book_id=book_id, hold_id=uuid4(), patron=reader)] * 3,
        *[lambda: CancelHold(book_id=book_id, hold_id=holds[part % len(holds)])] * 2,
        lambda: ReportCopyLost(book_id=book_id, copy_no=copy_no),
        lambda: RenewLoan(book_id=book_id, copy_no=copy_no, due_on=later(abs(number))),
        lambda: CorrectBookDetails(book_id=book_id, seen_revision=10**6, title=title),
        lambda: CorrectBookDetails(book_id=book_id, seen_revision=10**6, title=title, publisher=title),
        lambda: AddCopy(book_id=book_id),
        lambda: WithdrawCopy(book_id=book_id, copy_no=copy_no, reason="worn out"),
        lambda: (
            DeleteBook(book_id=book_id, reason="given away")
            if part == 0
            else CreateBook(book_id=uuid4(), isbn="9780306406157", title=title, authors=("Somebody",))
        ),
    )
    return choices[kind % len(choices)]()


def later(number: int) -> date:
    """A due date after any that a new loan has, and later with each number."""
    return datetime.now(UTC).date() + timedelta(days=40 + number)


def same_but_for_what_is_forced(walk: UndoWalk, before: Mapping[UUID, Book]) -> None:
    """Every book is as it was, but for :data:`FORCED`; those that somebody else touched are not looked at."""
    for book_id in walk.books:
        if book_id in walk.touched_by_others or book_id in walk.deleted:
            continue
        was, now = before.get(book_id, Book()), walk.state(book_id)
        if was.life is Life.ABSENT:
            assert now.life in (Life.DELETED, Life.REJECTED)
            continue
        gone = {number for owner, number in walk.withdrawn if owner == book_id}
        assert details(now) == details(was)
        if was.open_holds and walk.left(book_id):
            continue
        assert lost(now, gone) == lost(was, gone)
        assert in_circulation(now, gone) == in_circulation(was, gone)
        assert readers_waiting(now) == readers_waiting(was)
        assert borrowers(now, gone) == borrowers(was, gone)


def details(book: Book) -> object:
    return (book.life, book.isbn, book.title, book.authors, book.publisher, book.published_year, book.language)


def lost(book: Book, gone: set[int]) -> set[int]:
    return {copy.copy_no for copy in book.copies if copy.state is CopyState.LOST} - gone


def in_circulation(book: Book, gone: set[int]) -> int:
    """How many copies can be lent, set aside or with a reader; as none is free while a reader waits, that says all."""
    away = (CopyState.LOST, CopyState.WITHDRAWN)
    return sum(copy.state not in away and copy.copy_no not in gone for copy in book.copies)


def borrowers(book: Book, gone: set[int]) -> set[str]:
    return {copy.loan.patron for copy in book.copies if copy.loan and copy.copy_no not in gone}


def readers_waiting(book: Book) -> set[str]:
    return {hold.patron for hold in book.open_holds}
