"""Values other than the ISBN: the rules of each field, once, for forms, files and messages alike.

Every parse function returns the value in the one form in which it is stored and raises InvalidField. Parsing what was
parsed changes nothing.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from enum import Enum
from typing import Final

from desk.domain.errors import FieldCode, InvalidField
from desk.domain.languages import LANGUAGE_CODES


class Unset(Enum):
    """The type of `UNSET`: a field that a correction does not touch, where None would clear it."""

    UNSET = "unset"

    def __repr__(self) -> str:
        return self.name


UNSET: Final = Unset.UNSET

TITLE_LENGTH: Final = 300
NAME_LENGTH: Final = 200
AUTHORS_COUNT: Final = 20
SUBJECT_LENGTH: Final = 100
SUBJECTS_COUNT: Final = 50
SHELF_MARK_LENGTH: Final = 40
REASON_LENGTH: Final = 200
PATRON_LENGTH: Final = 32
FIRST_YEAR: Final = 1000
LAST_YEAR: Final = 9999
LAST_DAY: Final = date(LAST_YEAR - 1, 12, 31)
"""A loan can still be renewed from here without leaving the calendar."""

DUPLICATE_ISBN: Final = "duplicateIsbn"
BOOK_DELETED: Final = "bookDeleted"
REGISTRATION_ABANDONED: Final = "registrationAbandoned"
RELEASE_REASONS: Final = (BOOK_DELETED, REGISTRATION_ABANDONED)

_PATRON: Final = re.compile(r"[A-Z0-9-]+")
# Surrogates cannot be stored as UTF-8. C1 controls are let pass: real files hold them as debris of old encodings.
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def parse_title(text: str) -> str:
    """1 to 300 characters in one line."""
    return _required("title", text, TITLE_LENGTH)


def parse_authors(names: str | Iterable[str]) -> tuple[str, ...]:
    """1 to 20 names in their order; a single text is split at semicolons, empty names are dropped."""
    authors = _checked("authors", _lines("authors", names), NAME_LENGTH, AUTHORS_COUNT)
    if not authors:
        raise InvalidField("authors", FieldCode.MISSING)
    return authors


def parse_subjects(names: str | Iterable[str]) -> tuple[str, ...]:
    """Up to 50 subjects in their order; a single text is split at semicolons, empty names are dropped.

    Of names that differ in case only the first one stays.
    """
    distinct: dict[str, str] = {}
    for line in _lines("subjects", names):
        distinct.setdefault(line.casefold(), line)
    return _checked("subjects", tuple(distinct.values()), SUBJECT_LENGTH, SUBJECTS_COUNT)


def parse_publisher(text: str | None) -> str | None:
    """Up to 200 characters; empty means unknown."""
    return _optional("publisher", text, NAME_LENGTH)


def parse_published_year(value: int | str | None, *, latest: int | None = None) -> int | None:
    """A year of four digits; empty means unknown. Only the edge knows what today is, and with it `latest`."""
    if isinstance(value, str):
        value = _number(value)
    if value is None:
        return None
    if not FIRST_YEAR <= value <= LAST_YEAR:
        raise InvalidField("published_year", FieldCode.YEAR_OUT_OF_RANGE, year=value)
    if latest is not None and value > latest:
        raise InvalidField("published_year", FieldCode.YEAR_IN_FUTURE, year=value, latest=latest)
    return value


def parse_language(text: str | None) -> str | None:
    """A code of ISO 639-1, two letters in lower case; empty means unknown."""
    code = (text or "").strip()
    if not code:
        return None
    lower = code.lower()
    if LANGUAGE_CODES.get(lower) != lower:
        raise InvalidField("language", FieldCode.LANGUAGE_CODE, language=code)
    return lower


def parse_shelf_mark(text: str | None) -> str | None:
    """Up to 40 characters; empty means none."""
    return _optional("shelf_mark", text, SHELF_MARK_LENGTH)


def parse_reason(text: str) -> str:
    """1 to 200 characters in one line."""
    return _required("reason", text, REASON_LENGTH)


def parse_release_reason(text: str) -> str:
    """One of the two reasons for which an ISBN becomes free."""
    if text not in RELEASE_REASONS:
        raise InvalidField("reason", FieldCode.UNKNOWN_REASON, reason=text)
    return text


def parse_patron(text: str) -> str:
    """A reader's number as another system gave it: 1 to 32 of A-Z, 0-9 and hyphen, in upper case."""
    number = text.strip()
    if not number:
        raise InvalidField("patron", FieldCode.MISSING)
    # ASCII first: upper() makes SS of the German sharp s.
    if not (number.isascii() and _PATRON.fullmatch(number.upper())):
        raise InvalidField("patron", FieldCode.PATRON_CHARACTERS, patron=number)
    return _bounded("patron", number.upper(), PATRON_LENGTH)


def parse_copy_no(number: int) -> int:
    """The number of a copy within its book, from 1."""
    if number < 1:
        raise InvalidField("copy_no", FieldCode.NOT_POSITIVE, number=number)
    return number


def parse_revision(revision: int) -> int:
    """The revision of a book's newest event that the user saw, from 0."""
    if revision < 0:
        raise InvalidField("seen_revision", FieldCode.NOT_A_REVISION, revision=revision)
    return revision


def parse_day(day: date | None) -> date | None:
    """A day without time, up to LAST_DAY; a datetime is a date to the type checker, but compares with none."""
    if isinstance(day, datetime):
        raise InvalidField("day", FieldCode.NOT_A_DATE, value=day.isoformat())
    if day is not None and day > LAST_DAY:
        raise InvalidField("day", FieldCode.DAY_TOO_LATE, value=day.isoformat(), latest=LAST_DAY.isoformat())
    return day


def _number(text: str) -> int | None:
    digits = text.strip()
    if not digits:
        return None
    if not (digits.isascii() and digits.isdigit()):
        raise InvalidField("published_year", FieldCode.YEAR_NOT_A_NUMBER, year=digits)
    # Longer ones are out of range anyhow, and int() of a very long text is slow or refused.
    return int(digits[:9])


def _lines(field: str, names: str | Iterable[str]) -> tuple[str, ...]:
    parts = names.split(";") if isinstance(names, str) else names
    return tuple(line for line in (_line(field, part) for part in parts) if line)


def _checked(field: str, lines: tuple[str, ...], longest: int, most: int) -> tuple[str, ...]:
    if len(lines) > most:
        raise InvalidField(field, FieldCode.TOO_MANY, count=len(lines), most=most)
    for line in lines:
        _bounded(field, line, longest)
    return lines


def _required(field: str, text: str, longest: int) -> str:
    line = _line(field, text)
    if not line:
        raise InvalidField(field, FieldCode.MISSING)
    return _bounded(field, line, longest)


def _optional(field: str, text: str | None, longest: int) -> str | None:
    return _bounded(field, _line(field, text or ""), longest) or None


def _line(field: str, text: str) -> str:
    """One line in composed form, so that what looks alike is alike: trimmed, white space as single spaces."""
    line = unicodedata.normalize("NFC", " ".join(text.split()))
    if _UNPRINTABLE.search(line):
        raise InvalidField(field, FieldCode.UNPRINTABLE)
    return line


def _bounded(field: str, line: str, longest: int) -> str:
    if len(line) > longest:
        raise InvalidField(field, FieldCode.TOO_LONG, length=len(line), longest=longest)
    return line
