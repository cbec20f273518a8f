"""Hop 9: rows of the book table for copying, read by id on whatever thread wants them."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from uuid import UUID

from desk.application.book_search import parse_search
from desk.application.catalogue import BookRow, CatalogueSource, RowIds, SortKey
from desk.application.event_index import GetPastHits
from desk.application.session import Session
from desk.gui.books.found_values import NOTHING, found_headings, found_texts
from desk.gui.books.rows import COLUMNS, header, record
from desk.gui.tables.copying import RowTexts
from desk.records import dataclass

Texts = list[tuple[str, ...]]

_CHANGED = COLUMNS.index(SortKey.CHANGED)


@dataclass(frozen=True, slots=True)
class ShownRows:
    """What a table shows: these rows, as of a position (None: now), of which ``search`` is looked for."""

    ids: RowIds
    at: int | None = None
    search: str = ""

    def reader(self, session: Session) -> CatalogueSource | None:
        """What these ids mean something to, for the caller's thread; None where it cannot be read."""
        if self.at is None or session.index is None:
            return session.queries.reader()
        return session.index.reader(self.at)


def book_texts(session: Session | None, shown: ShownRows) -> RowTexts:
    """What the table says of these rows, in their order; of a change when it was, not how long ago."""
    search = parse_search(shown.search)
    beside = found_headings(search) if shown.at is not None else ()

    def found(rows: Iterable[BookRow]) -> dict[UUID, tuple[str, str]]:
        if session is None or not beside:
            return {}
        books = tuple(row.book_id for row in rows)
        answer = session.queries.ask(GetPastHits(shown.search, books, shown.at)).result()
        return {hits.book_id: found_texts(hits, search) for hits in answer}

    def read(ranges: Iterable[range]) -> Iterator[Texts]:
        reader = shown.reader(session) if session is not None else None
        if session is None or reader is None:
            return
        now = session.moments.now()
        with closing(reader):
            for part in ranges:
                wanted = shown.ids[part.start : part.stop]
                rows = {row.id: row for row in reader.page(wanted)}
                values = found(rows.values())
                there = (rows[row_id] for row_id in wanted if row_id in rows)
                yield [
                    (*_texts(row, record(row, now).texts), *values.get(row.book_id, NOTHING)[: len(beside)])
                    for row in there
                ]

    return RowTexts((*(header(key) for key in COLUMNS), *beside), read)


def _texts(row: BookRow, shown: tuple[str, ...]) -> tuple[str, ...]:
    when = f"{row.changed_at.astimezone():%Y-%m-%d %H:%M:%S}"
    return (*shown[:_CHANGED], when, *shown[_CHANGED + 1 :])
