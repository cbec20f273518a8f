"""The running program as an import sees it. One for a session's whole life, as its listener cannot be taken back."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Protocol
from uuid import UUID

from desk.application.catalogue import Announcement, CatalogueReader, IsbnHistory
from desk.application.queries import GetIsbnHistory
from desk.application.session import Connection, Fault, Listener, R
from desk.cqrs.messages import Consistency, Origin, Outcome, Query
from desk.domain.commands import Command


class ImportingSession(Protocol):
    """As much of a session as is needed, whose commands can count for another moment than now."""

    def listen(self, listener: Listener) -> None: ...

    def execute(
        self,
        command: object,
        *,
        command_id: UUID | None = None,
        consistency: Consistency = Consistency.EVENTUAL,
        issued_at: datetime | None = None,
        origin: Origin = Origin.USER,
    ) -> "Future[Outcome]": ...

    def ask(self, query: Query[R]) -> "Future[R]": ...

    def reader(self) -> CatalogueReader | None: ...


class SessionPort:
    """A CataloguePort over a session."""

    def __init__(self, session: ImportingSession) -> None:
        self._session = session
        self._watchers: tuple[Listener, ...] = ()
        self._lock = threading.Lock()
        session.listen(self)

    def send(self, command: Command, command_id: UUID, issued_at: datetime | None = None) -> "Future[Outcome]":
        """Part of being a CataloguePort."""
        return self._session.execute(command, command_id=command_id, issued_at=issued_at, origin=Origin.IMPORT)

    def isbn_history(self, isbns: Sequence[str]) -> Mapping[str, IsbnHistory]:
        """Part of being a CataloguePort."""
        return self._session.ask(GetIsbnHistory(tuple(isbns))).result()

    def states(self, book_ids: Sequence[UUID]) -> Mapping[UUID, str]:
        """Part of being a CataloguePort; nothing is known while the read model is being opened."""
        reader = self._session.reader()
        if reader is None:
            return {}
        try:
            rows = [reader.row_of(book_id) for book_id in book_ids]
        finally:
            reader.close()
        return {row.book_id: row.state for row in rows if row is not None}

    def watch(self, listener: Listener) -> Callable[[], None]:
        """Part of being a CataloguePort."""
        with self._lock:
            self._watchers = (*self._watchers, listener)
        return lambda: self._unwatch(listener)

    def _unwatch(self, listener: Listener) -> None:
        with self._lock:
            self._watchers = tuple(each for each in self._watchers if each is not listener)

    def announced(self, announcement: Announcement) -> None:
        """Part of being a Listener."""
        for watcher in self._watchers:
            watcher.announced(announcement)

    def connection_changed(self, connection: Connection) -> None:
        """Part of being a Listener."""
        for watcher in self._watchers:
            watcher.connection_changed(connection)

    def fault_found(self, fault: Fault) -> None:
        """Part of being a Listener."""
        for watcher in self._watchers:
            watcher.fault_found(fault)
