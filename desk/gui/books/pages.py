"""Hop 9: the rows that a table has in memory: pages of an order of ids, read by id when they are looked at."""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Sequence
from uuid import UUID

from desk.application.catalogue import RowIds
from desk.gui.books.rows import RowRecord

PAGE = 128
PAGES = 64


class Pages:
    """An order of row ids, and the last pages of it that were looked at.

    ``read`` gives a record for each id that still exists; a row that is gone is None, and stays blank until the
    order is asked for again.
    """

    def __init__(self, read: Callable[[Sequence[int]], dict[int, RowRecord]]) -> None:
        self._read = read
        self._cached: OrderedDict[int, tuple[RowRecord | None, ...]] = OrderedDict()
        self._rows: dict[UUID, int] = {}
        self._last = -1
        self.ids = RowIds("q")

    def __len__(self) -> int:
        return len(self.ids)

    def replace(self, ids: RowIds) -> None:
        """Another order."""
        self.ids = ids
        self.forget()

    def at(self, row: int) -> RowRecord | None:
        """The record at a row; reads its page when it is not in memory."""
        number, place = divmod(row, PAGE)
        page = self._cached.get(number)
        if page is None:
            page = self._load(number)
        elif number != self._last:
            self._cached.move_to_end(number)
        self._last = number
        return page[place]

    def find(self, book_id: UUID) -> int | None:
        """The row of a book, if it is in memory."""
        return self._rows.get(book_id)

    def forget(self) -> None:
        """Read everything anew when it is looked at next."""
        self._cached.clear()
        self._rows.clear()

    def refresh(self, ids: Sequence[int]) -> list[int]:
        """Forget the pages that hold one of these ids; the rows concerned, of those that were in memory."""
        wanted = set(ids)
        rows = []
        for number in list(self._cached):
            start = number * PAGE
            found = [start + i for i, row_id in enumerate(self.ids[start : start + PAGE]) if row_id in wanted]
            if found:
                self._drop(number)
                rows += found
        return sorted(rows)

    def insert(self, row: int, row_id: int) -> None:
        """Put an id before the row; pages from there on have shifted."""
        self.ids.insert(row, row_id)
        for number in [number for number in self._cached if number >= row // PAGE]:
            self._drop(number)

    def _drop(self, number: int) -> None:
        for record in self._cached.pop(number):
            if record is not None:
                self._rows.pop(record.row.book_id, None)

    def _load(self, number: int) -> tuple[RowRecord | None, ...]:
        ids = self.ids[number * PAGE : (number + 1) * PAGE]
        records = self._read(ids)
        page = tuple(records.get(row_id) for row_id in ids)
        self._cached[number] = page
        self._rows |= {each.row.book_id: number * PAGE + place for place, each in enumerate(page) if each is not None}
        if len(self._cached) > PAGES:
            self._drop(next(iter(self._cached)))
        return page


def place_of(ids: RowIds, row_id: int, key_of: Callable[[int], tuple[object, ...] | None], *, descending: bool) -> int:
    """Where a new row belongs among sorted ones, by about log2(n) looks at keys; at the end where it has no key."""
    key = key_of(row_id)
    if key is None:
        return len(ids)

    def is_before(other: int) -> bool:
        theirs = key_of(other)
        # A row that is gone has no key; either side will do until the order is asked for again.
        if theirs is None:
            return True
        return theirs > key if descending else theirs < key

    return bisect_left(range(len(ids)), True, key=lambda row: not is_before(ids[row]))
