"""Data directories to measure on: the node's log is written directly, the read model by the projector from it."""

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from uuid import UUID

from desk.application.catalogue import Announcement, BookQuestion
from desk.application.session import Session, SessionEvent
from desk.cqrs.process import ProcessPhase
from desk.cqrs.store import EventStore
from desk.domain.commands import AddCopy
from desk.node.log import Log
from desk.runtime.options import Options
from desk.runtime.runtime import open_runtime
from tests.benchmarks.projection_speed import _as_append, batches, history


def write_log(directory: Path, books: int, loans: int = 0) -> int:
    """A node's log of books with a copy and so many loans each; the number of events."""
    directory.mkdir(parents=True, exist_ok=True)
    events = history(books, loans)
    with closing(Log(directory / "node.sqlite")) as log:
        for part in batches(events):
            log.commit([_as_append(event) for event in part])
    return len(events)


def write_profile(directory: Path, books: int) -> None:
    """A profile as its last session left it: the log, with the node's own projections of it, the read model that
    belongs to it, every reaction done, and a last command behind all that.

    Otherwise it is not a start that is measured, nor a click, but those beside what a bulk has left to do.
    """
    write_log(directory, books)
    last: list[Announcement] = []

    def hear(event: SessionEvent) -> None:
        if isinstance(event, Announcement) and event.live:
            last[:] = [event]

    with closing(open_runtime(Options(directory, user="ada"))) as runtime:
        session = runtime.session
        session.listen(hear)
        _wait("the read model", lambda: last)
        managers = session.diagnostics.process_managers
        _wait("the reactions", lambda: all(each.phase is ProcessPhase.LIVE for each in managers()))
        _wait("the node's projections", lambda: _at_rest(runtime.store))
        receipt = session.commands.execute(AddCopy(book_id=_any_book(session), shelf_mark="LAST")).result(60).receipt
        assert receipt is not None
        _wait("the last command", lambda: last[0].position >= receipt.position)


def _at_rest(store: EventStore) -> bool:
    """Whether nothing is written for a while."""
    before = store.head()
    time.sleep(1.0)
    return store.head() == before


def _any_book(session: Session) -> UUID:
    reader = session.queries.reader()
    assert reader is not None
    with closing(reader):
        return reader.page(reader.order(BookQuestion(), 1))[0].book_id


def _wait(what: str, condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 300
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come to an end")
        time.sleep(0.05)
