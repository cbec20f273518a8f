"""One sample of every event and of every command: whoever changes what one of them holds, changes what is stored."""

from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from desk.domain.commands import (
    AddCopy,
    CancelHold,
    ClaimIsbn,
    Command,
    CorrectBookDetails,
    CreateBook,
    DeleteBook,
    ExpireHold,
    LendCopy,
    ListBook,
    PlaceHold,
    RejectBook,
    ReleaseIsbn,
    RenewLoan,
    ReportCopyLost,
    ReturnCopy,
    WithdrawCopy,
)
from desk.domain.events import (
    BookCreated,
    BookDeleted,
    BookDetailsCorrected,
    BookListed,
    BookRejected,
    CopyAdded,
    CopyFound,
    CopyLent,
    CopyLost,
    CopyReturned,
    CopySetAside,
    CopyWithdrawn,
    Event,
    HoldCancelled,
    HoldExpired,
    HoldFulfilled,
    HoldPlaced,
    HoldRequeued,
    IsbnClaimed,
    IsbnReleased,
    LoanRenewed,
)

BOOK: Final = UUID("5e0c3f4a-0d0b-4c6e-9f35-1b1f6b0c7a01")
OTHER: Final = UUID("5e0c3f4a-0d0b-4c6e-9f35-1b1f6b0c7a02")
LOAN: Final = UUID("5e0c3f4a-0d0b-4c6e-9f35-1b1f6b0c7a03")
HOLD: Final = UUID("5e0c3f4a-0d0b-4c6e-9f35-1b1f6b0c7a04")
ISBN: Final = "9780306406157"

SAMPLES: Final[tuple[Event, ...]] = (
    BookCreated(
        book_id=BOOK,
        isbn=ISBN,
        title="Data Structures",
        authors=("Ann Lee", "Bob Ray"),
        publisher="Plenum",
        published_year=1980,
        language="en",
        subjects=("trees",),
    ),
    BookListed(book_id=BOOK, isbn=ISBN),
    BookRejected(book_id=BOOK, isbn=ISBN, reason="duplicateIsbn", conflicting_book_id=OTHER),
    BookDetailsCorrected(book_id=BOOK, title="Trees", publisher=None),
    BookDeleted(book_id=BOOK, isbn=ISBN, reason="given away"),
    CopyAdded(book_id=BOOK, copy_no=1, shelf_mark="A 3"),
    CopyWithdrawn(book_id=BOOK, copy_no=1, reason="worn out"),
    CopyLent(
        book_id=BOOK, copy_no=1, loan_id=LOAN, patron_ref="R-7", lent_on=date(2024, 3, 1), due_on=date(2024, 3, 22)
    ),
    LoanRenewed(book_id=BOOK, copy_no=1, loan_id=LOAN, due_on=date(2024, 4, 12), renewal_no=1),
    CopyReturned(book_id=BOOK, copy_no=1, loan_id=LOAN, returned_on=date(2024, 4, 14), days_late=2),
    CopyLost(book_id=BOOK, copy_no=1, loan_id=LOAN, reported_on=date(2024, 4, 15)),
    CopyFound(book_id=BOOK, copy_no=1, found_on=date(2024, 4, 16)),
    HoldPlaced(book_id=BOOK, hold_id=HOLD, patron_ref="R-8", placed_at=datetime(2024, 3, 1, 10, 30, tzinfo=UTC)),
    CopySetAside(book_id=BOOK, copy_no=1, hold_id=HOLD, pickup_until=date(2024, 3, 6)),
    HoldFulfilled(book_id=BOOK, hold_id=HOLD, copy_no=1, loan_id=LOAN),
    HoldRequeued(book_id=BOOK, hold_id=HOLD),
    HoldCancelled(book_id=BOOK, hold_id=HOLD, copy_no=1),
    HoldExpired(book_id=BOOK, hold_id=HOLD, copy_no=1),
    IsbnClaimed(isbn=ISBN, book_id=BOOK),
    IsbnReleased(isbn=ISBN, book_id=BOOK, reason="bookDeleted"),
)

COMMANDS: Final[tuple[Command, ...]] = (
    CreateBook(
        book_id=BOOK,
        isbn=ISBN,
        title="Data Structures",
        authors=("Ann Lee", "Bob Ray"),
        publisher="Plenum",
        published_year=1980,
        language="en",
        subjects=("trees",),
    ),
    CorrectBookDetails(book_id=BOOK, seen_revision=3, title="Trees", publisher=None, subjects=()),
    DeleteBook(book_id=BOOK, reason="given away"),
    AddCopy(book_id=BOOK, shelf_mark="A 3"),
    WithdrawCopy(book_id=BOOK, copy_no=1, reason="worn out"),
    LendCopy(book_id=BOOK, copy_no=1, loan_id=LOAN, patron="R-7", due_on=date(2024, 3, 22)),
    RenewLoan(book_id=BOOK, copy_no=1),
    ReturnCopy(book_id=BOOK, copy_no=1, returned_on=date(2024, 4, 14)),
    ReportCopyLost(book_id=BOOK, copy_no=1),
    PlaceHold(book_id=BOOK, hold_id=HOLD, patron="R-8"),
    CancelHold(book_id=BOOK, hold_id=HOLD),
    ListBook(book_id=BOOK),
    RejectBook(book_id=BOOK, conflicting_book_id=OTHER),
    ClaimIsbn(isbn=ISBN, book_id=BOOK),
    ReleaseIsbn(isbn=ISBN, book_id=BOOK, reason="bookDeleted"),
    ExpireHold(book_id=BOOK, hold_id=HOLD),
)
