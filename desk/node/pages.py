"""Reading the log in pages, on connections that cannot write.

A page is one consistent view: a stream's end, its metadata and its events are of the same moment. Pages are bounded
by a number of events and by bytes, so a reader holds little whatever a stream holds.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from desk.node.heads import find_head, metadata_in
from desk.node.metadata import ONLY_THE_LAST, StreamMetadata
from desk.node.records import MAX, METADATA_PREFIX, StoredEvent
from desk.node.schema import open_for_reading, whole
from desk.records import dataclass

PAGE_EVENTS: Final = 500
PAGE_BYTES: Final = 128 << 10
"""Small, because each reader that stops reading holds one page; an event that is larger is a page of its own."""
PAGE_CONSIDERED: Final = 2000
"""How many events a filter looks at before it gives way to other readers."""

Accepts = Callable[[str, str], bool]
"""Whether a filter takes an event of this stream and type."""

_Row = tuple[int, int, str, int, bytes, int | None]


@dataclass(frozen=True, slots=True)
class StreamEnd:
    """Where a stream ends and what of it can be seen; ``last`` is -1 for a stream without events."""

    id: int
    last: int
    tombstoned: bool
    limits: StreamMetadata

    @property
    def missing(self) -> bool:
        """Whether readers are told that there is no such stream."""
        return self.last < 0 or self.limits.deleted

    @property
    def first(self) -> int:
        """The lowest revision that can be seen, were there no limit on age."""
        return self.limits.first_visible(self.last)


@dataclass(frozen=True, slots=True)
class StreamEvents:
    """Some events of a stream. ``next`` is where the next page begins, None after the last one.

    ``position`` is the log's last one when the page was read.
    """

    end: StreamEnd
    events: tuple[StoredEvent, ...]
    next: int | None
    position: int


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some events of the log: those that a filter took among ``considered``; ``next`` as in StreamEvents."""

    events: tuple[StoredEvent, ...]
    considered: tuple[int, ...]
    next: int | None
    position: int


class LogPages:
    """One reader's connection. Raises sqlite3.DatabaseError, which ``Readers`` names; its constructor LogError."""

    def __init__(self, path: Path) -> None:
        self._connection = open_for_reading(path)

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()

    @contextmanager
    def view(self) -> Iterator[None]:
        """All that is read within is of one moment."""
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.execute("COMMIT")

    # -- one stream ----------------------------------------------------------------------

    def end_of(self, stream: str) -> StreamEnd:
        """Where a stream ends, and what its metadata hide."""
        head = find_head(self._connection, stream)
        if stream.startswith(METADATA_PREFIX):
            base = find_head(self._connection, stream.removeprefix(METADATA_PREFIX))
            return StreamEnd(head.id, head.revision, head.tombstoned or base.tombstoned, ONLY_THE_LAST)
        limits = metadata_in(self._connection, find_head(self._connection, METADATA_PREFIX + stream))
        return StreamEnd(head.id, head.revision, head.tombstoned, limits)

    def stream_events(self, stream: str, revision: int, count: int, *, backwards: bool = False) -> StreamEvents:
        """Visible events from a revision upward; backwards from it, or from the last one if that is lower, downward."""
        with self.view():
            end = self.end_of(stream)
            if backwards:
                bounds, order, step = (end.first, min(revision, end.last)), "DESC", -1
            else:
                bounds, order, step = (max(revision, end.first), end.last), "ASC", 1
            rows = self._stream_rows(end, f"BETWEEN ? AND ? ORDER BY revision {order}", bounds, count)
            events = self._visible(end, stream, rows)
            final = bounds[0] if backwards else bounds[1]
            following = rows[-1][1] + step if rows and rows[-1][1] != final else None
            return StreamEvents(end, events, following, self.position())

    def event_at(self, stream: str, revision: int) -> StoredEvent | None:
        """One event, if readers may see it; -1 is the stream's last."""
        end = self.end_of(stream)
        wanted = end.last if revision == -1 else revision
        if end.missing or end.tombstoned or not end.first <= wanted <= end.last:
            return None
        rows = self._stream_rows(end, "= ?", (wanted,), 1)
        events = self._visible(end, stream, rows)
        return events[0] if events else None

    def _stream_rows(self, end: StreamEnd, where: str, bounds: tuple[int, ...], count: int) -> Sequence[_Row]:
        cursor = self._connection.execute(
            "SELECT position, revision, type, created, response, checksum FROM events"
            f" WHERE stream = ? AND revision {where} LIMIT ?",
            (end.id, *bounds, min(count, PAGE_EVENTS)),
        )
        return _up_to_a_page(cursor)

    @staticmethod
    def _visible(end: StreamEnd, stream: str, rows: Sequence[_Row]) -> tuple[StoredEvent, ...]:
        oldest = end.limits.oldest_visible(time.time_ns() // 100)
        return tuple(
            StoredEvent(position, stream, revision, type, whole(response, checksum, position))
            for position, revision, type, created, response, checksum in rows
            if created >= oldest
        )

    # -- what is kept beside the events ----------------------------------------------------

    def key_values(self, owner: str) -> dict[str, bytes]:
        """All that a part of the node keeps, by key."""
        return dict(self._connection.execute("SELECT key, value FROM facts WHERE owner = ?", (owner,)))

    # -- the whole log -------------------------------------------------------------------

    def position(self) -> int:
        """The last position of the log."""
        (position,) = self._connection.execute("SELECT coalesce(max(position), 0) FROM events").fetchone()
        return int(position)

    def log_events(self, bound: int, count: int, accepts: Accepts, *, backwards: bool = False) -> LogPage:
        """Accepted events with positions above this one; backwards those with positions below it, the latest first."""
        where = "< ? ORDER BY position DESC" if backwards else "> ? ORDER BY position"
        considered: list[int] = []
        events: list[StoredEvent] = []
        size = 0
        # Closed whatever happens: while it is open the connection sees the log as it was, for all who come after.
        with self.view(), closing(self._described(where, bound)) as described:
            for position, stream, revision, type in described:
                considered.append(position)
                if accepts(stream, type):
                    event = StoredEvent(position, stream, revision, type, self._response_at(position))
                    events.append(event)
                    size += len(event.response)
                    if len(events) >= min(count, PAGE_EVENTS) or size >= PAGE_BYTES:
                        break
            else:
                if len(considered) < PAGE_CONSIDERED:
                    return LogPage(tuple(events), tuple(considered), None, self.position())
            return LogPage(tuple(events), tuple(considered), considered[-1], self.position())

    def _described(self, where: str, bound: int) -> sqlite3.Cursor:
        return self._connection.execute(
            "SELECT events.position, streams.name, events.revision, events.type FROM events"
            f" JOIN streams ON streams.id = events.stream WHERE events.position {where} LIMIT ?",
            (bound, PAGE_CONSIDERED),
        )

    # -- care ----------------------------------------------------------------------------

    def hiding_streams(self, after: int, through: int) -> tuple[str, ...]:
        """Of the streams with numbers above the first, up to the second, those that may hold hidden events.

        That is: metadata streams, streams that have one, and streams that were ended for ever.
        """
        rows = self._connection.execute(
            "SELECT name FROM streams AS each WHERE id > ? AND id <= ? AND ("
            " substr(name, 1, 2) = '$$'"
            " OR EXISTS (SELECT 1 FROM streams WHERE name = '$$' || each.name)"
            " OR EXISTS (SELECT 1 FROM events WHERE stream = each.id AND revision = ?))"
            " ORDER BY id",
            (after, through, MAX),
        )
        return tuple(name for (name,) in rows)

    def last_stream(self) -> int:
        """The highest number of a stream; 0 where there is none."""
        (number,) = self._connection.execute("SELECT coalesce(max(id), 0) FROM streams").fetchone()
        return int(number)

    def _response_at(self, position: int) -> bytes:
        row = self._connection.execute(
            "SELECT response, checksum, position FROM events WHERE position = ?", (position,)
        ).fetchone()
        return whole(*row)


def _up_to_a_page(cursor: sqlite3.Cursor) -> Sequence[_Row]:
    rows: list[_Row] = []
    size = 0
    with closing(cursor):
        for row in cursor:
            rows.append(row)
            size += len(row[4])
            if size >= PAGE_BYTES:
                break
    return rows
