"""A program that builds the part ``books`` and says how far it is, a line for each word: DIRECTORY URI."""

import sys
import threading
from contextlib import closing
from pathlib import Path

from desk.application.event_index import PartState
from desk.cqrs.known_store import KnownStore
from desk.projection.index.books import BOOKS
from desk.projection.index.builder import PartBuilder
from desk.projection.index.part import IndexSurroundings
from desk.projection.local import open_local
from desk.store.eventstoredb import EventStoreDB
from tests.moments import REAL


def build(directory: Path, uri: str) -> None:
    """Until it is ready."""

    def tell(state: PartState) -> None:
        sys.stdout.write(f"{state.phase.value} {state.events}\n")
        sys.stdout.flush()

    with closing(EventStoreDB(uri)) as store, closing(open_local(directory / "local.sqlite")) as local:
        known = KnownStore(store, local, REAL)
        builder = PartBuilder(IndexSurroundings(directory / "event-index.sqlite", known, threading.Lock(), tell), BOOKS)
        thread = threading.Thread(target=builder.run)
        thread.start()
        try:
            builder.build().result(120)
        finally:
            builder.stop()
            thread.join()


if __name__ == "__main__":
    build(Path(sys.argv[1]), sys.argv[2])
