"""Hop 7: events that cannot be applied wait here, and all later ones of their stream behind them, in order.

The others go on. (Sequenced dead letters, as Axon has them.) A stream is parked until its events were applied in
order, or the one that fails is skipped for a reason. What was skipped is remembered by the event's id, and is left
out by every later rebuild as well.
"""

import sqlite3
import traceback
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from desk.application.care import ParkedStream, SkippedEvent
from desk.cqrs.store import Recorded
from desk.domain.streams import book_id_of
from desk.projection.schema import GROUP

_PARK: Final = """
    INSERT INTO parked_events
        (name, event_id, stream, revision, position, attempts, error, traceback, parked_at, state)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (name, position) DO UPDATE SET
        attempts = parked_events.attempts + excluded.attempts, error = excluded.error, traceback = excluded.traceback,
        state = excluded.state"""

_STREAMS: Final = """
    SELECT stream, count(*), min(parked_at), min(position) FROM parked_events WHERE name = ?
    GROUP BY stream ORDER BY min(parked_at), min(position)"""

_FIRST: Final = """
    SELECT p.event_id, p.revision, p.error, p.traceback, p.attempts, names.name
    FROM parked_events AS p JOIN activity USING (position) JOIN names ON names.id = activity.type
    WHERE p.name = ? AND p.position = ?"""

_SKIP: Final = """
    INSERT INTO skipped_events (event_id, stream, revision, type, error, reason, skipped_at)
    SELECT p.event_id, p.stream, p.revision, names.name, p.error, ?, ?
    FROM parked_events AS p JOIN activity USING (position) JOIN names ON names.id = activity.type
    WHERE p.name = ? AND p.stream = ? ORDER BY p.position LIMIT 1
    ON CONFLICT (event_id) DO NOTHING"""

_LEAVE_OUT: Final = "DELETE FROM parked_events WHERE event_id IN (SELECT event_id FROM skipped_events)"


def parked_streams(connection: sqlite3.Connection) -> set[str]:
    """The streams that are parked."""
    return {stream for (stream,) in connection.execute("SELECT stream FROM parked_events WHERE name = ?", [GROUP])}


def park(connection: sqlite3.Connection, event: Recorded, error: Exception, now: float) -> None:
    """Put aside an event that could not be applied (again), in the transaction that moves the position past it."""
    details = "".join(traceback.format_exception(error))
    _insert(connection, event, (1, _sentence(error), details, now, "failed"))


def queue_behind(connection: sqlite3.Connection, event: Recorded, now: float) -> None:
    """Put aside an event, untried, because an earlier one of its stream is parked."""
    _insert(connection, event, (0, "", "", now, "waiting"))


def release(connection: sqlite3.Connection, event: Recorded) -> None:
    """The event is applied: it waits no longer."""
    connection.execute("DELETE FROM parked_events WHERE name = ? AND position = ?", [GROUP, event.position])


def waiting_places(connection: sqlite3.Connection, stream: str) -> dict[int, int]:
    """The revisions of this stream that wait, in their order, and where they stand in ``$all``."""
    find = "SELECT revision, position FROM parked_events WHERE name = ? AND stream = ? ORDER BY revision"
    return dict(connection.execute(find, [GROUP, stream]).fetchall())


def waiting_count(connection: sqlite3.Connection) -> int:
    """How many events wait."""
    return int(connection.execute("SELECT count(*) FROM parked_events WHERE name = ?", [GROUP]).fetchone()[0])


def skip_first(connection: sqlite3.Connection, stream: str, reason: str, now: float) -> None:
    """Leave out the event that the stream's others wait for."""
    connection.execute(_SKIP, [reason, now, GROUP, stream])
    connection.execute(_LEAVE_OUT)


def skipped_ids(connection: sqlite3.Connection) -> set[UUID]:
    """The events that are left out."""
    return {UUID(bytes=event_id) for (event_id,) in connection.execute("SELECT event_id FROM skipped_events")}


def read_parked(connection: sqlite3.Connection) -> tuple[ParkedStream, ...]:
    """What the window shows of the streams that are parked."""
    return tuple(
        _parked_stream(connection, stream, waiting, since, position)
        for stream, waiting, since, position in connection.execute(_STREAMS, [GROUP]).fetchall()
    )


def read_skipped(connection: sqlite3.Connection) -> tuple[SkippedEvent, ...]:
    """What the window shows of the events that were skipped."""
    found = connection.execute(
        "SELECT event_id, stream, revision, type, error, reason, skipped_at FROM skipped_events "
        "ORDER BY skipped_at DESC"
    )
    return tuple(
        SkippedEvent(
            UUID(bytes=event_id), stream, revision, type_name, error, reason, datetime.fromtimestamp(skipped_at, UTC)
        )
        for event_id, stream, revision, type_name, error, reason, skipped_at in found.fetchall()
    )


def carry_over(old: sqlite3.Connection, new: sqlite3.Connection) -> None:
    """What was skipped in one read model is skipped in the other, too. The caller commits."""
    columns = "event_id, stream, revision, type, error, reason, skipped_at"
    rows = old.execute(f"SELECT {columns} FROM skipped_events").fetchall()
    new.executemany(f"INSERT INTO skipped_events ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", rows)


def _parked_stream(
    connection: sqlite3.Connection, stream: str, waiting: int, since: float, position: int
) -> ParkedStream:
    event_id, revision, error, details, attempts, type_name = connection.execute(_FIRST, [GROUP, position]).fetchone()
    book_id = book_id_of(stream)
    title = None
    if book_id is not None:
        found = connection.execute("SELECT title FROM books WHERE book_id = ?", [book_id.bytes]).fetchone()
        title = found and found[0]
    return ParkedStream(
        stream,
        book_id,
        title,
        waiting,
        type_name,
        revision,
        UUID(bytes=event_id),
        error,
        details,
        attempts,
        datetime.fromtimestamp(since, UTC),
    )


def _sentence(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _insert(connection: sqlite3.Connection, event: Recorded, rest: tuple[object, ...]) -> None:
    where = (GROUP, event.id.bytes, event.stream, event.revision, event.position)
    connection.execute(_PARK, (*where, *rest))
