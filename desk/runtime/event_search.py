"""What belongs to finding events and is no query: what an index would take, and which paths have one of their own."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

from desk.application.event_index import IndexPart, IndexRefused, PartPhase, phase_of
from desk.application.event_question import JsonPath
from desk.application.event_search import BUILT_UNASKED, IndexEstimate, estimate_of
from desk.application.scanning import PAGE, UNPROJECTED
from desk.cqrs.errors import StoreError
from desk.projection.index.events import pin_path, unpin_path
from desk.runtime.event_index import EventIndex
from desk.runtime.store_connection import StoreConnection
from desk.store.connection import ConnectionState, Phase


class EventSearching:
    """Satisfies :class:`~desk.application.event_search.SearchPort`."""

    def __init__(self, connection: StoreConnection, index: EventIndex) -> None:
        self._connection, self._index = connection, index
        self._pool = ThreadPoolExecutor(1, "event-search")
        self._looked_at = False
        connection.on_state.append(self._connection_changed)

    def estimate(self) -> "Future[IndexEstimate]":
        return self._pool.submit(self._estimate)

    def streams_opened(self) -> None:
        if self._connection.node is not None:
            self._looked_at = True
            self._pool.submit(self._build_if_small)

    def pinned(self) -> tuple[JsonPath, ...]:
        return self._index.events.pinned()

    def pin(self, path: JsonPath) -> "Future[None]":
        return self._pool.submit(self._pin, path)

    def unpin(self, path: JsonPath) -> "Future[None]":
        return self._pool.submit(self._index.write, lambda connection: unpin_path(connection, path))

    def close(self) -> None:
        """End what is under way."""
        self._index.end_writing()
        self._pool.shutdown(cancel_futures=True)

    def _pin(self, path: JsonPath) -> None:
        if self._index.events.reach() is None:
            raise IndexRefused("There is no index of events yet: have it built first.")
        self._index.write(lambda connection: pin_path(connection, path))

    def _estimate(self) -> IndexEstimate:
        begin = time.monotonic()
        newest = tuple(self._connection.store.read_all(backwards=True, limit=PAGE, only=UNPROJECTED))
        return estimate_of(newest, newest[0].position if newest else 0, time.monotonic() - begin)

    def _connection_changed(self, state: ConnectionState) -> None:
        if self._looked_at and state.phase is Phase.LIVE:
            with suppress(RuntimeError):  # it was closed meanwhile
                self._pool.submit(self._build_if_small)

    def _build_if_small(self) -> None:
        with suppress(StoreError):  # nobody has asked for it by name, so nobody is told
            absent = phase_of(self._index.parts(), IndexPart.EVENTS) is PartPhase.ABSENT
            if absent and self._estimate().events <= BUILT_UNASKED:
                self._index.build(IndexPart.EVENTS)
            self._looked_at = False
