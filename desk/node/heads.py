"""What the writer knows of each stream: where it ends, what its metadata say, which ids it holds."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Final

from desk.node import metadata
from desk.node.metadata import NOTHING_SET, ONLY_THE_LAST, StreamMetadata
from desk.node.records import MAX, METADATA_PREFIX
from desk.node.schema import whole
from desk.node.wire import JSON, RecordedEvent, recorded_event
from desk.records import dataclass

_STREAMS_REMEMBERED: Final = 4096


@dataclass(slots=True)
class Head:
    """Where a stream ends; ``id`` is 0 until the stream is written, ``revision`` -1 while it has no event."""

    name: str
    id: int = 0
    revision: int = -1
    tombstoned: bool = False
    metadata: StreamMetadata | None = None


class Heads:
    """Looks streams up in the log, and remembers those that were written lately.

    ``save_rows`` is called before the log is asked about events, so that it knows those of the commit under way.
    """

    def __init__(self, connection: sqlite3.Connection, save_rows: Callable[[], None]) -> None:
        self.connection = connection
        self.save_rows = save_rows
        self._remembered: dict[str, Head] = {}

    def forget(self) -> None:
        """What was remembered may not be so: a commit failed."""
        self._remembered.clear()

    def changed(self, stream: str) -> None:
        """Somebody else than an append changed what is stored of a stream."""
        self._remembered.pop(stream, None)

    def of(self, stream: str) -> Head:
        """The end of a stream."""
        head = self._remembered.pop(stream, None)
        if head is None:
            if len(self._remembered) >= _STREAMS_REMEMBERED:
                del self._remembered[next(iter(self._remembered))]
            head = find_head(self.connection, stream, self.save_rows)
        # Behind the others: what a write under way is using is never the one that is forgotten.
        self._remembered[stream] = head
        return head

    def number(self, head: Head) -> None:
        """Gives a stream that is written for the first time its number."""
        if head.id == 0:
            row = self.connection.execute("INSERT INTO streams (name) VALUES (?) RETURNING id", (head.name,)).fetchone()
            head.id = row[0]

    def metadata_of(self, head: Head) -> StreamMetadata:
        """What hides events of this stream; metadata streams show their last event alone."""
        if head.metadata is None:
            if head.name.startswith(METADATA_PREFIX):
                head.metadata = ONLY_THE_LAST
            else:
                head.metadata = metadata_in(self.connection, self.of(METADATA_PREFIX + head.name), self.save_rows)
        return head.metadata

    def metadata_json(self, head: Head) -> bytes:
        """The data of the last event of a stream's metadata stream, which must have one."""
        return _last_event(self.connection, self.of(METADATA_PREFIX + head.name), self.save_rows).data

    def visible_position(self, head: Head, revision: int, now: int) -> int | None:
        """The position of an event; None where its stream's metadata hide it."""
        limits = self.metadata_of(head)
        if revision < limits.first_visible(head.revision):
            return None
        self.save_rows()
        row = self.connection.execute(
            "SELECT position FROM events WHERE stream = ? AND revision = ? AND created >= ?",
            (head.id, revision, limits.oldest_visible(now)),
        ).fetchone()
        return None if row is None else int(row[0])


def find_head(connection: sqlite3.Connection, stream: str, save_rows: Callable[[], None] = lambda: None) -> Head:
    """The end of a stream as the log has it; ``save_rows`` as for ``Heads``."""
    head = Head(stream)
    row = connection.execute("SELECT id FROM streams WHERE name = ?", (stream,)).fetchone()
    if row is None:
        return head
    head.id = row[0]
    save_rows()
    for (revision,) in connection.execute(
        "SELECT revision FROM events WHERE stream = ? ORDER BY revision DESC LIMIT 2", row
    ).fetchall():
        if revision != MAX:
            head.revision = revision
            break
        head.tombstoned = True
    return head


def metadata_in(
    connection: sqlite3.Connection, source: Head, save_rows: Callable[[], None] = lambda: None
) -> StreamMetadata:
    """What the last event of a metadata stream sets."""
    if source.revision < 0:
        return NOTHING_SET
    event = _last_event(connection, source, save_rows)
    return metadata.of_event(event.data, is_json=event.metadata["content-type"] == JSON)


def _last_event(connection: sqlite3.Connection, head: Head, save_rows: Callable[[], None]) -> RecordedEvent:
    save_rows()
    row = connection.execute(
        "SELECT response, checksum, position FROM events WHERE stream = ? AND revision = ?", (head.id, head.revision)
    ).fetchone()
    return recorded_event(whole(*row))


class StreamView:
    """A stream as the rules of expected versions ask about it."""

    def __init__(self, heads: Heads, head: Head) -> None:
        self._heads = heads
        self._head = head
        self.name = head.name
        self.last_revision = head.revision
        base = head.name.removeprefix(METADATA_PREFIX)
        # A metadata stream ends with the stream that it describes, unless it was written before.
        self.tombstoned = head.tombstoned or (base != head.name and head.revision < 0 and heads.of(base).tombstoned)
        self.deleted = heads.metadata_of(head).deleted
        self.has_metadata = heads.of(METADATA_PREFIX + head.name).revision >= 0

    def first_revision_of(self, event_id: bytes) -> int | None:
        """The revision under which an event id was first stored in this stream, which has events."""
        self._heads.save_rows()
        # The index is named because SQLite would otherwise walk the whole stream by revision to find the lowest.
        row = self._heads.connection.execute(
            "SELECT min(revision) FROM events INDEXED BY events_by_id WHERE stream = ? AND event_id = ?",
            (self._head.id, event_id),
        ).fetchone()
        return None if row[0] is None else int(row[0])

    def ids_from(self, revision: int, count: int) -> Sequence[bytes]:
        """The ids of at most so many events from a revision on: hidden ones included, scavenged ones left out."""
        self._heads.save_rows()
        rows = self._heads.connection.execute(
            "SELECT event_id FROM events WHERE stream = ? AND revision BETWEEN ? AND ? ORDER BY revision",
            (self._head.id, revision, min(revision + count - 1, self._head.revision)),
        )
        return [row[0] for row in rows]
