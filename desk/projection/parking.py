"""Hop 7: events that cannot be applied wait here, and all later ones of their stream behind them, in order.

The others go on. (Sequenced dead letters, as Axon has them.) A stream is parked until its events are tried again in
order, or the read model is rebuilt.
"""

import sqlite3
import traceback
from typing import Final

from desk.cqrs.store import Recorded
from desk.projection.schema import GROUP

_PARK: Final = """
    INSERT INTO parked_events
        (name, event_id, stream, revision, position, attempts, error, traceback, parked_at, state)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (name, position) DO NOTHING"""


def parked_streams(connection: sqlite3.Connection) -> set[str]:
    """The streams that are parked."""
    return {stream for (stream,) in connection.execute("SELECT stream FROM parked_events WHERE name = ?", [GROUP])}


def park(connection: sqlite3.Connection, event: Recorded, error: Exception, attempts: int, now: float) -> None:
    """Put aside an event that could not be applied, in the transaction that moves the position past it."""
    details = "".join(traceback.format_exception(error))
    _insert(connection, event, (attempts, str(error), details, now, "failed"))


def queue_behind(connection: sqlite3.Connection, event: Recorded, now: float) -> None:
    """Put aside an event, untried, because an earlier one of its stream is parked."""
    _insert(connection, event, (0, "", "", now, "waiting"))


def _insert(connection: sqlite3.Connection, event: Recorded, rest: tuple[object, ...]) -> None:
    where = (GROUP, event.id.bytes, event.stream, event.revision, event.position)
    connection.execute(_PARK, (*where, *rest))
