"""Finds ISBNs that a file has twice, in eight bytes for each, so that a million rows stay small."""

from array import array
from collections.abc import Iterable, Iterator
from typing import Final

from desk.application.importing.checking import CheckedRow, Row, RowProblem, WrongRow
from desk.application.importing.columns import Field

_LINE_BITS: Final = 32
_LINE_MASK: Final = (1 << _LINE_BITS) - 1
_SMALLEST: Final = 1024
# Knuth's multiplicative hashing: ISBNs of one publisher are neighbours.
_SPREAD: Final = 2654435769


class SeenIsbns:
    """ISBNs with the line on which each came first: a hash table with open addressing in one array.

    An ISBN without prefix 97 and check digit is below 10**10 and needs 34 bits less two: 978 and 979 leave
    2 * 10**9, which is 31 bits. The other 32 are the line's.
    """

    def __init__(self) -> None:
        self._slots = array("Q", bytes(8 * _SMALLEST))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def first_line(self, isbn: str, line: int) -> int | None:
        """The line on which this ISBN came before; None, and remembered, where it comes now for the first time."""
        key = int(isbn[2:12]) - 8_000_000_000 + 1
        slot = self._find(key)
        if self._slots[slot]:
            return self._slots[slot] & _LINE_MASK
        self._slots[slot] = key << _LINE_BITS | min(line, _LINE_MASK)
        self._count += 1
        if self._count * 3 > len(self._slots) * 2:
            self._grow()
        return None

    def _find(self, key: int) -> int:
        slots, mask = self._slots, len(self._slots) - 1
        slot = key * _SPREAD >> 8 & mask
        while slots[slot] and slots[slot] >> _LINE_BITS != key:
            slot = slot + 1 & mask
        return slot

    def _grow(self) -> None:
        before = self._slots
        self._slots = array("Q", bytes(8 * 2 * len(before)))
        for entry in before:
            if entry:
                self._slots[self._find(entry >> _LINE_BITS)] = entry


def without_repeats(rows: Iterable[Row], seen: SeenIsbns) -> Iterator[Row]:
    """The rows, those wrong whose ISBN an earlier one has."""
    for row in rows:
        first = seen.first_line(row.draft.isbn, row.record.line) if isinstance(row, CheckedRow) else None
        if first is None:
            yield row
        else:
            sentence = f"This ISBN is already in this file, line {first}."
            yield WrongRow(row.record, (RowProblem(Field.ISBN, sentence),))
