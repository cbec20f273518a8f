"""ISBNs as the cells of real files hold them: behind an apostrophe, before a binding, shortened by a spreadsheet."""

import re
from typing import Final

from desk.domain.errors import FieldCode, InvalidField
from desk.domain.isbn import Isbn, restore_lost_zeros
from desk.records import dataclass

# ="0441172717" and '0441172717 keep a spreadsheet from reading a number.
_GUARDED: Final = re.compile(r'="?(.*?)"?')
_APOSTROPHES: Final = "'\u2019\u2018`"
# 9780140328721 (pbk), 0140328726 (hbk. : alk. paper) : $8.95
_QUALIFIED: Final = re.compile(
    r"((?:ISBN(?:-1[03]\b)?[:\s]*)?[0-9][0-9X\s\-\u2010-\u2015]*)[(\[:].*", re.IGNORECASE | re.DOTALL
)
# A column of numbers was written with decimals: 9780140328721.0
_DECIMALS: Final = re.compile(r"([0-9]{5,13})[.,]0+")
_NUMBER: Final = re.compile(r"[0-9]{9,13}[Xx]?")
_SPREADSHEET: Final = frozenset({FieldCode.ISBN_LENGTH, FieldCode.ISBN_CHARACTERS})


@dataclass(frozen=True, slots=True)
class FoundIsbn:
    """The 13 digits; ``restored`` is the ISBN-10 whose lost zeros were put back, empty where it was whole."""

    digits: str
    restored: str = ""


def read_isbn(cell: str) -> FoundIsbn:
    """The ISBN of a cell. Raises InvalidField.

    Zeros that an ISBN has lost at its front come back only where the check digit agrees.
    """
    text = _without_trimmings(cell)
    try:
        return FoundIsbn(Isbn.parse(text).digits)
    except InvalidField as wrong:
        restored = restore_lost_zeros(text) if wrong.code in _SPREADSHEET else None
        if restored is None:
            raise
        return FoundIsbn(Isbn.parse(restored).digits, restored)


def is_isbn(cell: str) -> bool:
    """Whether the cell has a whole ISBN with a right check digit."""
    try:
        return not read_isbn(cell).restored
    except InvalidField:
        return False


def is_meant_as_isbn(cell: str) -> bool:
    """Whether the cell has an ISBN, or a number that once was one: no name of a column looks like that."""
    text = _without_trimmings(cell)
    try:
        return bool(Isbn.parse(text).digits)
    except InvalidField as wrong:
        damaged = wrong.code is FieldCode.ISBN_DAMAGED_BY_SPREADSHEET
        return damaged or _NUMBER.fullmatch(text) is not None


def _without_trimmings(cell: str) -> str:
    text = cell.strip()
    if guarded := _GUARDED.fullmatch(text):
        text = guarded[1].strip()
    text = text.strip(_APOSTROPHES).strip()
    if qualified := _QUALIFIED.fullmatch(text):
        text = qualified[1]
    decimals = _DECIMALS.fullmatch(text)
    return decimals[1] if decimals else text
