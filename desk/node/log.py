"""The append-only log: writes in groups, each group one durable commit.

One thread uses a ``Log``; readers have connections of their own (``desk.node.pages``).
"""

import time
import uuid
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from desk.node import metadata
from desk.node.care.discards import Discarded, LogMoment, discard
from desk.node.expectations import already_written
from desk.node.heads import Head, Heads, StreamView
from desk.node.records import (
    ANY,
    MAX,
    METADATA_PREFIX,
    METADATA_TYPE,
    TOMBSTONE_TYPE,
    Append,
    Delete,
    KeyValue,
    LogError,
    LogFull,
    Proposed,
    StoredEvent,
    Tombstone,
    Write,
    WriteBatch,
    WriteRefused,
    WriteResult,
    WrongExpectedVersion,
)
from desk.node.schema import failures_of, open_for_writing
from desk.node.wire import created_field, stored_response, stream_field
from desk.records import dataclass

Outcome = WriteResult | WriteRefused | LogError
_Row = tuple[int, int, int, bytes, str, int, bytes, int]

_FIRST_STREAM: Final = "$$$settings"
_ID: Final = ("log", "id")
"""Owner and key of the fact that holds the log's id."""


@dataclass(frozen=True, slots=True)
class Committed:
    """The outcome of each write of a group, in its order, and the events that it added to the log."""

    outcomes: tuple[Outcome | Exception, ...]
    events: tuple[StoredEvent, ...]


class Log:
    """The one writer. Raises LogError when the file cannot be opened.

    ``last_event`` is the position of the last event, ``id`` what tells this log from others; copies have it too.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = open_for_writing(path)
        self._heads = Heads(self._connection, self._save_rows)
        self._rows: list[_Row] = []
        self._events: list[StoredEvent] = []
        self._position = 0
        self.last_event = 0
        self._now = 0
        self._created = b""
        try:
            with failures_of(path):
                self._position, self.last_event = self._positions()
            if self._position == 0:
                self._begin_with_a_system_event()
            self.id = self._own_id()
        except BaseException:
            self._connection.close()
            raise

    def pragma(self, name: str) -> int:
        """How the writing connection is set, such as ``synchronous``."""
        return int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])

    def close(self) -> None:
        """Closes the file; SQLite folds the write-ahead log into it."""
        self._connection.close()

    def commit(self, writes: Sequence[Write]) -> Committed:
        """Decides on each write, and makes those that are accepted durable by one commit.

        Where that fails each is tried alone, so that one which is too large for the disk takes no other with it, nor
        does one over which the writer stumbles.
        """
        try:
            return self._commit(writes)
        except Exception as error:  # noqa: BLE001 -- whatever it is, who asked for it is to hear of it, and no other
            if len(writes) == 1:
                return Committed((error,), ())
        alone = [self.commit([write]) for write in writes]
        return Committed(
            tuple(outcome for each in alone for outcome in each.outcomes),
            tuple(event for each in alone for event in each.events),
        )

    def _commit(self, writes: Sequence[Write]) -> Committed:
        self._now = time.time_ns() // 100
        self._created = created_field(self._now)
        with self._transaction():
            outcomes = tuple(self._outcome(write) for write in writes)
            self._save_rows()
            self._save_position()
        events = tuple(self._events)
        self._events.clear()
        if events:
            self.last_event = events[-1].position
        return Committed(outcomes, events)

    # -- care ------------------------------------------------------------------------------

    def discard(self, streams: Sequence[str]) -> Discarded:
        """Removes for ever events of these streams that no reader is shown, as many as one short commit takes.

        Raises LogError. See ``desk.node.care.discards``.
        """
        moment = LogMoment(self.last_event, time.time_ns() // 100)
        with self._transaction():
            return discard(self._connection, self._heads, streams, moment)

    def shrink(self, pages: int) -> int:
        """Gives so many empty pages back to the disk, and returns how many are left. Raises LogError.

        Those of a file of version 1 stay in it for events to come, until ``rebuild``.
        """
        with failures_of(self.path):
            # As a script: it gives back one page a step, and a cursor would take but the first.
            self._connection.executescript(f"PRAGMA incremental_vacuum({pages})")
            return self.pragma("freelist_count") if self.pragma("auto_vacuum") else 0

    def rebuild(self) -> None:
        """Writes the file anew where it can't give pages back, which takes as much room again. Raises LogError."""
        with failures_of(self.path):
            if not self.pragma("auto_vacuum"):
                self._connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
                self._connection.execute("VACUUM")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        before = self._position
        try:
            with failures_of(self.path):
                self._connection.execute("BEGIN IMMEDIATE")
                yield
                self._connection.execute("COMMIT")
        except BaseException:
            self._position = before
            self._rows.clear()
            self._events.clear()
            self._heads.forget()
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    # -- the kinds of writes -----------------------------------------------------

    def _outcome(self, write: Write) -> Outcome:
        try:
            match write:
                case Append():
                    return self._append(write)
                case Delete():
                    return self._delete(write)
                case Tombstone():
                    return self._tombstone(write)
                case WriteBatch():
                    return self._write_batch(write)
        except WriteRefused as refused:
            return refused

    def _append(self, write: Append) -> WriteResult:
        head = self._heads.of(write.stream)
        stream = StreamView(self._heads, head)
        again = already_written(stream, write.expected, [event.id for event in write.events])
        if again is not None:
            return WriteResult(again, self._heads.visible_position(head, again, self._now))
        described = self._deleted_stream_described_by(write)
        position = self._add(head, write.events)
        revision = head.revision
        if stream.deleted:
            self._show_from(head, self._heads.metadata_json(head), stream.last_revision + 1)
        if described is not None:
            self._show_from(described, write.events[-1].data, described.revision + 1)
        return WriteResult(revision, position)

    def _delete(self, write: Delete) -> WriteResult:
        stream = StreamView(self._heads, self._heads.of(write.stream))
        already_written(stream, write.expected, [uuid.uuid4().bytes])
        if stream.last_revision < 0 and not stream.has_metadata:
            raise WrongExpectedVersion(write.stream, write.expected, stream.last_revision)
        head = self._heads.of(METADATA_PREFIX + write.stream)
        position = self._add(head, (_metadata_event(metadata.deletion()),))
        return WriteResult(head.revision, position)

    def _tombstone(self, write: Tombstone) -> WriteResult:
        head = self._heads.of(write.stream)
        already_written(StreamView(self._heads, head), write.expected, [uuid.uuid4().bytes])
        self._heads.number(head)
        event = Proposed(uuid.uuid4().bytes, TOMBSTONE_TYPE, False, b"", b"")
        self._store(head, MAX, event, stream_field(head.name))
        head.tombstoned = True
        return WriteResult(MAX, self._position)

    def _write_batch(self, write: WriteBatch) -> WriteResult:
        """All appends are checked before any is added: a refusal leaves nothing behind."""
        for append in write.appends:
            ids = [event.id for event in append.events]
            already_written(StreamView(self._heads, self._heads.of(append.stream)), append.expected, ids)
        written = WriteResult(-1, None)
        for append in write.appends:
            written = self._append(append)
        self._keep(write.key_values)
        return written

    def _keep(self, key_values: Sequence[KeyValue]) -> None:
        forgotten = [(each.owner, each.key) for each in key_values if each.value is None]
        kept = [(each.owner, each.key, each.value) for each in key_values if each.value is not None]
        self._connection.executemany("DELETE FROM facts WHERE owner = ? AND key = ?", forgotten)
        self._connection.executemany(
            "INSERT INTO facts (owner, key, value) VALUES (?, ?, ?)"
            " ON CONFLICT (owner, key) DO UPDATE SET value = excluded.value",
            kept,
        )

    def _deleted_stream_described_by(self, write: Append) -> Head | None:
        """The deleted stream whose metadata these events are, if they are."""
        base = write.stream.removeprefix(METADATA_PREFIX)
        if base == write.stream or not write.events:
            return None
        head = self._heads.of(base)
        return head if self._heads.metadata_of(head).deleted else None

    def _show_from(self, head: Head, current: bytes, revision: int) -> None:
        """A deleted stream is there again: what was in it before stays hidden."""
        changed = metadata.with_truncate_before(current, revision)
        if changed is not None:
            self._add(self._heads.of(METADATA_PREFIX + head.name), (_metadata_event(changed),))

    def _own_id(self) -> uuid.UUID | None:
        """The id that was made for this log once; None where there is no room to keep one."""
        with failures_of(self.path):
            found = self._connection.execute("SELECT value FROM facts WHERE owner = ? AND key = ?", _ID).fetchone()
        if found is not None:
            return uuid.UUID(bytes=found[0])
        made = uuid.uuid4()
        try:
            with failures_of(self.path):
                self._connection.execute("INSERT INTO facts (owner, key, value) VALUES (?, ?, ?)", (*_ID, made.bytes))
        except LogFull:
            return None
        return made

    def _begin_with_a_system_event(self) -> None:
        """A database begins with an event of the system: there are clients that look for one."""
        event = _metadata_event(b'{"$acl":{"$r":"$admins"}}')
        (outcome,) = self.commit([Append(_FIRST_STREAM, ANY, (event,))]).outcomes
        if isinstance(outcome, Exception):
            raise outcome

    # -- storing ---------------------------------------------------------------------------

    def _add(self, head: Head, events: Sequence[Proposed]) -> int:
        """Stores events and returns the position of the last, or one of its own where there are none."""
        if not events:
            self._position += 1
            return self._position
        self._heads.number(head)
        stream = stream_field(head.name)
        for event in events:
            head.revision += 1
            self._store(head, head.revision, event, stream)
        if head.name.startswith(METADATA_PREFIX):
            described = self._heads.of(head.name.removeprefix(METADATA_PREFIX))
            described.metadata = None
        return self._position

    def _store(self, head: Head, revision: int, event: Proposed, stream: bytes) -> None:
        self._position = position = self._position + 1
        response = stored_response(event, stream, self._created, revision, position)
        row = (position, head.id, revision, event.id, event.type, self._now, response, zlib.crc32(response))
        self._rows.append(row)
        self._events.append(StoredEvent(position, head.name, revision, event.type, response))

    def _save_rows(self) -> None:
        if self._rows:
            self._connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)", self._rows)
            self._rows.clear()

    def _save_position(self) -> None:
        """A position that was given to an append without events is never given to another."""
        if not self._events or self._events[-1].position != self._position:
            self._connection.execute(
                "UPDATE head SET position = ? WHERE position < ?", (self._position, self._position)
            )

    def _positions(self) -> tuple[int, int]:
        """The last position that was given away, and the last event's."""
        (given,) = self._connection.execute("SELECT position FROM head").fetchone()
        (last,) = self._connection.execute("SELECT coalesce(max(position), 0) FROM events").fetchone()
        return max(given, last), last


def _metadata_event(data: bytes) -> Proposed:
    return Proposed(uuid.uuid4().bytes, METADATA_TYPE, True, data, b"")
