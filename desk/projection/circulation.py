"""Hop 9: loans and holds across all books, and the tree of commands and events of one correlation."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from desk.application.circulation import HoldQuestion, HoldRow, LoanQuestion, LoanRow, TracedCommand, TracedEvent
from desk.projection.rows import LOAN_COLUMNS, to_holds, to_loan

_PLACE: Final = (
    "CASE h.state WHEN 'waiting' THEN (SELECT count(*) FROM holds AS before WHERE before.book_id = h.book_id "
    "AND before.state = 'waiting' AND before.queue_key <= h.queue_key) END"
)
_EVENTS: Final = """
    SELECT a.event_id, s.name, a.revision, a.position, t.name, a.shown_at, u.name, a.causation_id, a.trigger_id
    FROM activity AS a JOIN names AS s ON s.id = a.stream JOIN names AS t ON t.id = a.type
        JOIN names AS u ON u.id = a.user
    WHERE a.correlation_id = ? ORDER BY a.position"""


def read_loans(connection: sqlite3.Connection, question: LoanQuestion) -> tuple[LoanRow, ...]:
    """The loans that are meant: the longest due first."""
    conditions, values = ["TRUE"], list[Any]()
    if question.patron is not None:
        conditions.append("l.patron_ref = ?")
        values.append(question.patron)
    if question.overdue_as_of is not None:
        conditions.append("l.state = 'open' AND l.due_on < ?")
        values.append(question.overdue_as_of.isoformat())
    if question.open is not None:
        conditions.append("l.state = 'open'" if question.open else "l.state <> 'open'")
    columns = ", ".join(f"l.{column}" for column in LOAN_COLUMNS)
    found = connection.execute(
        f"SELECT l.book_id, b.title, {columns} FROM loans AS l JOIN books AS b USING (book_id) "
        f"WHERE {' AND '.join(conditions)} ORDER BY l.due_on, l.loan_id LIMIT ?",
        [*values, question.limit],
    )
    return tuple(LoanRow(UUID(bytes=book_id), title, to_loan(loan)) for book_id, title, *loan in found.fetchall())


def read_holds(connection: sqlite3.Connection, question: HoldQuestion) -> tuple[HoldRow, ...]:
    """The holds that are meant: by their place in the store, so that each book's queue is in its order."""
    conditions, values = ["TRUE"], list[Any]()
    for column, value in (
        ("book_id", question.book_id and question.book_id.bytes),
        ("patron_ref", question.patron),
        ("state", question.state),
    ):
        if value is not None:
            conditions.append(f"h.{column} = ?")
            values.append(value)
    found = connection.execute(
        "SELECT h.book_id, b.title, h.hold_id, h.patron_ref, h.placed_at, h.state, h.copy_no, h.pickup_until, "
        f"{_PLACE} FROM holds AS h JOIN books AS b USING (book_id) "
        f"WHERE {' AND '.join(conditions)} ORDER BY h.queue_key LIMIT ?",
        [*values, question.limit],
    )
    return tuple(
        HoldRow(UUID(bytes=book_id), title, to_holds([hold[:-1]], hold[-1] or 1)[0])
        for book_id, title, *hold in found.fetchall()
    )


def read_trace(connection: sqlite3.Connection, correlation_id: UUID) -> tuple[TracedCommand, ...]:
    """The commands that nothing in the correlation triggered, each with all that followed."""
    commands: dict[tuple[bytes | None, bytes | None], list[TracedEvent]] = {}
    for *event, command, trigger in connection.execute(_EVENTS, [correlation_id.bytes]).fetchall():
        commands.setdefault((command, trigger), []).append(_event(event))
    ids = {event.event_id for events in commands.values() for event in events}
    by_trigger: dict[UUID | None, list[tuple[UUID | None, UUID | None, list[TracedEvent]]]] = {}
    for (command, trigger), events in commands.items():
        cause = _id(trigger)
        by_trigger.setdefault(cause if cause in ids else None, []).append((_id(command), cause, events))
    return _tree(by_trigger, None)


_Children = Mapping[UUID | None, Sequence[tuple[UUID | None, UUID | None, list[TracedEvent]]]]


def _tree(by_trigger: _Children, cause: UUID | None) -> tuple[TracedCommand, ...]:
    """An event comes after the one that triggered it, so this ends."""
    return tuple(
        TracedCommand(command, trigger, tuple(events), _followers(by_trigger, events))
        for command, trigger, events in by_trigger.get(cause, ())
    )


def _followers(by_trigger: _Children, events: Iterable[TracedEvent]) -> tuple[TracedCommand, ...]:
    return tuple(follower for event in events for follower in _tree(by_trigger, event.event_id))


def _event(found: list[Any]) -> TracedEvent:
    event_id, stream, revision, position, type_name, shown_at, user = found
    at = datetime.fromtimestamp(shown_at, UTC)
    return TracedEvent(UUID(bytes=event_id), stream, revision, position, type_name, at, user)


def _id(key: bytes | None) -> UUID | None:
    return None if key is None else UUID(bytes=key)
