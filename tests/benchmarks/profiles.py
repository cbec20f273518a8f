"""Data directories to measure on: the node's log is written directly, the read model by the projector from it."""

from contextlib import closing
from pathlib import Path
from threading import Event

from desk.application.catalogue import Announcement
from desk.application.session import SessionEvent
from desk.node.log import Log
from desk.runtime.options import Options
from desk.runtime.runtime import open_session
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
    """A profile as its last session left it: the log, and the read model that belongs to it."""
    write_log(directory, books)
    live = Event()

    def hear(event: SessionEvent) -> None:
        if isinstance(event, Announcement) and event.live:
            live.set()

    with closing(open_session(Options(directory, user="ada"))) as session:
        session.listen(hear)
        if not live.wait(300):
            raise TimeoutError("the read model was not built")
