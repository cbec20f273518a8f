"""The switch that makes a handler fail: what it fails for is parked as ever, and healed by another try."""

import time
from pathlib import Path

from desk.application.care import RetryOutcome
from desk.cqrs.store import Recorded
from desk.domain.events import CopyAdded
from desk.projection.batch import BatchWriter
from desk.projection.care import ModelCare
from desk.projection.failing import HandlerFaults
from desk.projection.opening import open_read_model, open_writer
from tests.projection.library import Library, Running, all_events, an_id, contents, project, running


def stream_with_copies(library: Library, name: str, copies: int = 3) -> tuple[str, int]:
    """A book with some copies: its stream, and the position of its last event. The first copy is of revision 2."""
    book_id = library.book(name)
    for copy_no in range(1, copies + 1):
        last = library.write(CopyAdded(book_id=book_id, copy_no=copy_no))
    return f"book-{book_id}", last


def waiting(projector: Running) -> list[tuple[str, int, int]]:
    """The parked streams, with the revision that failed and how many wait."""
    return [(one.stream, one.revision, one.waiting) for one in projector.projector.care_lists.parked]


def test_one_event_fails_until_the_switch_is_taken_back_and_trying_again_heals_it(path: Path, library: Library) -> None:
    open_read_model(path, 0.0)
    faults = HandlerFaults()
    with running(path, library, handler_faults=faults) as projector:
        care = ModelCare(path, library.store, library.registry, projector.projector)
        stream, _ = stream_with_copies(library, "unlucky", 1)
        faults.fail(stream, 3)
        assert faults.failing() == {stream: 3}
        book_id = library.book("healthy")
        library.write(CopyAdded(book_id=library.book("other"), copy_no=1))
        unlucky = an_id("unlucky")
        for copy_no in (2, 3):
            library.write(CopyAdded(book_id=unlucky, copy_no=copy_no))
        projector.until_at(library.write(CopyAdded(book_id=book_id, copy_no=1)))
        assert waiting(projector) == [(stream, 3, 2)]
        (parked,) = care.lists().parked
        assert "FailedOnPurpose" in parked.error
        assert care.retry(stream).result(60).waiting == 2, "it fails for as long as it is wanted"
        faults.take_back(stream)
        assert not faults.wanted
        assert care.retry(stream).result(60) == RetryOutcome(stream, 2, 0)
        care.close()
    project(path.with_name("anew"), library)
    assert contents(path) == contents(path.with_name("anew"))


def test_the_next_event_of_a_stream_is_one_and_the_same_from_then_on(path: Path, library: Library) -> None:
    open_read_model(path, 0.0)
    faults = HandlerFaults()
    stream, _ = stream_with_copies(library, "unlucky", 1)
    with running(path, library, handler_faults=faults) as projector:
        projector.until_live()
        care = ModelCare(path, library.store, library.registry, projector.projector)
        faults.fail(stream)
        unlucky = an_id("unlucky")
        for copy_no in (2, 3):
            library.write(CopyAdded(book_id=unlucky, copy_no=copy_no))
        projector.until_at(library.book_created("after"))
        assert waiting(projector) == [(stream, 3, 2)]
        assert faults.failing() == {stream: 3}
        assert care.retry(stream, skip_because="to see what comes behind").result(60) == RetryOutcome(stream, 1, 0)
        care.close()


def test_a_rebuild_fails_for_the_same_event_as_the_living_read_model(path: Path, library: Library) -> None:
    open_read_model(path, 0.0)
    faults = HandlerFaults()
    stream, last = stream_with_copies(library, "unlucky")
    with running(path, library, handler_faults=faults) as projector:
        projector.until_at(last)
        care = ModelCare(path, library.store, library.registry, projector.projector)
        faults.fail(stream, 4)
        assert care.rebuild(lambda _progress: None).future.result(60).switched
        projector.until(lambda: bool(waiting(projector)))
        assert waiting(projector) == [(stream, 4, 1)]
        care.close()


class Watched(HandlerFaults):
    """Counts how often it is looked at, and must not be asked about an event while it is off."""

    def __init__(self) -> None:
        self.looks = 0
        super().__init__()

    @property
    def wanted(self) -> bool:
        self.looks += 1
        return self.is_on

    @wanted.setter
    def wanted(self, on: bool) -> None:
        self.is_on = on

    def check(self, event: Recorded) -> None:
        assert self.is_on, f"asked about {event.type} though it is off"
        super().check(event)


def test_while_it_is_off_it_is_looked_at_once_for_a_batch_and_not_asked_about_any_event(
    path: Path, library: Library
) -> None:
    library.some_history(20)
    open_read_model(path, 0.0)
    db, faults = open_writer(path), Watched()
    written = BatchWriter(db, library.registry, time.time, handler_faults=faults).write(all_events(library))
    db.close()
    assert (written.applied, faults.looks) == (160, 1)
