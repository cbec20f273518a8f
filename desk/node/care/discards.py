"""What a scavenge takes away: events that no reader of their stream is shown any more.

The rules are EventStoreDB's. A stream keeps its last event, so that its next one has the right number; a metadata
stream keeps its last event alone; a stream that was ended for ever keeps nothing but the event that says so, and its
metadata stream nothing at all. The log's last event stays, as positions go on from it. What goes is always the
beginning of a stream. With its events their ids go: an append that is repeated after that is a new one.
"""

import sqlite3
from collections.abc import Sequence
from typing import Final

from desk.node.heads import Head, Heads
from desk.node.records import MAX, METADATA_PREFIX
from desk.records import dataclass

MOST_EVENTS: Final = 256
MOST_BYTES: Final = 1 << 20
MOST_STREAMS: Final = 32
"""What one transaction takes away, and looks at: appends wait for it no longer than for one another."""


@dataclass(frozen=True, slots=True)
class Discarded:
    """What one transaction came to: how many of its streams are done, and how much went."""

    streams: int
    events: int
    bytes: int


@dataclass(frozen=True, slots=True)
class LogMoment:
    """When a scavenge looks: the position of the log's last event, and the time in 100 ns ticks."""

    last_event: int
    now: int


def discard(connection: sqlite3.Connection, heads: Heads, streams: Sequence[str], moment: LogMoment) -> Discarded:
    """Takes away what is hidden of these streams, one after the other, up to the bounds above."""
    done = events = size = 0
    for stream in streams[:MOST_STREAMS]:
        taken, freed, more = _discard_of(connection, heads, stream, moment, MOST_EVENTS - events)
        events += taken
        size += freed
        done += not more
        if more or events >= MOST_EVENTS or size >= MOST_BYTES:
            break
    return Discarded(done, events, size)


def _discard_of(
    connection: sqlite3.Connection, heads: Heads, stream: str, moment: LogMoment, most: int
) -> tuple[int, int, bool]:
    """How many events went, their bytes, and whether there are more."""
    head = heads.of(stream)
    oldest = heads.metadata_of(head).oldest_visible(moment.now)
    rows = connection.execute(
        "SELECT revision, created, length(response) FROM events"
        " WHERE stream = ? AND revision < ? AND position < ? ORDER BY revision LIMIT ?",
        (head.id, _kept_in_any_case(head, heads), moment.last_event, most),
    )
    hidden = _hidden_by_revision(heads, head)
    last, count, size = -1, 0, 0
    for revision, created, length in rows:
        if (revision >= hidden and created >= oldest) or size >= MOST_BYTES:
            break
        last, count, size = revision, count + 1, size + length
    rows.close()
    if not count:
        return 0, 0, False
    connection.execute("DELETE FROM events WHERE stream = ? AND revision <= ?", (head.id, last))
    heads.changed(stream)
    return count, size, count == most or size >= MOST_BYTES


def _kept_in_any_case(head: Head, heads: Heads) -> int:
    """The revision below which events may go."""
    if not head.name.startswith(METADATA_PREFIX):
        return MAX if head.tombstoned else head.revision
    described = heads.of(head.name.removeprefix(METADATA_PREFIX))
    return MAX if described.tombstoned and not head.tombstoned else head.revision


def _hidden_by_revision(heads: Heads, head: Head) -> int:
    """The revision below which events are hidden, however young they are."""
    if _kept_in_any_case(head, heads) == MAX:
        return MAX
    return min(head.revision, heads.metadata_of(head).first_visible(head.revision))
