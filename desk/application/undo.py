"""Hop 1: what takes a stored command back, and what does it again: other commands, never an erasure; or why none does.

Pure: the answer follows from the command, the events that it became, what it met, and the book as it is. Whether the
book permits the answer, only the book itself can say.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from enum import Enum
from typing import Any, TypeAlias
from uuid import UUID

from desk.application.done import Done, copy_no_of
from desk.application.isolation import isolated
from desk.application.timeline.words import day_text
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
from desk.domain.events import BookDetailsCorrected, CopyFound
from desk.domain.sentences import describe
from desk.domain.state import Book, Copy, CopyState, Loan
from desk.records import dataclass

REASON = "taken back: it was a mistake"
"""The reason that a deletion or withdrawal gives where it undoes something."""


class Direction(Enum):
    """Which way: taking a command back, or doing it again."""

    UNDO = "undo"
    REDO = "redo"


@dataclass(frozen=True, slots=True)
class Present:
    """The book as it is, the revision of its last event, and the day. ``new_id`` makes ids of what begins anew."""

    book: Book
    revision: int
    today: date
    new_id: Callable[[], UUID]


@dataclass(frozen=True, slots=True)
class Possible:
    """The command to send. ``sentence`` says what it does, and what it does not bring back."""

    command: BookCommand
    sentence: str


@dataclass(frozen=True, slots=True)
class Impossible:
    """Why there is no such command now; ``for_good``: nor will there ever be one."""

    reason: str
    for_good: bool = False


Way: TypeAlias = Possible | Impossible


def way_of(done: Done, direction: Direction, present: Present) -> Way:
    """What takes the command back, or does it again after it was taken back."""
    if direction is Direction.REDO:
        return _way_again(done, present)
    return _rest_back(done, present) if done.is_rest else _way_back(done, present)


def _way_back(done: Done, present: Present) -> Way:
    command = done.command
    match command:
        case CreateBook():
            return _delete(command, present)
        case CorrectBookDetails():
            return _details(done, present, there=_corrected(done), wanted=done.met.details, sentence=_BACK)
        case AddCopy():
            return _copy_out_again(done, command)
        case LendCopy():
            return _take_back(done, command, present)
        case ReturnCopy():
            return _lose_again(command, present) if done.has(CopyFound) else _lend_again(done, present)
        case ReportCopyLost():
            return _found_again(done, command, present)
        case PlaceHold():
            cancel = CancelHold(book_id=command.book_id, hold_id=command.hold_id)
            return Possible(cancel, f"{command.patron} no longer waits for {done.title}.")
        case CancelHold():
            return _queue_again(command.book_id, done.met.reader, present)
    why = _FINAL.get(type(command), "Desk sent this by itself, and only Desk can answer it.")
    return Impossible(why, for_good=True)


_BACK = "Back to what it was before: {fields}."
_AGAIN = "It is done again as a new command, as of today."

_FINAL: dict[type, str] = {
    DeleteBook: "A deleted book does not come back. Take it in again as a new one; the history of the old one stays.",
    WithdrawCopy: "A withdrawn copy does not come back. Add a copy instead.",
    RenewLoan: "A due date is only ever put off. Return the copy and lend it again for an earlier one.",
}


def _rest_back(done: Done, present: Present) -> Way:
    """The second half of what took back too much for one command: see :meth:`Done.rest`."""
    command = done.command
    if isinstance(command, LendCopy):
        return _queue_again(command.book_id, command.patron, present)
    return _lend_again(done, present)


def _way_again(done: Done, present: Present) -> Way:
    command = done.command
    match command:
        case CreateBook():
            return Possible(replace(command, book_id=present.new_id()), _AGAIN)
        case CorrectBookDetails():
            return _details(done, present, there=done.met.details, wanted=_corrected(done), sentence=_AGAIN)
        case LendCopy():
            due_on = command.due_on if command.due_on and command.due_on > present.today else None
            return Possible(replace(command, loan_id=present.new_id(), due_on=due_on), _AGAIN)
        case ReturnCopy():
            # The loan that is ended now began after the day on which the first one ended.
            way = _end_loan(done, present) if not done.has(CopyFound) else _must_be_lost(command.copy_no, present)
            return way or Possible(replace(command, returned_on=None), _AGAIN)
        case ReportCopyLost():
            return _must_not_end_a_loan(command.copy_no, done.met.loan, present) or Possible(command, _AGAIN)
        case PlaceHold():
            return Possible(replace(command, hold_id=present.new_id()), _AGAIN)
    return Possible(command, _AGAIN)


def _delete(command: CreateBook, present: Present) -> Way:
    copies = sum(copy.state is not CopyState.WITHDRAWN for copy in present.book.copies)
    with_copies = f" with its copies ({copies})" if copies else ""
    sentence = f"“{isolated(present.book.title or command.title)}” is deleted{with_copies}; its history stays."
    return Possible(DeleteBook(book_id=command.book_id, reason=REASON), sentence)


def _details(
    done: Done, present: Present, *, there: Mapping[str, Any], wanted: Mapping[str, Any], sentence: str
) -> Way:
    """Whoever corrected the same fields since is not overruled: only what is ``there`` still becomes what is wanted."""
    names = [name for name, value in there.items() if getattr(present.book, name) == value]
    kept = [name for name in there if name not in names]
    since = f" Corrected since, and left alone: {_spelled(kept)}." if kept else ""
    if not names:
        return Impossible(f"Somebody corrected the same since: {_spelled(kept)}.")
    values = {name: wanted[name] for name in names}
    try:
        # Seen is the present: whoever comes in between is not overruled either.
        command = CorrectBookDetails(book_id=done.command.book_id, seen_revision=present.revision, **values)
    except InvalidCommand as wrong:  # stored by a Desk whose rules were wider
        reasons = " ".join(describe(each.code, each.params) for each in wrong.errors)
        return Impossible(f"What was there before cannot be stored any more. {reasons}", for_good=True)
    return Possible(command, sentence.format(fields=_spelled(names)) + since)


def _corrected(done: Done) -> Mapping[str, Any]:
    corrected = done.first(BookDetailsCorrected)
    return details_given(corrected) if corrected is not None else {}


def _spelled(names: list[str]) -> str:
    return ", ".join(name.replace("_", " ") for name in names)


def _copy_out_again(done: Done, command: AddCopy) -> Way:
    number = copy_no_of(done)
    withdraw = WithdrawCopy(book_id=command.book_id, copy_no=number, reason=REASON)
    return Possible(withdraw, f"Copy {number} is withdrawn for good; its number is not given again.")


def _take_back(done: Done, command: LendCopy, present: Present) -> Way:
    ended = _end_loan(done, present)
    if ended is not None:
        return ended
    sentence = f"Copy {command.copy_no} is returned by {command.patron}."
    if done.rest():
        sentence += " The hold that ended with the loan can be undone after that."
    return Possible(ReturnCopy(book_id=command.book_id, copy_no=command.copy_no, loan_id=done.loan_id), sentence)


def _end_loan(done: Done, present: Present) -> Impossible | None:
    """Why a return would not end this loan but another one, or none. A copy's number says nothing about whose loan."""
    number, loan_id = copy_no_of(done), done.loan_id
    copy = present.book.copy(number)
    if copy is not None and copy.loan is not None and copy.loan.loan_id == loan_id:
        return None
    since = f" Copy {number} is on loan to {copy.loan.patron} by now." if copy is not None and copy.loan else ""
    return Impossible(f"This loan has ended already.{since}")


def _lend_again(done: Done, present: Present) -> Way:
    loan, number = done.met.loan, copy_no_of(done)
    if loan is None:
        return Impossible("It is not known who had the copy.", for_good=True)
    due_on = loan.due_on if loan.due_on > present.today else None
    again = LendCopy(
        book_id=done.command.book_id, copy_no=number, loan_id=present.new_id(), patron=loan.patron, due_on=due_on
    )
    due = f"due {day_text(due_on)} as before" if due_on else "due as any loan that begins today"
    return Possible(again, f"Copy {number} is lent to {loan.patron} again, as a new loan, {due}.")


def _lose_again(command: ReturnCopy, present: Present) -> Way:
    lost = ReportCopyLost(book_id=command.book_id, copy_no=command.copy_no)
    sentence = f"Copy {command.copy_no} is reported lost again."
    return _must_not_end_a_loan(command.copy_no, None, present) or Possible(lost, sentence)


def _must_not_end_a_loan(number: int, own: Loan | None, present: Present) -> Impossible | None:
    copy = present.book.copy(number)
    if copy is None or copy.loan is None or (own is not None and copy.loan.loan_id == own.loan_id):
        return None
    return Impossible(f"Copy {number} is on loan to {copy.loan.patron} by now, and that loan would end with it.")


def _found_again(done: Done, command: ReportCopyLost, present: Present) -> Way:
    sentence = f"Copy {command.copy_no} is back in the library."
    if done.rest():
        sentence += " The loan that ended with the loss can be undone after that."
    found = ReturnCopy(book_id=command.book_id, copy_no=command.copy_no)
    return _must_be_lost(command.copy_no, present) or Possible(found, sentence)


def _must_be_lost(number: int, present: Present) -> Impossible | None:
    copy: Copy | None = present.book.copy(number)
    lost = copy is not None and copy.state is CopyState.LOST
    return None if lost else Impossible(f"Copy {number} is not lost any more.")


def _queue_again(book_id: UUID, reader: str, present: Present) -> Way:
    if not reader:
        return Impossible("It is not known who waited.", for_good=True)
    place = PlaceHold(book_id=book_id, hold_id=present.new_id(), patron=reader)
    return Possible(place, f"{reader} waits again, at the end of the queue: the earlier place is gone.")
