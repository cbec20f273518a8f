"""Hop 1: everything that can be asked of the domain, valid by construction.

Building a command normalises its fields and raises InvalidCommand with every field that is wrong. Ids are made by the
caller, so that a repeat of a command is the same command.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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


def _settle(command: Any, **own_rules: Callable[[Any], Any]) -> None:
    """Gives each field its parsed form, by the rules and those of this command's own; fields left UNSET stay so."""
    errors: list[FieldError] = []
    present = command.__dataclass_fields__
    for name, parse in {**RULES, **own_rules}.items():
        if name not in present or (value := getattr(command, name)) is UNSET:
            continue
        try:
            object.__setattr__(command, name, parse(value))
        except InvalidField as wrong:
            errors.append(FieldError(name, wrong.code, wrong.params))
    if errors:
        raise InvalidCommand(tuple(errors))


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CreateBook(BookDetails):
    """Take a title into the catalogue; it is pending until its ISBN is claimed."""

    book_id: UUID
    isbn: str

    def __post_init__(self) -> None:
        _settle(self)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectBookDetails(CorrectedDetails):
    """Correct what is known of a title; `seen_revision` is the book's revision that the user had before the eyes."""

    book_id: UUID
    seen_revision: int

    def __post_init__(self) -> None:
        _settle(self)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteBook:
    """Take a title and the copies that are left out of the catalogue."""

    book_id: UUID
    reason: str

    def __post_init__(self) -> None:
        _settle(self)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class AddCopy:
    """Add a copy; the book gives it the next number."""

    book_id: UUID
    shelf_mark: str | None = None

    def __post_init__(self) -> None:
        _settle(self)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawCopy:
    """Take a copy out of circulation for good."""

    book_id: UUID
    copy_no: int
    reason: str

    def __post_init__(self) -> None:
        _settle(self)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LendCopy:
    """Lend a copy to a reader; without a due date the policy's days count from today."""

    book_id: UUID
    copy_no: int
    loan_id: UUID
    patron: str
    due_on: date | None = None

    def __post_init__(self) -> None:
        _settle(self)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RenewLoan:
    """Put off the due date; without one the policy's days count from the later of today and the present one."""

    book_id: UUID
    copy_no: int
    due_on: date | None = None

    def __post_init__(self) -> None:
        _settle(self)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnCopy:
    """Take back a lent copy, or find a lost one; without a day it was today."""

    book_id: UUID
    copy_no: int
    returned_on: date | None = None

    def __post_init__(self) -> None:
        _settle(self)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCopyLost:
    """Say that a copy cannot be found; a loan of it ends."""

    book_id: UUID
    copy_no: int

    def __post_init__(self) -> None:
        _settle(self)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceHold:
    """Queue a reader for the next copy that becomes free."""

    book_id: UUID
    hold_id: UUID
    patron: str

    def __post_init__(self) -> None:
        _settle(self)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CancelHold:
    """Take a reader out of the queue, or a set-aside copy back from the hold shelf."""

    book_id: UUID
    hold_id: UUID


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ListBook:
    """Internal: the ISBN is claimed, the book is in the catalogue."""

    book_id: UUID


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RejectBook:
    """Internal: another book owns the ISBN."""

    book_id: UUID
    conflicting_book_id: UUID


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireHold:
    """Internal: the days for picking up a set-aside copy are over."""

    book_id: UUID
    hold_id: UUID


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimIsbn:
    """Internal: make a book the owner of an ISBN."""

    isbn: str
    book_id: UUID

    def __post_init__(self) -> None:
        _settle(self)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseIsbn:
    """Internal: give an ISBN back, if this book owns it."""

    isbn: str
    book_id: UUID
    reason: str

    def __post_init__(self) -> None:
        _settle(self, reason=parse_release_reason)


LifeCommand: TypeAlias = CreateBook | ListBook | RejectBook | CorrectBookDetails | DeleteBook
CopyCommand: TypeAlias = AddCopy | WithdrawCopy | ReportCopyLost
LoanCommand: TypeAlias = LendCopy | RenewLoan | ReturnCopy
HoldCommand: TypeAlias = PlaceHold | CancelHold | ExpireHold
BookCommand: TypeAlias = LifeCommand | CopyCommand | LoanCommand | HoldCommand
IsbnCommand: TypeAlias = ClaimIsbn | ReleaseIsbn
Command: TypeAlias = BookCommand | IsbnCommand
