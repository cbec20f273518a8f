"""The catalogue as of a moment is what a read model would say that was built from the events up to it alone."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk.application.book_fields import Fields, fields_of_book
from desk.application.catalogue import BookCard, BookQuestion, BookRow, CatalogueSource, SortKey
from desk.cqrs.store import Recorded
from desk.domain import book
from desk.domain.state import INITIAL
from desk.domain.streams import book_id_of
from desk.projection.batch import BatchWriter
from desk.projection.catalogue import Catalogue
from desk.projection.index import books, orders
from desk.projection.index.fields import LOANS, apply
from desk.projection.index.reader import PastReader
from desk.projection.opening import open_read_model, open_writer
from tests.application.inspection.streams import random_history
from tests.projection.index.histories import REGISTRY, random_log
from tests.projection.index.indexing import index_in_pieces, past
from tests.rounds import few_or_all

EXAMPLES = few_or_all(6, 500)
SETTINGS = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TEXTS = ("", "emma", "e", "wav somebody", "978", "l'ombre", "nothing of the kind")
QUESTIONS = [
    BookQuestion(text, sort, descending=descending, with_deleted=with_deleted)
    for text in TEXTS
    for sort in SortKey
    for descending in (False, True)
    for with_deleted in (False, True)
]
NUMBERS = st.integers(0, 10**6)


@given(NUMBERS, st.integers(1, 9), NUMBERS, st.lists(st.floats(0, 1), min_size=1, max_size=3))
@SETTINGS
def test_table_counts_and_cards_are_those_of_a_read_model_of_the_events_up_to_then(
    seed: int, number: int, cuts: int, shares: list[float]
) -> None:
    log = random_log(seed, number)
    ids = {book_id_of(event.stream) for event in log}
    with TemporaryDirectory() as name, as_of(Path(name), log, Random(cuts)) as reader:
        for share in shares:
            upto = round(share * len(log))
            at = log[upto - 1].position + Random(seed).choice((0, 50)) if upto else -1
            with up_to(Path(name) / f"{upto}.sqlite", log[:upto]) as now:
                then = reader.at(at)
                assert then.counts() == now.counts()
                for question in Random(seed).sample(QUESTIONS, 24):
                    assert rows_of(then, question) == rows_of(now, question), question
                    assert rows_of(then, question, 2) == rows_of(now, question, 2), question
                for book_id in ids:
                    assert book_id is not None
                    assert card_of(then, book_id) == card_of(now, book_id)


@contextmanager
def as_of(directory: Path, log: Sequence[Recorded], dice: Random) -> Iterator[PastReader]:
    """An index of the whole log, made with few books in memory; what counts as few or many hits is decided by dice."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(books, "_MOST_BOOKS", 2)
        for name, small in (("FEW", 1), ("MANY", 2), ("STROLL", 1), ("WALK", 1)):
            patch.setattr(orders, name, dice.choice((small, getattr(orders, name))))
        index_in_pieces(directory / "event-index.sqlite", log, dice)
        with past(directory / "event-index.sqlite") as reader:
            yield reader


@contextmanager
def up_to(path: Path, events: Sequence[Recorded]) -> Iterator[Catalogue]:
    """A read model of these events alone."""
    open_read_model(path, 0.0)
    with closing(open_writer(path)) as db:
        writer = BatchWriter(db, REGISTRY, lambda: 0.0)
        writer.write(events)
        writer.complete()
    with closing(Catalogue(path)) as catalogue:
        yield catalogue


def rows_of(source: CatalogueSource, question: BookQuestion, limit: int | None = None) -> list[BookRow | None]:
    """The rows of an order, without the number that a row has in one source only."""
    ids = list(source.order(question, limit))
    rows = {row.id: replace(row, id=0) for row in source.page(ids)}
    return [rows.get(id_) for id_ in ids]


def card_of(source: CatalogueSource, book_id: UUID) -> BookCard | None:
    """The card, without that number."""
    card = source.card(book_id)
    return card and replace(card, row=replace(card.row, id=0))


@given(NUMBERS)
@SETTINGS
def test_what_events_set_are_the_fields_that_a_history_shows(seed: int) -> None:
    state, fields = INITIAL, Fields()
    for event in random_history(seed):
        state = book.evolve(state, event)
        apply(fields, event)
        shown = {key: value for key, value in fields.items() if value is not None and not key.startswith(LOANS)}
        assert shown == fields_of_book(state)
