"""A catalogue in memory for tests of the window: what a reader answers, by looking at every book."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from desk.application.book_fields import Fields
from desk.application.book_search import BookSearch, parse_search
from desk.application.catalogue import (
    BookCard,
    BookQuestion,
    BookRow,
    CopyLine,
    Counts,
    HoldLine,
    IsbnHistory,
    LoanLine,
    ReadModelStatus,
    RowIds,
    SortKey,
    TracedEvent,
)
from desk.application.event_index import GetPastHits, PastHits, PastValue
from desk.application.history import HistoryColumns
from desk.domain.details import BookDetails, details_of
from desk.domain.events import CopyReturned
from desk.domain.state import Book


def folded(text: str) -> str:
    """For comparing as the catalogue does: without case and accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


@dataclass(slots=True)
class Shelved:
    """One book of the fake: its state, its row, the loans that ended, and what each of its commands changed."""

    state: Book
    row: BookRow
    past: tuple[LoanLine, ...] = ()
    changes: tuple["ChangedAt", ...] = ()


@dataclass(frozen=True, slots=True)
class ChangedAt:
    """What a command changed, at a position and a moment."""

    revision: int
    position: int
    at: datetime
    values: Fields


def find_values(shelf: Mapping[UUID, Shelved], query: GetPastHits) -> tuple[PastHits, ...]:
    """Which values made these books answers, by looking at each that ever was."""
    search = parse_search(query.search)
    hits = []
    for book_id in query.books:
        values = _values_of(shelf[book_id], search, query.at) if book_id in shelf else []
        if values:
            hits.append(PastHits(book_id, len(values), tuple(values[: query.limit]), {}))
    return tuple(hits)


def _values_of(shelved: Shelved, search: BookSearch, at: int | None) -> list[PastValue]:
    found, ends = list[PastValue](), dict[str, ChangedAt]()
    for change in reversed(shelved.changes):
        if at is not None and change.position > at:
            continue
        in_time = any(first <= change.at < last for first, last in search.changed)
        for key, value in change.values.items():
            words, end = folded(str(value)).split(), ends.get(key)
            if in_time or any(word.startswith(folded(wanted)) for wanted in search.ever for word in words):
                last, until = (end.position, end.at) if end is not None else (None, None)
                found.append(PastValue(key, value, change.revision, change.position, change.at, last, until))
            ends[key] = change
    return found


class FakeReader:
    """A CatalogueReader over a shelf; counts its pages."""

    def __init__(self, shelf: Mapping[UUID, Shelved], position: int) -> None:
        self._shelf, self._position = shelf, position
        self.pages_read = 0
        self.closed = False

    def order(self, question: BookQuestion, limit: int | None = None) -> RowIds:
        """As SQL would: all words match by prefix, then sorted by the key and the id."""
        search = parse_search(question.text)
        words = folded(search.text).split()
        rows = [
            shelved.row
            for shelved in self._shelf.values()
            if (question.with_deleted or shelved.row.state != "deleted")
            and _matches(shelved, words)
            and (not search.overdue or _overdue(shelved, question.today))
            and (not search.is_about_the_past or _values_of(shelved, search, None))
        ]
        rows.sort(key=lambda row: sort_key(row, question.sort), reverse=question.descending)
        return RowIds("q", [row.id for row in rows][:limit])

    def candidates(self, text: str, limit: int) -> RowIds:
        """All that match, by age."""
        return self.order(BookQuestion(text, SortKey.CHANGED), limit)

    def page(self, ids: Sequence[int]) -> list[BookRow]:
        """The rows of these ids."""
        self.pages_read += 1
        wanted = set(ids)
        return [s.row for s in self._shelf.values() if s.row.id in wanted]

    def row_of(self, book_id: UUID) -> BookRow | None:
        """The row of a book."""
        shelved = self._shelf.get(book_id)
        return shelved.row if shelved else None

    def states(self, book_ids: Sequence[UUID]) -> dict[UUID, str]:
        """The states of these books."""
        return {each: self._shelf[each].row.state for each in book_ids if each in self._shelf}

    def compare_key(self, row_id: int, sort: SortKey, *, descending: bool = False) -> tuple[object, ...] | None:
        """The key that ``order`` sorts by."""
        for shelved in self._shelf.values():
            if shelved.row.id == row_id:
                return sort_key(shelved.row, sort)
        return None

    def card(self, book_id: UUID) -> BookCard | None:
        """The card of one book."""
        shelved = self._shelf.get(book_id)
        if shelved is None:
            return None
        owner = shelved.state.conflicting_book_id
        return _card(shelved, self._shelf.get(owner) if owner else None)

    def activity(self, stream: str) -> HistoryColumns:
        """Nothing: the fake keeps rows only."""
        return HistoryColumns(stream)

    def trace(self, correlation_id: UUID) -> tuple[TracedEvent, ...]:
        """Nothing, as well."""
        return ()

    def isbn_history(self, isbns: Sequence[str]) -> dict[str, IsbnHistory]:
        """Who has these ISBNs."""
        return {isbn: self._isbn(isbn) for isbn in isbns}

    def counts(self, today: date | None = None) -> Counts:
        """Counted by looking at each row."""
        states = [s.row.state for s in self._shelf.values()]
        lent = sum(1 for s in self._shelf.values() for c in s.state.copies if c.loan)
        deleted = states.count("deleted")
        late = None if today is None else sum(_overdue(s, today) for s in self._shelf.values())
        return Counts(len(states) - deleted, deleted, states.count("pending"), states.count("rejected"), lent, late)

    def status(self) -> ReadModelStatus:
        """Always at the head."""
        return ReadModelStatus(self._position, self._position, 0, rebuilding=False)

    def interrupt(self) -> None:
        """There is nothing that runs."""

    def close(self) -> None:
        """Remember it."""
        self.closed = True

    def _isbn(self, isbn: str) -> IsbnHistory:
        of_isbn = [s.row for s in self._shelf.values() if s.row.isbn == isbn]
        owner = next((row for row in of_isbn if row.state in ("listed", "pending")), None)
        return IsbnHistory(isbn, owner, sum(1 for row in of_isbn if row.state == "deleted"))


def _overdue(shelved: Shelved, today: date | None) -> int:
    """How many copies were due before today."""
    assert today is not None
    return sum(c.loan.due_on < today for c in shelved.state.copies if c.loan)


def sort_key(row: BookRow, sort: SortKey) -> tuple[object, ...]:
    """What rows of an order compare by; the id settles the rest."""
    keys: dict[SortKey, object] = {
        SortKey.TITLE: folded(row.title),
        SortKey.AUTHORS: folded("; ".join(row.authors)),
        SortKey.ISBN: row.isbn,
        SortKey.YEAR: row.published_year or 0,
        SortKey.STATE: row.state,
        SortKey.COPIES: row.copies_available,
        SortKey.CHANGED: row.changed_at,
    }
    return (keys[sort], row.id)


def _matches(shelved: Shelved, words: list[str]) -> bool:
    state = shelved.state
    text = folded(" ".join((state.title, *state.authors, *state.subjects, state.isbn))).split()
    return all(any(part.startswith(word) for part in text) for word in words)


def row_of_state(state: Book, row_id: int, now: datetime, revision: int, position: int) -> BookRow:
    in_stock = [c for c in state.copies if c.state not in ("withdrawn", "lost")]
    return BookRow(
        id=row_id,
        book_id=state.book_id or UUID(int=0),
        isbn=state.isbn,
        title=state.title,
        authors=state.authors,
        published_year=state.published_year,
        state=state.life.value,
        copies_total=len(in_stock),
        copies_available=sum(1 for c in in_stock if c.state == "available"),
        changed_at=now,
        revision=revision,
        position=position,
        due_on=min((c.loan.due_on for c in state.copies if c.loan), default=None),
    )


def _card(shelved: Shelved, owner: Shelved | None) -> BookCard:
    state = shelved.state
    holds = hold_lines(state)
    copies = tuple(
        CopyLine(
            c.copy_no,
            c.state.value,
            c.shelf_mark,
            LoanLine(
                c.loan.loan_id,
                c.copy_no,
                c.loan.patron,
                c.loan.lent_on,
                c.loan.due_on,
                c.loan.renewals,
                None,
                None,
                "open",
            )
            if c.loan
            else None,
            next((hold for hold in holds if hold.hold_id == c.hold_id), None),
        )
        for c in state.copies
    )
    return BookCard(
        row=shelved.row,
        details=BookDetails(**details_of(state)),
        conflicting_book_id=state.conflicting_book_id,
        created_at=shelved.row.changed_at,
        copies=copies,
        past_loans=tuple(reversed(shelved.past)),
        conflicting_title=owner.row.title if owner else None,
        holds=holds,
    )


def hold_lines(state: Book) -> tuple[HoldLine, ...]:
    """The open holds: the shelf first, then the queue with its places."""
    ready = [hold for hold in state.open_holds if hold.state == "ready"]
    waiting = [hold for hold in state.open_holds if hold.state == "waiting"]
    lines = [(hold, None) for hold in ready] + [(hold, place) for place, hold in enumerate(waiting, 1)]
    return tuple(
        HoldLine(
            hold.hold_id, hold.patron, hold.placed_at, hold.state.value, place, hold.copy_no, hold.pickup_until
        )
        for hold, place in lines
    )  # fmt: skip


def ended_loans(before: Book, events: Sequence[object]) -> tuple[LoanLine, ...]:
    lines = []
    for event in events:
        if isinstance(event, CopyReturned):
            loan = (before.copy(event.copy_no) or before.copies[0]).loan
            if loan:
                lines.append(
                    LoanLine(
                        loan.loan_id, event.copy_no, loan.patron, loan.lent_on, loan.due_on, loan.renewals,
                        event.returned_on, event.days_late, "returned",
                    )
                )  # fmt: skip
    return tuple(lines)
