"""Recorded events as rows of a history, and rows put before or behind others. Pure, no Qt."""

from collections.abc import Iterable

from desk.application.history import HistoryColumns, command_number
from desk.cqrs.metadata import parse_metadata
from desk.cqrs.store import Recorded
from desk.records import dataclass


@dataclass(frozen=True, slots=True)
class EventRow:
    """What the history keeps of one event; ``time`` is in seconds since 1970, UTC, ``command`` as in its columns."""

    revision: int
    position: int
    time: float
    type: str
    user: str
    command: int = 0


def row_of(event: Recorded) -> EventRow:
    """The row of an event: the time shown is the sender's, or else the store's. A link counts where it stands."""
    meta = parse_metadata(event.metadata)
    moment = meta.issued_at or event.created
    place = event.link or event
    seconds = moment.timestamp() if moment else 0.0
    command = command_number(meta.causation_id.bytes if meta.causation_id else None)
    return EventRow(place.revision, event.position, seconds, event.type, meta.user or "", command)


def append_rows(columns: HistoryColumns, rows: Iterable[EventRow]) -> int:
    """Put newer events behind; those that are there already are passed over. Gives how many came."""
    before = len(columns)
    for row in rows:
        if not columns.revisions or row.revision > columns.revisions[-1]:
            columns.append(row.revision, row.position, row.time, row.type, row.user, row.command)
    return len(columns) - before


def prepend_rows(columns: HistoryColumns, rows: Iterable[EventRow]) -> int:
    """Put older events, oldest first, in front; gives how many came.

    Times that lie behind those now before them are moved up, as they would have been had all come in order.
    """
    older = HistoryColumns(columns.stream, type_names=columns.type_names, user_names=columns.user_names)
    first = columns.revisions[0] if columns.revisions else None
    append_rows(older, (row for row in rows if first is None or row.revision < first))
    if not older.revisions:
        return 0
    latest = older.times[-1]
    for index, moment in enumerate(columns.times):
        if moment >= latest:
            break
        columns.times[index] = latest
    for column, before in zip(columns.columns, older.columns, strict=True):
        column[0:0] = before
    return len(older)
