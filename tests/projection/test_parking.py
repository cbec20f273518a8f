"""Hop 7: parked streams: what waits, trying again in order, skipping for a reason."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from desk.application.care import CareRefused, RetryOutcome
from desk.cqrs.errors import StoreUnavailable
from desk.cqrs.store import Recorded
from desk.domain.events import CopyAdded, CopyWithdrawn
from desk.projection.care import ModelCare
from desk.projection.group import CATALOGUE
from desk.projection.opening import open_read_model
from tests.projection.library import Library, Running, an_id, contents, project, reading, running


class Poison:
    """A handler that fails at copies of a certain mark until it is cured."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cured = False
        (add,) = CATALOGUE.handlers[CopyAdded]

        def handler(changes: Any, event: CopyAdded, recorded: Recorded) -> None:
            add(changes, event, recorded)
            if event.shelf_mark == "poison" and not self.cured:
                raise ZeroDivisionError("no shelf has this mark")

        monkeypatch.setitem(CATALOGUE.handlers, CopyAdded, (handler,))


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> Poison:
    """The handler of CopyAdded, poisoned."""
    return Poison(monkeypatch)


@contextmanager
def cared(path: Path, library: Library) -> Iterator[tuple[Running, ModelCare]]:
    """A living read model and its care."""
    if not path.exists():
        open_read_model(path, 0.0)
    with running(path, library) as projector:
        care = ModelCare(path, library.store, library.registry, projector.projector)
        try:
            projector.until_live()
            yield projector, care
        finally:
            care.close()


def poisoned_book(library: Library) -> UUID:
    """Its second copy cannot be applied; two events wait behind."""
    book_id = library.book("poisoned")
    library.write(CopyAdded(book_id=book_id, copy_no=1))
    library.write(CopyAdded(book_id=book_id, copy_no=2, shelf_mark="poison"))
    library.write(CopyAdded(book_id=book_id, copy_no=3))
    library.write(CopyWithdrawn(book_id=book_id, copy_no=1, reason="worn"))
    return book_id


def copies(path: Path, book_id: UUID) -> list[tuple[int, str]]:
    """Numbers and states of a book's copies."""
    with reading(path) as catalogue:
        card = catalogue.card(book_id)
        assert card is not None
        return [(copy.copy_no, copy.state) for copy in card.copies]


def test_t25_one_stream_is_parked_all_others_live_and_a_retry_in_order_heals_it(
    path: Path, library: Library, poison: Poison
) -> None:
    healthy = library.book("healthy")
    with cared(path, library) as (projector, care):
        assert care.lists().parked == ()
        book_id = poisoned_book(library)
        projector.until_at(library.write(CopyAdded(book_id=healthy, copy_no=1)))
        assert copies(path, healthy) == [(1, "available")]
        assert copies(path, book_id) == [(1, "available")]
        (parked,) = care.lists().parked
        assert (parked.stream, parked.book_id, parked.title) == (f"book-{book_id}", book_id, "Book poisoned")
        assert (parked.event_type, parked.revision, parked.waiting, parked.attempts) == ("CopyAdded", 3, 3, 1)
        assert parked.error == "ZeroDivisionError: no shelf has this mark"
        assert "Traceback" in parked.details
        assert [one.parked for one in projector.announcements if one.parked is not None][-1] == 3

        in_vain = care.retry(parked.stream).result(60)
        assert in_vain == RetryOutcome(parked.stream, 0, 3, parked.error)
        assert care.lists().parked[0].attempts == 2
        assert care.lists().parked[0].since == parked.since

        poison.cured = True
        assert care.retry(parked.stream).result(60) == RetryOutcome(parked.stream, 3, 0)
        assert care.lists().parked == ()
        projector.until(lambda: any(one.parked == 0 for one in projector.announcements))
        assert copies(path, book_id) == [(1, "withdrawn"), (2, "available"), (3, "available")]
        projector.until_at(library.write(CopyAdded(book_id=book_id, copy_no=4)))
        assert len(copies(path, book_id)) == 4
    healed = contents(path)
    project(path.with_name("anew"), library)
    assert contents(path.with_name("anew")) == healed


def test_t25_a_retry_goes_as_far_as_it_can(path: Path, library: Library, poison: Poison) -> None:
    with cared(path, library) as (projector, care):
        book_id = library.book("twice")
        for number, mark in enumerate(("poison", "fine", "poison", "fine"), start=1):
            last = library.write(CopyAdded(book_id=book_id, copy_no=number, shelf_mark=mark))
        projector.until_at(last)
        stream = f"book-{book_id}"
        outcome = care.retry(stream, skip_because="nobody has this copy").result(60)
        assert (outcome.applied, outcome.waiting) == (1, 2)
        assert copies(path, book_id) == [(2, "available")]
        assert care.lists().parked[0].revision == 4
        poison.cured = True
        assert care.retry(stream).result(60).waiting == 0
        assert [number for number, _ in copies(path, book_id)] == [2, 3, 4]


def test_t25_what_is_skipped_is_kept_with_its_reason_and_left_out_by_later_rebuilds(
    path: Path, library: Library, poison: Poison
) -> None:
    with cared(path, library) as (projector, care):
        book_id = poisoned_book(library)
        projector.until_at(library.book_created("after"))
        outcome = care.retry(f"book-{book_id}", skip_because="made by mistake").result(60)
        assert (outcome.applied, outcome.waiting) == (2, 0)
        assert copies(path, book_id) == [(1, "withdrawn"), (3, "available")]
        (skipped,) = care.lists().skipped
        assert (skipped.stream, skipped.revision, skipped.event_type) == (f"book-{book_id}", 3, "CopyAdded")
        assert (skipped.reason, skipped.error) == ("made by mistake", "ZeroDivisionError: no shelf has this mark")
        poison.cured = True
        assert care.rebuild(lambda progress: None).future.result(60).switched
        projector.until(lambda: projector.announcements[-1].live)
        assert care.lists().skipped == (skipped,)
        assert copies(path, book_id) == [(1, "withdrawn"), (3, "available")]


def test_what_is_parked_is_known_again_after_a_restart_and_can_be_tried_then(
    path: Path, library: Library, poison: Poison
) -> None:
    book_id = poisoned_book(library)
    project(path, library)
    with cared(path, library) as (projector, care):
        (parked,) = care.lists().parked
        assert parked.waiting == 3
        projector.until_at(library.write(CopyAdded(book_id=book_id, copy_no=4)))
        assert care.lists().parked[0].waiting == 4
        poison.cured = True
        assert care.retry(parked.stream).result(60).applied == 4


def test_a_retry_while_the_store_is_away_fails_and_changes_nothing(
    path: Path, library: Library, poison: Poison
) -> None:
    with cared(path, library) as (projector, care):
        book_id = poisoned_book(library)
        projector.until_at(library.book_created("after"))
        library.store.go_away()
        with pytest.raises(StoreUnavailable):
            care.retry(f"book-{book_id}").result(60)
        assert care.lists().parked[0].waiting == 3
        library.store.come_back()
        projector.projector.wake()
        poison.cured = True
        assert care.retry(f"book-{book_id}").result(60).waiting == 0


def test_what_is_not_parked_is_tried_without_effect_and_not_skipped(path: Path, library: Library) -> None:
    book_id = library.book("healthy")
    stream = f"book-{book_id}"
    with cared(path, library) as (_, care):
        assert care.retry(stream).result(60) == RetryOutcome(stream, 0, 0)
        with pytest.raises(CareRefused, match="not parked any more"):
            care.retry(stream, skip_because="no reason").result(60)
        assert care.lists().skipped == ()


def test_whoever_asks_too_late_is_refused(path: Path, library: Library) -> None:
    with cared(path, library) as (_, care):
        pass
    with pytest.raises(CareRefused, match="being closed"):
        care.retry(f"book-{an_id('any')}").result(60)
    with pytest.raises(CareRefused, match="being closed"):
        care.rebuild(lambda progress: None).future.result(60)
