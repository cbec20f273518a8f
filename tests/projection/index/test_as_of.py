"""The catalogue as of a moment is what a read model of the events up to then would say."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from desk.application.catalogue import BookCard, BookQuestion, CatalogueSource, SortKey
from desk.cqrs.store import NewEvent
from desk.projection.catalogue import Catalogue
from tests.memory_store import MemoryStore
from tests.projection.index.indexing import index, past
from tests.projection.library import Library, project


def until(library: Library, position: int) -> Library:
    """The same library as it was: its events up to a position, and no further."""
    earlier = Library()
    earlier.store = MemoryStore()
    revisions: dict[str, int] = {}
    for event in library.store.read_all():
        if event.position > position:
            break
        new = NewEvent(event.id, event.type, event.data, event.metadata)
        receipt = earlier.store.append(event.stream, revisions.get(event.stream, -1), (new,), timeout=5)
        revisions[event.stream] = receipt.revision
        assert receipt.position == event.position
    return earlier


def said(source: CatalogueSource, question: BookQuestion, limit: int | None = None) -> list[object]:
    """The rows of an order, without what only one read model knows."""
    ids = list(source.order(question, limit))
    rows = {row.id: row for row in source.page(ids)}
    return [
        (
            row.book_id,
            row.title,
            row.state,
            row.copies_total,
            row.copies_available,
            row.changed_at,
            row.revision,
            row.position,
            row.isbn,
            row.authors,
            row.published_year,
        )
        for row in (rows[id_] for id_ in ids)
    ]


QUESTIONS = [
    BookQuestion(text, sort, descending=descending, with_deleted=with_deleted)
    for text in ("", "book", "b 1", "978")
    for sort in SortKey
    for descending in (False, True)
    for with_deleted in (False, True)
]


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_table_counts_and_cards_as_of_a_position(tmp_path: Path, share: float) -> None:
    library = Library()
    ids = library.some_history(books=6)
    index(tmp_path / "event-index.sqlite", library)
    events = list(library.store.read_all())
    at = events[round(share * (len(events) - 1))].position
    project(tmp_path / "read-model.sqlite", until(library, at))
    with past(tmp_path / "event-index.sqlite") as reader, closing(Catalogue(tmp_path / "read-model.sqlite")) as now:
        then = reader.at(at)
        for question in QUESTIONS:
            assert said(then, question) == said(now, question), question
            assert said(then, question, 3) == said(now, question, 3), question
        assert then.counts() == now.counts()
        for book_id in (*ids, UUID(int=1)):
            assert card_of(then, book_id) == card_of(now, book_id)


def card_of(source: CatalogueSource, book_id: UUID) -> BookCard | None:
    """The card, without the number that a row has in one source only."""
    card = source.card(book_id)
    return card and replace(card, row=replace(card.row, id=0))
