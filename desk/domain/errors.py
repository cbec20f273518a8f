"""Every way in which the domain says no: codes with parameters; `sentences` puts them into words.

`InvalidField` and `InvalidCommand` refuse a value or a message before anybody looks at a book; `RuleBroken` is the
answer of a decision and an outcome, not a failure; `CorruptHistory` means that a stored stream cannot be true.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import final

from desk.records import dataclass


class RefusalCode(StrEnum):
    """Why a command as a whole is refused. The names are public: scripts and journals store them."""

    BOOK_NOT_FOUND = "BookNotFound"
    BOOK_ALREADY_EXISTS = "BookAlreadyExists"
    BOOK_NOT_PENDING = "BookNotPending"
    BOOK_NOT_LISTED = "BookNotListed"
    COPIES_ON_LOAN = "CopiesOnLoan"
    HOLDS_OUTSTANDING = "HoldsOutstanding"
    COPY_NOT_FOUND = "CopyNotFound"
    COPY_IS_ON_LOAN = "CopyIsOnLoan"
    COPY_NOT_ON_LOAN = "CopyNotOnLoan"
    LOAN_HAS_ENDED = "LoanHasEnded"
    COPY_IS_LOST = "CopyIsLost"
    COPY_IS_WITHDRAWN = "CopyIsWithdrawn"
    COPY_IS_ON_HOLD_SHELF = "CopyIsOnHoldShelf"
    COPY_RESERVED_FOR_OTHER = "CopyReservedForOther"
    PATRON_ALREADY_HAS_LOAN = "PatronAlreadyHasLoan"
    PATRON_ALREADY_HAS_HOLD = "PatronAlreadyHasHold"
    PATRON_HAS_READY_HOLD = "PatronHasReadyHold"
    RENEWAL_LIMIT_REACHED = "RenewalLimitReached"
    RENEWAL_BLOCKED_BY_HOLD = "RenewalBlockedByHold"
    INVALID_DUE_DATE = "InvalidDueDate"
    INVALID_RETURN_DATE = "InvalidReturnDate"
    NO_COPY_IN_CIRCULATION = "NoCopyInCirculation"
    HOLD_NOT_FOUND = "HoldNotFound"
    HOLD_NOT_OPEN = "HoldNotOpen"
    HOLD_ALREADY_EXISTS = "HoldAlreadyExists"
    PICKUP_PERIOD_NOT_OVER = "PickupPeriodNotOver"
    ISBN_ALREADY_CLAIMED = "IsbnAlreadyClaimed"
    INVALID_ISBN = "InvalidIsbn"
    INVALID_BOOK_DETAILS = "InvalidBookDetails"


class FieldCode(StrEnum):
    """What is wrong with one field of a form, a row of a file or a message. The names are public."""

    MISSING = "Missing"
    TOO_LONG = "TooLong"
    TOO_MANY = "TooMany"
    UNPRINTABLE = "Unprintable"
    ISBN_DAMAGED_BY_SPREADSHEET = "IsbnDamagedBySpreadsheet"
    ISBN_CHARACTERS = "IsbnCharacters"
    ISBN_LENGTH = "IsbnLength"
    ISBN_PREFIX = "IsbnPrefix"
    ISBN_CHECK_DIGIT = "IsbnCheckDigit"
    PATRON_CHARACTERS = "PatronCharacters"
    LANGUAGE_CODE = "LanguageCode"
    YEAR_NOT_A_NUMBER = "YearNotANumber"
    YEAR_OUT_OF_RANGE = "YearOutOfRange"
    YEAR_IN_FUTURE = "YearInFuture"
    NOT_POSITIVE = "NotPositive"
    NOT_A_REVISION = "NotARevision"
    NOT_A_DATE = "NotADate"
    DAY_TOO_LATE = "DayTooLate"
    UNKNOWN_REASON = "UnknownReason"


@final
@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong field: its name, the code, and the values that the code's sentence names."""

    field: str
    code: FieldCode
    params: Mapping[str, object]


@final
class InvalidField(Exception):
    """A text that is no such value; raised by the parse functions, one field at a time."""

    def __init__(self, field: str, code: FieldCode, /, **params: object) -> None:
        super().__init__(field, code, params)
        self.field = field
        self.code = code
        self.params: Mapping[str, object] = MappingProxyType(params)

    def __str__(self) -> str:
        return f"{self.field}: {_spelled(self.code, self.params)}"


@final
class InvalidCommand(Exception):
    """A command that cannot exist, with every field that is wrong and not only the first."""

    def __init__(self, errors: tuple[FieldError, ...], /) -> None:
        super().__init__(errors)
        self.errors = errors

    @property
    def code(self) -> RefusalCode:
        """One code for journals that keep one a command; the fields' own codes say more."""
        only_isbn = all(error.field == "isbn" for error in self.errors)
        return RefusalCode.INVALID_ISBN if only_isbn else RefusalCode.INVALID_BOOK_DETAILS

    @property
    def params(self) -> Mapping[str, object]:
        """The values that the sentence of `code` names."""
        fields = ", ".join(error.field.replace("_", " ") for error in self.errors)
        return MappingProxyType({"fields": fields})

    def __str__(self) -> str:
        return "; ".join(f"{e.field}: {_spelled(e.code, e.params)}" for e in self.errors)


@final
class RuleBroken(Exception):
    """A rule of the library refused the command; nothing was decided."""

    def __init__(self, code: RefusalCode, /, **params: object) -> None:
        super().__init__(code, params)
        self.code = code
        self.params: Mapping[str, object] = MappingProxyType(params)

    def __str__(self) -> str:
        return _spelled(self.code, self.params)


@final
class CorruptHistory(Exception):
    """A stream holds an event that cannot follow those before it; no decision may be built on it."""


def _spelled(code: StrEnum, params: Mapping[str, object]) -> str:
    """For logs: the code and its parameters, as in CopyIsOnLoan(copy_no=2)."""
    inner = ", ".join(f"{name}={value}" for name, value in params.items())
    return f"{code}({inner})" if inner else str(code)
