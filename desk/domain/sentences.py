"""Every code in words: what is wrong and what to do about it. The window may translate the templates."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from desk.domain.errors import FieldCode, RefusalCode

SENTENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        # The command as a whole.
        RefusalCode.BOOK_NOT_FOUND: "There is no such book. Refresh the list and choose another one.",
        RefusalCode.BOOK_ALREADY_EXISTS: "This book was created already, as “{title}”. Open it and correct it there.",
        RefusalCode.BOOK_NOT_PENDING: "The check of the ISBN is over: the book is {life}. Nothing needs to be done.",
        RefusalCode.BOOK_NOT_LISTED: "This works on listed books only, and this one is {life}. Choose another book.",
        RefusalCode.COPIES_ON_LOAN: "Copies on loan: {count}. Return them or report them lost first.",
        RefusalCode.HOLDS_OUTSTANDING: "Readers waiting for this book: {count}. Cancel their holds first.",
        RefusalCode.COPY_NOT_FOUND: "This book has no copy {copy_no}. Choose one of its copies.",
        RefusalCode.COPY_IS_ON_LOAN: "Copy {copy_no} is on loan. Return it first.",
        RefusalCode.COPY_NOT_ON_LOAN: "Copy {copy_no} is not on loan. Choose one that is.",
        RefusalCode.LOAN_HAS_ENDED: "That loan of copy {copy_no} has ended, and another began. Look at the copy again.",
        RefusalCode.COPY_IS_LOST: "Copy {copy_no} is lost. If it is back, return it first.",
        RefusalCode.COPY_IS_WITHDRAWN: "Copy {copy_no} was withdrawn for good. Choose another copy or add one.",
        RefusalCode.COPY_IS_ON_HOLD_SHELF: "Copy {copy_no} is set aside for a reader. Cancel that hold first.",
        RefusalCode.COPY_RESERVED_FOR_OTHER: (
            "Copy {copy_no} is set aside for {patron}. Lend it to that reader, or choose another copy."
        ),
        RefusalCode.PATRON_ALREADY_HAS_LOAN: "{patron} has copy {copy_no} of this book. Renew that loan instead.",
        RefusalCode.PATRON_ALREADY_HAS_HOLD: "{patron} is in the queue already. Nothing needs to be done.",
        RefusalCode.PATRON_HAS_READY_HOLD: "Copy {copy_no} is set aside for {patron}. Lend that copy.",
        RefusalCode.RENEWAL_LIMIT_REACHED: "Renewed {limit} times, this loan is at its limit. Return the copy.",
        RefusalCode.RENEWAL_BLOCKED_BY_HOLD: "Another reader waits. Return copy {copy_no} when it is due.",
        RefusalCode.INVALID_DUE_DATE: "{due_on} is too early a due date. Choose {earliest} or later.",
        RefusalCode.INVALID_RETURN_DATE: (
            "The copy cannot have come back on {returned_on}. Choose a day of the loan, not after {latest}."
        ),
        RefusalCode.NO_COPY_IN_CIRCULATION: "No copy of this book can be lent. Add a copy first.",
        RefusalCode.HOLD_NOT_FOUND: "There is no such hold. Refresh the queue and choose another one.",
        RefusalCode.HOLD_NOT_OPEN: "This hold is {state} already. Nothing needs to be done.",
        RefusalCode.HOLD_ALREADY_EXISTS: "This hold was placed already. Place a new one if the reader still waits.",
        RefusalCode.PICKUP_PERIOD_NOT_OVER: "The copy is kept until {pickup_until}. Wait until that day is over.",
        RefusalCode.ISBN_ALREADY_CLAIMED: "ISBN {isbn} belongs to another book. Open that one, or check the number.",
        RefusalCode.INVALID_ISBN: "The ISBN is not right. Check it against the book.",
        RefusalCode.INVALID_BOOK_DETAILS: "Please correct: {fields}.",
        # One field.
        FieldCode.MISSING: "Please fill this in.",
        FieldCode.TOO_LONG: "This has {length} characters, and at most {longest} fit. Shorten it.",
        FieldCode.TOO_MANY: "These are {count}, and at most {most} fit. Take some out.",
        FieldCode.UNPRINTABLE: "This holds characters that cannot be shown. Type it again.",
        FieldCode.ISBN_DAMAGED_BY_SPREADSHEET: (
            "A spreadsheet turned the ISBN into the number {isbn}; its digits are gone. "
            "Format the column as text and export the file again."
        ),
        FieldCode.ISBN_CHARACTERS: (
            "An ISBN has digits, hyphens and perhaps an X at the end; {isbn} has something else. Check it."
        ),
        FieldCode.ISBN_LENGTH: "An ISBN has 10 or 13 digits; {isbn} has {length}. Check it.",
        FieldCode.ISBN_PREFIX: "An ISBN of 13 digits begins with 978 or 979; {isbn} is some other number. Check it.",
        FieldCode.ISBN_CHECK_DIGIT: "The last digit of {isbn} does not fit the others. Check each digit.",
        FieldCode.PATRON_CHARACTERS: "A reader's number has letters A to Z, digits and hyphens only. Check {patron}.",
        FieldCode.LANGUAGE_CODE: "{language} is no language of ISO 639-1. Type its two letters, such as en or de.",
        FieldCode.YEAR_NOT_A_NUMBER: "{year} is no year. Type four digits, or leave the year empty.",
        FieldCode.YEAR_OUT_OF_RANGE: "{year} is no year of four digits. Correct it, or leave the year empty.",
        FieldCode.YEAR_IN_FUTURE: "{year} is still to come. Choose {latest} or an earlier year, or leave it empty.",
        FieldCode.NOT_POSITIVE: "Copies are numbered from 1; {number} is none of them. Choose a copy.",
        FieldCode.NOT_A_REVISION: "{revision} is no revision of a book; they count from 0. Open the book again.",
        FieldCode.NOT_A_DATE: "{value} is a time, and a day is wanted. Give only the day.",
        FieldCode.DAY_TOO_LATE: "{value} is too far away. Choose {latest} or an earlier day.",
        FieldCode.UNKNOWN_REASON: "{reason} is no reason to release an ISBN. Use bookDeleted or registrationAbandoned.",
    }
)


def describe(code: str, params: Mapping[str, object]) -> str:
    """The code's sentence with the values of its refusal. Raises KeyError for a code or a value that is not there."""
    return SENTENCES[code].format_map(params)
