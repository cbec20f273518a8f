"""The ISBN: both lengths, their check digits, and the damage that spreadsheets do to them.

Rules: ISO 2108 (13 digits from 978 or 979, weights 1 and 3 modulo 10; 10 digits, weights 10 to 1 modulo 11, X = 10).
"""

import re
from typing import Final, Self, final

from desk.domain.errors import FieldCode, InvalidField
from desk.records import dataclass

_LABEL: Final = re.compile(r"\s*ISBN(?:-1[03]\b)?[:\s]*", re.IGNORECASE)
# Hyphens as they come from keyboards, typesetters and web pages.
_SEPARATORS: Final = re.compile(r"[\s\-\u00ad\u2010-\u2015\u2212]+")
_SCIENTIFIC: Final = re.compile(r"[0-9]+(?:[.,][0-9]*)?[eE]\+?[0-9]+")
_ISBN10: Final = re.compile(r"[0-9]{9}[0-9X]")
_ISBN13: Final = re.compile(r"97[89][0-9]{10}")
_LOST_ZEROS: Final = re.compile(r"[0-9]{5,8}[0-9X]")


@final
@dataclass(frozen=True, slots=True, order=True)
class Isbn:
    """An ISBN, kept as its 13 digits. Raises InvalidField unless they are one."""

    digits: str

    def __post_init__(self) -> None:
        if not is_isbn13(self.digits):
            raise InvalidField("isbn", FieldCode.ISBN_CHECK_DIGIT, isbn=self.digits)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads either length, with or without hyphens and spaces, x or X; raises InvalidField.

        Zeros that a spreadsheet took from the front are not put back here: see `restore_lost_zeros`.
        """
        if _SCIENTIFIC.fullmatch(text.strip()):
            raise InvalidField("isbn", FieldCode.ISBN_DAMAGED_BY_SPREADSHEET, isbn=text.strip())
        bare = _bare(text)
        if not bare:
            raise InvalidField("isbn", FieldCode.MISSING)
        if not re.fullmatch(r"[0-9]+X?", bare):
            raise InvalidField("isbn", FieldCode.ISBN_CHARACTERS, isbn=text.strip())
        if len(bare) == 10:
            return cls(_from_isbn10(bare))
        if len(bare) != 13:
            raise InvalidField("isbn", FieldCode.ISBN_LENGTH, isbn=bare, length=len(bare))
        if not bare.startswith(("978", "979")):
            raise InvalidField("isbn", FieldCode.ISBN_PREFIX, isbn=bare)
        return cls(bare)

    @property
    def as_isbn10(self) -> str | None:
        """The older form of ten characters; None for 979, which has none."""
        if not self.digits.startswith("978"):
            return None
        core = self.digits[3:12]
        return core + _check10(core)

    def __str__(self) -> str:
        return self.digits


def parse_isbn(text: str) -> str:
    """The 13 digits of a written ISBN; raises InvalidField."""
    return Isbn.parse(text).digits


def is_isbn13(text: str) -> bool:
    """Whether the text is 13 bare digits of an ISBN, check digit included."""
    return _ISBN13.fullmatch(text) is not None and _check13(text[:12]) == text[12]


def restore_lost_zeros(text: str) -> str | None:
    """The ISBN-10 that a spreadsheet shortened by reading it as a number, or None.

    Only where the padded form has the right check digit, and at most four zeros are missing (no ISBN begins with more):
    whoever imports shows the guess and lets the user decide.
    """
    bare = _bare(text)
    if not _LOST_ZEROS.fullmatch(bare):
        return None
    padded = bare.rjust(10, "0")
    return padded if _check10(padded[:9]) == padded[9] else None


def _bare(text: str) -> str:
    label = _LABEL.match(text)
    return _SEPARATORS.sub("", text[label.end() :] if label else text).upper()


def _from_isbn10(bare: str) -> str:
    if not _ISBN10.fullmatch(bare) or _check10(bare[:9]) != bare[9]:
        raise InvalidField("isbn", FieldCode.ISBN_CHECK_DIGIT, isbn=bare)
    core = "978" + bare[:9]
    return core + _check13(core)


def _check10(nine: str) -> str:
    total = sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), nine, strict=True))
    return "0123456789X"[-total % 11]


def _check13(twelve: str) -> str:
    total = sum(int(digit) for digit in twelve[::2]) + 3 * sum(int(digit) for digit in twelve[1::2])
    return str(-total % 10)
