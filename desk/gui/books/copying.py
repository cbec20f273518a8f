"""Hop 9: rows of the book table for copying, read by id on whatever thread wants them."""

from collections.abc import Iterable, Iterator
from contextlib import closing

from desk.application.catalogue import BookRow, RowIds, SortKey
from desk.application.session import Session
from desk.gui.books.rows import COLUMNS, header, record
from desk.gui.tables.copying import RowTexts

Texts = list[tuple[str, ...]]

_CHANGED = COLUMNS.index(SortKey.CHANGED)


def book_texts(session: Session | None, ids: RowIds) -> RowTexts:
    """What the table says of the books with these ids, in their order; of a change when it was, not how long ago."""

    def read(ranges: Iterable[range]) -> Iterator[Texts]:
        reader = session.queries.reader() if session is not None else None
        if session is None or reader is None:
            return
        now = session.moments.now()
        with closing(reader):
            for part in ranges:
                wanted = ids[part.start : part.stop]
                found = {row.id: row for row in reader.page(wanted)}
                yield [_texts(found[row_id], record(found[row_id], now).texts) for row_id in wanted if row_id in found]

    return RowTexts(tuple(header(key) for key in COLUMNS), read)


def _texts(row: BookRow, shown: tuple[str, ...]) -> tuple[str, ...]:
    when = f"{row.changed_at.astimezone():%Y-%m-%d %H:%M:%S}"
    return (*shown[:_CHANGED], when, *shown[_CHANGED + 1 :])
