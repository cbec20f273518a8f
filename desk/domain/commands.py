"""Hop 1: everything that can be asked of the domain, valid by construction.

Building a command normalises its fields and raises InvalidCommand with every field that is wrong. Ids are made by the
caller, so that a repeat of a command is the same command.
"""

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Final, TypeAlias, final
from uuid import UUID

from desk.domain.details import DETAIL_PARSERS, BookDetails, CorrectedDetails
from desk.domain.errors import FieldError, InvalidCommand, InvalidField
from desk.domain.isbn import parse_isbn
from desk.domain.values import (
    UNSET,
    parse_copy_no,
    parse_day,
    parse_patron,
    parse_reason,
    parse_release_reason,
    parse_revision,
    parse_shelf_mark,
)
from desk.records import dataclass

RULES: Final[Mapping[str, Callable[[Any], Any]]] = MappingProxyType(
    {
        "seen_revision": parse_revision,
        "isbn": parse_isbn,
        **DETAIL_PARSERS,
        "copy_no": parse_copy_no,
        "shelf_mark": parse_shelf_mark,
        "patron": parse_patron,
        "due_on": parse_day,
        "returned_on": parse_day,
        "reason": parse_reason,
    }
)
"""The rule of each field, whichever command has it, in the order in which errors are said. Ids need none."""


class _Parsed:
    """A command gives each of its fields its parsed form, by the rules; fields left UNSET stay so."""

    __slots__ = ()
    rules = RULES

    def __post_init__(self) -> None:
        errors: list[FieldError] = []
        for name, parse in self.rules.items():
            value = getattr(self, name, UNSET)
            if value is UNSET:
                continue
            try:
                object.__setattr__(self, name, parse(value))
            except InvalidField as wrong:
                errors.append(FieldError(name, wrong.code, wrong.params))
        if errors:
            raise InvalidCommand(tuple(errors))


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CreateBook(BookDetails, _Parsed):
    """Take a title into the catalogue; it is pending until its ISBN is claimed."""

    book_id: UUID
    isbn: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectBookDetails(CorrectedDetails, _Parsed):
    """Correct what is known of a title; `seen_revision` is the book's revision that the user had before the eyes."""

    book_id: UUID
    seen_revision: int


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteBook(_Parsed):
    """Take a title and the copies that are left out of the catalogue."""

    book_id: UUID
    reason: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class AddCopy(_Parsed):
    """Add a copy; the book gives it the next number."""

    book_id: UUID
    shelf_mark: str | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawCopy(_Parsed):
    """Take a copy out of circulation for good."""

    book_id: UUID
    copy_no: int
    reason: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LendCopy(_Parsed):
    """Lend a copy to a reader; without a due date the policy's days count from today."""

    book_id: UUID
    copy_no: int
    loan_id: UUID
    patron: str
    due_on: date | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RenewLoan(_Parsed):
    """Put off the due date; without one the policy's days count from the later of today and the present one. Whoever
    names the loan means no other one of the copy.
    """

    book_id: UUID
    copy_no: int
    due_on: date | None = None
    loan_id: UUID | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnCopy(_Parsed):
    """Take back a lent copy, or find a lost one; without a day it was today. Whoever names the loan means no other one
    of the copy.
    """

    book_id: UUID
    copy_no: int
    returned_on: date | None = None
    loan_id: UUID | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCopyLost(_Parsed):
    """Say that a copy cannot be found; a loan of it ends."""

    book_id: UUID
    copy_no: int


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceHold(_Parsed):
    """Queue a reader for the next copy that becomes free."""

    book_id: UUID
    hold_id: UUID
    patron: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CancelHold(_Parsed):
    """Take a reader out of the queue, or a set-aside copy back from the hold shelf."""

    book_id: UUID
    hold_id: UUID


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ListBook(_Parsed):
    """Internal: the ISBN is claimed, the book is in the catalogue."""

    book_id: UUID


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RejectBook(_Parsed):
    """Internal: another book owns the ISBN."""

    book_id: UUID
    conflicting_book_id: UUID


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireHold(_Parsed):
    """Internal: the days for picking up a set-aside copy are over."""

    book_id: UUID
    hold_id: UUID


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimIsbn(_Parsed):
    """Internal: make a book the owner of an ISBN."""

    isbn: str
    book_id: UUID


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseIsbn(_Parsed):
    """Internal: give an ISBN back, if this book owns it."""

    isbn: str
    book_id: UUID
    reason: str
    rules = MappingProxyType({**RULES, "reason": parse_release_reason})


LifeCommand: TypeAlias = CreateBook | ListBook | RejectBook | CorrectBookDetails | DeleteBook
CopyCommand: TypeAlias = AddCopy | WithdrawCopy | ReportCopyLost
LoanCommand: TypeAlias = LendCopy | RenewLoan | ReturnCopy
HoldCommand: TypeAlias = PlaceHold | CancelHold | ExpireHold
BookCommand: TypeAlias = LifeCommand | CopyCommand | LoanCommand | HoldCommand
IsbnCommand: TypeAlias = ClaimIsbn | ReleaseIsbn
Command: TypeAlias = BookCommand | IsbnCommand
