"""Hop 1: what takes a stored command back: another command, never an erasure; or why there is none.

Pure: the answer follows from the command, the events that it became, and the book as the command met it. Whether the
book still permits the answer, only the book itself can say.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from desk.application.isolation import isolated
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
from desk.domain.errors import InvalidCommand
from desk.domain.events import (
    BookDetailsCorrected,
    CopyAdded,
    CopyFound,
    HoldFulfilled,
    HoldPlaced,
)
from desk.domain.sentences import describe
from desk.domain.state import Book, Loan

E = TypeVar("E")

REASON = "taken back: it was a mistake"
"""The reason that a deletion or withdrawal gives where it undoes something."""


@dataclass(frozen=True, slots=True)
class Compensation:
    """The command that takes another one back. ``sentence`` says what it does, and what it does not bring back."""

    command: BookCommand
    sentence: str


@dataclass(frozen=True, slots=True)
class Irreversible:
    """Why nothing takes a command back, and what can be done instead."""

    reason: str


WayBack: TypeAlias = Compensation | Irreversible


@dataclass(frozen=True, slots=True)
class Done:
    """A command that was stored: its events, the revision of the last of them, and the book as the command met it."""

    command: BookCommand
    events: tuple[object, ...]
    revision: int
    before: Book


def compensate(done: Done, today: date, new_id: Callable[[], UUID]) -> WayBack:
    """What takes the command back. ``new_id`` makes the id of a loan or hold that begins anew."""
    command = done.command
    match command:
        case CreateBook():
            return Compensation(
                DeleteBook(book_id=command.book_id, reason=REASON), f"{_title(done)} is deleted; its history stays."
            )
        case CorrectBookDetails():
            return _details_back(done, command)
        case AddCopy():
            return _copy_out_again(done, command)
        case LendCopy():
            return _take_back(done, command)
        case ReturnCopy():
            return _lend_again(done, command, today, new_id)
        case ReportCopyLost():
            return _found_again(done, command)
        case PlaceHold():
            cancel = CancelHold(book_id=command.book_id, hold_id=command.hold_id)
            return Compensation(cancel, f"{command.patron} no longer waits for {_title(done)}.")
        case CancelHold():
            return _queue_again(done, command, new_id)
    return Irreversible(_FINAL.get(type(command), "Desk sent this by itself, and only Desk can answer it."))


_FINAL: dict[type, str] = {
    DeleteBook: "A deleted book does not come back. Take it in again as a new one; the history of the old one stays.",
    WithdrawCopy: "A withdrawn copy does not come back. Add a copy instead.",
    RenewLoan: "A due date is only ever put off. Take the copy back and lend it again for an earlier one.",
}


def repetition(
    command: BookCommand, undone: tuple[object, ...], revision: int, new_id: Callable[[], UUID]
) -> BookCommand:
    """The same command anew; what has an id of its own gets a new one.

    ``undone`` are the events that took it back, ``revision`` that of the last of them.
    """
    match command:
        case CreateBook():
            return replace(command, book_id=new_id())
        case CorrectBookDetails():
            return replace(command, seen_revision=revision)
        case LendCopy():
            return replace(command, loan_id=new_id())
        case ReturnCopy():
            # The loan that is ended now began after the day on which the first one ended.
            return replace(command, returned_on=None)
        case PlaceHold():
            return replace(command, hold_id=new_id())
        case CancelHold():
            placed = first(HoldPlaced, undone)
            return replace(command, hold_id=placed.hold_id) if placed else command
    return command


def describe_command(done: Done) -> str:
    """What was done, in a few words that can follow "Undo", as in "Lend copy 2 of “Emma” to R-1001"."""
    command, title = done.command, _title(done)
    match command:
        case CreateBook():
            return f"Create {title}"
        case CorrectBookDetails():
            return f"Correct {title}"
        case DeleteBook():
            return f"Delete {title}"
        case AddCopy():
            return f"Add copy {_added_no(done)} of {title}"
        case PlaceHold():
            return f"Place hold of {command.patron} on {title}"
        case CancelHold():
            return f"Cancel hold of {_holder(done, command)} on {title}"
    return _describe_with_copy(command, title)


def _describe_with_copy(command: BookCommand, title: str) -> str:
    match command:
        case WithdrawCopy():
            return f"Withdraw copy {command.copy_no} of {title}"
        case LendCopy():
            return f"Lend copy {command.copy_no} of {title} to {command.patron}"
        case RenewLoan():
            return f"Renew loan of copy {command.copy_no} of {title}"
        case ReturnCopy():
            return f"Return copy {command.copy_no} of {title}"
        case ReportCopyLost():
            return f"Report copy {command.copy_no} of {title} lost"
    return f"{type(command).__name__} of {title}"


def first(kind: type[E], events: Iterable[object]) -> E | None:
    """The first event of a kind."""
    return next((event for event in events if isinstance(event, kind)), None)


def _details_back(done: Done, command: CorrectBookDetails) -> WayBack:
    corrected = first(BookDetailsCorrected, done.events)
    names = list(details_given(corrected)) if corrected is not None else []
    earlier: dict[str, Any] = {name: getattr(done.before, name) for name in names}
    spelled = ", ".join(name.replace("_", " ") for name in names)
    # Seen is the correction itself: whoever corrected the same fields after it is not overruled unasked.
    try:
        back = CorrectBookDetails(book_id=command.book_id, seen_revision=done.revision, **earlier)
    except InvalidCommand as wrong:  # stored by a Desk whose rules were wider
        reasons = " ".join(describe(each.code, each.params) for each in wrong.errors)
        return Irreversible(f"What was there before cannot be stored any more. {reasons}")
    return Compensation(back, f"Back to what it was before: {spelled}.")


def _copy_out_again(done: Done, command: AddCopy) -> WayBack:
    number = _added_no(done)
    withdraw = WithdrawCopy(book_id=command.book_id, copy_no=number, reason=REASON)
    return Compensation(withdraw, f"Copy {number} is withdrawn for good; its number is not given again.")


def _take_back(done: Done, command: LendCopy) -> WayBack:
    back = ReturnCopy(book_id=command.book_id, copy_no=command.copy_no)
    sentence = f"Copy {command.copy_no} is taken back from {command.patron}."
    if first(HoldFulfilled, done.events):
        sentence += " The hold that ended with the loan does not come back."
    return Compensation(back, sentence)


def _lend_again(done: Done, command: ReturnCopy, today: date, new_id: Callable[[], UUID]) -> WayBack:
    if first(CopyFound, done.events):
        lost = ReportCopyLost(book_id=command.book_id, copy_no=command.copy_no)
        return Compensation(lost, f"Copy {command.copy_no} is reported lost again.")
    loan = _loan_before(done, command.copy_no)
    if loan is None:
        return Irreversible("It is not known who had the copy.")
    due_on = loan.due_on if loan.due_on > today else None
    again = LendCopy(
        book_id=command.book_id, copy_no=command.copy_no, loan_id=new_id(), patron=loan.patron, due_on=due_on
    )
    due = f"due {due_on.isoformat()} as before" if due_on else "due as any loan that begins today"
    return Compensation(again, f"Copy {command.copy_no} is lent to {loan.patron} again, as a new loan, {due}.")


def _found_again(done: Done, command: ReportCopyLost) -> WayBack:
    sentence = f"Copy {command.copy_no} is back in the library."
    loan = _loan_before(done, command.copy_no)
    if loan is not None:
        sentence += f" The loan of {loan.patron} that ended with the loss does not come back."
    return Compensation(ReturnCopy(book_id=command.book_id, copy_no=command.copy_no), sentence)


def _queue_again(done: Done, command: CancelHold, new_id: Callable[[], UUID]) -> WayBack:
    hold = done.before.open_hold(command.hold_id)
    if hold is None:
        return Irreversible("It is not known who waited.")
    place = PlaceHold(book_id=command.book_id, hold_id=new_id(), patron=hold.patron)
    return Compensation(place, f"{hold.patron} waits again, at the end of the queue: the earlier place is gone.")


def _title(done: Done) -> str:
    command = done.command
    return f"“{isolated(command.title if isinstance(command, CreateBook) else done.before.title)}”"


def _added_no(done: Done) -> int:
    added = first(CopyAdded, done.events)
    return added.copy_no if added else len(done.before.copies) + 1


def _holder(done: Done, command: CancelHold) -> str:
    hold = done.before.open_hold(command.hold_id)
    return hold.patron if hold else "a reader"


def _loan_before(done: Done, copy_no: int) -> Loan | None:
    copy = done.before.copy(copy_no)
    return copy.loan if copy else None
