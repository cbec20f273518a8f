"""Which commands a book would refuse: asked of the aggregate itself, by deciding on its state without appending."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from desk.application.handlers import Aggregates
from desk.application.queries import GetPermissions, Permissions
from desk.cqrs.store import NO_STREAM
from desk.domain import book
from desk.domain.commands import (
    AddCopy,
    BookCommand,
    CorrectBookDetails,
    DeleteBook,
    LendCopy,
    RenewLoan,
    ReportCopyLost,
    ReturnCopy,
    WithdrawCopy,
)
from desk.domain.policy import Moment
from desk.domain.sentences import describe
from desk.domain.state import Book
from desk.domain.streams import book_stream

_ANYBODY = "0"
_NOBODY = UUID(int=0)


class PermissionsDesk:
    """Answers GetPermissions."""

    def __init__(self, aggregates: Aggregates) -> None:
        self._aggregates = aggregates

    def __call__(self, query: GetPermissions) -> Permissions | None:
        """What the book's present state refuses; None where there is no such book."""
        loaded = self._aggregates.books.load(book_stream(query.book_id))
        if loaded.version == NO_STREAM:
            return None
        now = datetime.now(UTC)
        moment = Moment(now=now, today=now.astimezone().date())
        refusals = {}
        for key, command in _candidates(query.book_id, loaded.state, loaded.version):
            refused = book.refusal(loaded.state, command, moment, self._aggregates.policy)
            if refused is not None:
                refusals[key] = describe(refused.code, refused.params)
        return Permissions(query.book_id, loaded.version, refusals)


def _candidates(book_id: UUID, state: Book, version: int) -> Iterator[tuple[str, BookCommand]]:
    """A command of each kind as anybody might send it."""
    yield "CorrectBookDetails", CorrectBookDetails(book_id=book_id, seen_revision=version, title=state.title)
    yield "DeleteBook", DeleteBook(book_id=book_id, reason="?")
    yield "AddCopy", AddCopy(book_id=book_id)
    for copy in state.copies:
        number = copy.copy_no
        yield (
            f"LendCopy#{number}",
            LendCopy(book_id=book_id, copy_no=number, loan_id=_NOBODY, patron=_reader_other_than(state)),
        )
        yield f"RenewLoan#{number}", RenewLoan(book_id=book_id, copy_no=number)
        yield f"ReturnCopy#{number}", ReturnCopy(book_id=book_id, copy_no=number)
        yield f"ReportCopyLost#{number}", ReportCopyLost(book_id=book_id, copy_no=number)
        yield f"WithdrawCopy#{number}", WithdrawCopy(book_id=book_id, copy_no=number, reason="?")


def _reader_other_than(state: Book) -> str:
    taken = {copy.loan.patron for copy in state.copies if copy.loan} | {hold.patron for hold in state.open_holds}
    name = _ANYBODY
    while name in taken:
        name += "0"
    return name
