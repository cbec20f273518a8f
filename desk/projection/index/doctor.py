"""Hop 7, for what was: the event index's doctor: compares the past as it has it with what the events of then make.

A read model is built from the store up to a few random moments, one after the other, and no further; at each of them
it and the index are asked the same. Where the two disagree, one has a bug, or somebody has changed a file.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, closing
from dataclasses import fields
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import UUID

from sqlite_utils import Database

from desk.application.catalogue import BookQuestion, BookRow, CatalogueSource, SortKey
from desk.application.event_index import ComparedMoments, IndexNotReady, IndexRefused, PastDrift, PastProgress
from desk.cqrs.registry import EventRegistry
from desk.cqrs.store import EventStore, Recorded
from desk.domain.streams import book_id_of
from desk.projection.batch import BatchWriter
from desk.projection.catalogue import Catalogue
from desk.projection.inbox import BATCH
from desk.projection.index.reader import PastReader
from desk.projection.opening import create_unread, fulfil, open_unread
from desk.projection.parking import parked_streams
from desk.projection.projector import FEED

MOMENTS: Final = 5
"""How many moments one round looks at, the present one besides."""
CARDS: Final = 40
"""How many cards are compared at each."""
_PAGE: Final = 500


class ComparisonRun:
    """One round; satisfies :class:`~desk.application.event_index.Comparison`. ``run`` blocks: give it a thread."""

    def __init__(
        self,
        path: Path,
        upto: int,
        store: EventStore,
        registry: EventRegistry,
        progress: Callable[[PastProgress], None],
        dice: Random,
    ) -> None:
        self._path, self._store, self._registry, self._progress, self._dice = path, store, registry, progress, dice
        self._stop = threading.Event()
        self._moments = sorted({*(dice.randint(0, upto) for _ in range(MOMENTS)), upto})
        self._drifts: list[PastDrift] = []
        self._compared: list[int] = []
        self._rows = self._cards = 0
        self.future: Future[ComparedMoments] = Future()

    def abort(self) -> None:
        self._stop.set()

    def run(self) -> None:
        """Look at each moment; the future tells."""
        self.future.set_running_or_notify_cancel()
        fulfil(self.future, self._find, self._path, IndexRefused)

    def _find(self) -> ComparedMoments:
        try:
            with TemporaryDirectory() as name:
                self._examine(Path(name) / "read-model.sqlite")
        except IndexNotReady as error:
            raise IndexRefused(str(error)) from error
        return ComparedMoments(tuple(self._drifts), tuple(self._compared), self._rows, self._cards)

    def _examine(self, path: Path) -> None:
        create_unread(path, 0.0)
        with ExitStack() as opened:
            db = open_unread(path)
            opened.callback(db.close)
            past = opened.enter_context(closing(PastReader(self._path)))
            writer = BatchWriter(db, self._registry, lambda: 0.0)
            for moment, events in self._pieces():
                if self._stop.is_set():
                    return
                if events:
                    writer.write(events, naming=False)
                self._progress(PastProgress(len(self._compared), len(self._moments), writer.position))
                if moment is not None:
                    writer.complete()
                    with closing(Catalogue(path)) as then:
                        self._compare(moment, past.at(moment), then, _parked(db))
                    self._compared.append(moment)

    def _pieces(self) -> Iterator[tuple[int | None, list[Recorded]]]:
        """The events in batches; with a moment where all up to it have been given, and none after it."""
        moments, batch = list(self._moments), list[Recorded]()
        for event in self._store.read_all(only=FEED):
            while moments and event.position > moments[0]:
                yield moments.pop(0), batch
                batch = []
            if not moments:
                return
            batch.append(event)
            if len(batch) == BATCH:
                yield None, batch
                batch = []
        for moment in moments:
            yield moment, batch
            batch = []

    def _compare(self, moment: int, past: CatalogueSource, then: CatalogueSource, parked: set[UUID]) -> None:
        """Counts, every row, every order, and some cards. What waits for a parked event is left out."""
        if not parked:
            self._note(moment, None, "counts", past.counts(), then.counts())
        everything = BookQuestion(with_deleted=True)
        was, is_ = _rows(past, everything), _rows(then, everything)
        numbers = {row.id: row.book_id for row in was}, {row.id: row.book_id for row in is_}
        by_book = {row.book_id: row for row in was if row.book_id not in parked}
        expected = {row.book_id: row for row in is_ if row.book_id not in parked}
        for book_id in dict.fromkeys((*by_book, *expected)):
            self._note_fields(moment, by_book.get(book_id), expected.get(book_id))
        self._rows += len(expected)
        for sort in SortKey:
            question = BookQuestion(sort=sort, descending=self._dice.random() < 0.5)
            orders = (
                [str(known[id_]) for id_ in source.order(question) if known[id_] not in parked]
                for source, known in zip((past, then), numbers, strict=True)
            )
            self._note(moment, None, f"order by {sort.value}", *orders)
        for book_id in self._dice.sample(list(expected), min(CARDS, len(expected))):
            self._note_card(moment, expected[book_id], past, then)

    def _note_fields(self, moment: int, was: BookRow | None, is_: BookRow | None) -> None:
        row = is_ or was
        for each in fields(BookRow):
            if each.compare and each.name != "id":
                self._note(moment, row, each.name, getattr(was, each.name, None), getattr(is_, each.name, None))

    def _note_card(self, moment: int, row: BookRow, past: CatalogueSource, then: CatalogueSource) -> None:
        was, is_ = past.card(row.book_id), then.card(row.book_id)
        self._cards += 1
        if was is None or is_ is None:
            self._note(moment, row, "card", was, is_)
            return
        for each in fields(was):
            if each.name != "row":
                self._note(moment, row, each.name.replace("_", " "), getattr(was, each.name), getattr(is_, each.name))

    def _note(self, moment: int, row: BookRow | None, what: str, in_index: object, by_events: object) -> None:
        if in_index == by_events:
            return
        if isinstance(in_index, list) and isinstance(by_events, list):
            in_index, by_events = _first_difference(in_index, by_events)
        book_id, title = (None, "") if row is None else (row.book_id, row.title)
        self._drifts.append(PastDrift(moment, book_id, title, what, str(in_index), str(by_events)))


def _rows(source: CatalogueSource, question: BookQuestion) -> list[BookRow]:
    ids = source.order(question)
    return [row for start in range(0, len(ids), _PAGE) for row in source.page(ids[start : start + _PAGE])]


def _parked(db: Database) -> set[UUID]:
    found = (book_id_of(stream) for stream in parked_streams(db.conn))
    return {book_id for book_id in found if book_id is not None}


def _first_difference(left: Sequence[Any], right: Sequence[Any]) -> tuple[str, str]:
    """Two lists, from the place on at which they differ."""
    place = next((n for n, pair in enumerate(zip(left, right, strict=False)) if pair[0] != pair[1]), None)
    if place is None:
        return f"{len(left):,} books", f"{len(right):,} books"
    return f"{left[place]} in place {place + 1:,}", f"{right[place]} in place {place + 1:,}"
