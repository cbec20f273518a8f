"""Which commands a book would refuse: asked of the aggregate itself, by deciding on its state without appending."""

from collections.abc import Iterator
from uuid import UUID

from desk.application.command_events import part_of
from desk.application.handlers import Aggregates
from desk.application.queries import GetPermissions, Permissions
from desk.cqrs.bus import CommandBus
from desk.cqrs.messages import Sender
from desk.cqrs.store import NO_STREAM
from desk.domain.commands import (
    AddCopy,
    BookCommand,
    CancelHold,
    CorrectBookDetails,
    DeleteBook,
    LendCopy,
    PlaceHold,
    RenewLoan,
    ReportCopyLost,
    ReturnCopy,
    WithdrawCopy,
)
from desk.domain.state import Book, Copy
from desk.domain.streams import book_stream

_ANYBODY = "0"
_NOBODY = UUID(int=0)


class PermissionsQueryHandler:
    """Answers GetPermissions. The book is read once, and each command is explained on what was read."""

    def __init__(self, aggregates: Aggregates, commands: CommandBus, sender: Sender) -> None:
        self._books, self._commands, self._sender = aggregates.books, commands, sender

    def __call__(self, query: GetPermissions) -> Permissions | None:
        """What the book's present state refuses; None where there is no such book."""
        loaded = self._books.load(book_stream(query.book_id))
        if loaded.version == NO_STREAM:
            return None
        refusals = {}
        for command in candidates(query.book_id, loaded.state, loaded.version):
            refusal = self._commands.explain_inline(self._sender.envelope(command), loaded).refusal
            if refusal is not None:
                refusals[type(command), part_of(command)] = refusal.sentence
        return Permissions(query.book_id, loaded.version, refusals)


def candidates(book_id: UUID, state: Book, version: int) -> Iterator[BookCommand]:
    """A command of each kind as anybody might send it, for the book and for each of its copies and open holds."""
    yield CorrectBookDetails(book_id=book_id, seen_revision=version, title=state.title)
    yield DeleteBook(book_id=book_id, reason="?")
    yield AddCopy(book_id=book_id)
    yield PlaceHold(book_id=book_id, hold_id=_NOBODY, patron=_reader_other_than(state))
    for hold in state.open_holds:
        yield CancelHold(book_id=book_id, hold_id=hold.hold_id)
    for copy in state.copies:
        number = copy.copy_no
        reader = _reader_for(state, copy)
        yield LendCopy(book_id=book_id, copy_no=number, loan_id=_NOBODY, patron=reader)
        yield RenewLoan(book_id=book_id, copy_no=number)
        yield ReturnCopy(book_id=book_id, copy_no=number)
        yield ReportCopyLost(book_id=book_id, copy_no=number)
        yield WithdrawCopy(book_id=book_id, copy_no=number, reason="?")


def _reader_for(state: Book, copy: Copy) -> str:
    """Whoever might borrow the copy: for one on the hold shelf it is the reader for whom it stands there."""
    hold = state.open_hold(copy.hold_id) if copy.hold_id else None
    return hold.patron if hold else _reader_other_than(state)


def _reader_other_than(state: Book) -> str:
    taken = {copy.loan.patron for copy in state.copies if copy.loan} | {hold.patron for hold in state.open_holds}
    name = _ANYBODY
    while name in taken:
        name += "0"
    return name
