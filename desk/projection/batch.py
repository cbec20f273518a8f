"""Hop 7: a batch of events becomes one transaction: rows and checkpoint, or neither.

An event that fails takes the whole batch back; the batch is then repeated event by event, and only the failing one is
parked. Trouble with the file itself (locked, full, damaged) is no event's fault: it is raised, and nothing was done.
"""

from collections.abc import Callable, Sequence
from dataclasses import field
from uuid import UUID

from sqlite_utils import Database

from desk.application.catalogue import Announcement
from desk.cqrs.errors import UnknownEvent
from desk.cqrs.metadata import Metadata, parse_metadata
from desk.cqrs.registry import EventRegistry
from desk.cqrs.store import Recorded
from desk.domain.streams import book_stream, isbn_stream
from desk.projection.activity import ActivityWriter
from desk.projection.changes import RowChanges
from desk.projection.failing import HandlerFaults
from desk.projection.group import CATALOGUE
from desk.projection.opening import is_trouble_of_the_file
from desk.projection.parking import (
    park,
    parked_streams,
    queue_behind,
    release,
    skip_first,
    skipped_ids,
    waiting_count,
)
from desk.projection.projections import ProjectionGroup
from desk.projection.schema import GROUP, complete
from desk.records import dataclass


@dataclass(slots=True)
class Written:
    """What one transaction did.

    ``books`` are the ids of those it touched, ``faults`` the events that were parked, with what they failed by;
    ``parked`` counts the events that wait, where that has changed.
    """

    books: dict[bytes, None] = field(default_factory=dict)
    changed: set[int] = field(default_factory=set)
    arrived: dict[int, None] = field(default_factory=dict)
    moved: bool = False
    streams: set[str] = field(default_factory=set)
    skipped: int = 0
    applied: int = 0
    parked: int | None = None
    faults: list[tuple[Recorded, Exception]] = field(default_factory=list)

    def extend(self, later: "Written") -> None:
        """Add what a later transaction did."""
        self.arrived.update(later.arrived)
        self.changed |= later.changed - self.arrived.keys()
        self.moved = self.moved or later.moved
        self.streams |= later.streams
        self.parked = self.parked if later.parked is None else later.parked

    def announcement(self, position: int) -> Announcement:
        """What is said of it once it is committed."""
        return Announcement(
            position,
            tuple(self.changed),
            tuple(self.arrived),
            reordered=self.moved,
            streams=frozenset(self.streams),
            parked=self.parked,
        )


class BatchWriter:
    """Writes batches through the one writing connection; knows how far the read model is."""

    def __init__(
        self,
        db: Database,
        registry: EventRegistry,
        clock: Callable[[], float],
        group: ProjectionGroup = CATALOGUE,
        handler_faults: HandlerFaults | None = None,
    ) -> None:
        self._db, self._registry, self._clock = db, registry, clock
        self._group, self._handler_faults = group, handler_faults or HandlerFaults()
        self._activity = ActivityWriter(db.conn)
        self.reload()

    def reload(self) -> None:
        """Read again where the read model stands."""
        find = "SELECT position, event_id, state FROM checkpoints WHERE name = ?"
        position, event_id, state = self._db.conn.execute(find, [GROUP]).fetchone()
        self.position: int | None = position
        self.event_id = None if event_id is None else UUID(bytes=event_id)
        self.rebuilding = state == "rebuilding"
        self._parked = parked_streams(self._db.conn)
        self._skipped = skipped_ids(self._db.conn)
        self._activity.forget_names()

    def write(self, events: Sequence[Recorded], *, naming: bool = True) -> Written:
        """Apply these events and move the checkpoint to the last of them; those already applied do nothing.

        ``naming`` asks for the ids of rows that changed and arrived. Raises sqlite3.OperationalError or
        sqlite3.DatabaseError where the file is in trouble; then nothing was done.
        """
        news = [event for event in events if self.position is None or event.position > self.position]
        if not news:
            return Written()
        newest = self._newest() if naming else 0
        try:
            written = self._attempt(lambda written: self._move(news, self._apply_all(news, written)))
        except Exception as error:
            if is_trouble_of_the_file(error):
                raise
            written = self._attempt(lambda written: self._move(news, self._apply_each(news, written)))
        self.position, self.event_id = news[-1].position, news[-1].id
        if naming:
            self._name(written, newest)
        return written

    def complete(self) -> None:
        """Everything that was there is in the read model: make its indexes, and note that it follows from now on."""
        with self._db.atomic():
            complete(self._db)
            self._db.conn.execute("UPDATE checkpoints SET state = 'running' WHERE name = ?", [GROUP])
        self.rebuilding = False

    def resume(self, events: Sequence[Recorded]) -> Written:
        """Apply events that wait, all of one parked stream and in its order, up to the first that fails again."""
        newest = self._newest()
        written = self._attempt(lambda written: self._apply_waiting(events, written))
        self._name(written, newest)
        return written

    def skip(self, stream: str, reason: str) -> Written:
        """Leave out, from now on, the event that the others of this stream wait for."""

        def leave_out(written: Written) -> None:
            skip_first(self._db.conn, stream, reason, self._clock())
            self._look_at_parked(stream, written)

        written = self._attempt(leave_out)
        self._skipped = skipped_ids(self._db.conn)
        return written

    def redo(self, book_id: bytes, forget: Sequence[str], events: Sequence[Recorded]) -> Written:
        """Forget a book's rows by these statements, and write them anew from the events of its stream so far."""

        def work(written: Written) -> None:
            for statement in forget:
                self._db.conn.execute(statement, [book_id])
            self._apply_each(events, written)
            written.books[book_id] = None

        newest = self._newest()
        written = self._attempt(work)
        self._name(written, newest)
        return written

    def is_parked(self, stream: str) -> bool:
        """Whether events of this stream wait."""
        return stream in self._parked

    def _attempt(self, apply: Callable[[Written], None]) -> Written:
        """One transaction: what ``apply`` writes. What it noted in memory goes back with it."""
        parked = set(self._parked)
        written = Written()
        try:
            with self._db.atomic():
                apply(written)
        except BaseException:
            self._parked = parked
            self._activity.forget_names()
            raise
        return written

    def _apply_each(self, events: Sequence[Recorded], written: Written) -> Written:
        for event in events:
            error = self._try(event, written)
            if error is not None:
                self._park(event, error, written)
        return written

    def _apply_waiting(self, events: Sequence[Recorded], written: Written) -> None:
        stream = events[0].stream
        self._parked.discard(stream)
        for event in events:
            error = self._try(event, written)
            if error is not None:
                self._park(event, error, written)
                break
            release(self._db.conn, event)
        self._look_at_parked(stream, written)

    def _look_at_parked(self, stream: str, written: Written) -> None:
        self._parked = parked_streams(self._db.conn)
        written.parked = waiting_count(self._db.conn)
        written.streams.add(stream)

    def _try(self, event: Recorded, written: Written) -> Exception | None:
        """Apply it by itself; what it failed by. Once: handlers read nothing, so the same event fails by the same."""
        try:
            with self._db.atomic():
                self._apply_all([event], written)
        except Exception as error:  # whatever a handler raises, the other streams go on
            self._activity.forget_names()
            if is_trouble_of_the_file(error):
                raise
            return error
        return None

    def _park(self, event: Recorded, error: Exception, written: Written) -> None:
        self._activity.record([event], [parse_metadata(event.metadata)])
        park(self._db.conn, event, error, self._clock())
        self._parked.add(event.stream)
        written.parked = waiting_count(self._db.conn)
        written.streams.add(event.stream)
        written.faults.append((event, error))

    def _apply_all(self, events: Sequence[Recorded], written: Written) -> Written:
        metas = [parse_metadata(event.metadata) for event in events]
        self._activity.record(events, metas)
        changes = RowChanges()
        known = waiting = 0
        note = self._note_or_fail if self._handler_faults.wanted else self._note
        for event, meta in zip(events, metas, strict=True):
            if event.stream in self._parked:
                queue_behind(self._db.conn, event, self._clock())
                waiting += 1
            elif event.id not in self._skipped and note(changes, event, meta):
                known += 1
        self._group.write(self._db.conn, changes)
        if waiting:
            written.parked = waiting_count(self._db.conn)
        written.applied += known
        written.skipped += len(events) - known - waiting
        written.streams.update(event.stream for event in events)
        written.books.update(dict.fromkeys(changes.touched))
        written.moved = written.moved or changes.moved
        return written

    def _note_or_fail(self, changes: RowChanges, recorded: Recorded, meta: Metadata) -> bool:
        self._handler_faults.check(recorded)
        return self._note(changes, recorded, meta)

    def _note(self, changes: RowChanges, recorded: Recorded, meta: Metadata) -> bool:
        """Note what the event changes; False where this version does not know its type."""
        try:
            event = self._registry.decode(recorded.type, meta.schema, recorded.data)
        except UnknownEvent:
            return False
        handlers = self._group.handlers.get(type(event))
        if handlers is None:
            return False
        book = recorded.stream == book_stream(event.book_id)
        if not book and recorded.stream != isbn_stream(getattr(event, "isbn", "")):
            raise ValueError(f"{recorded.type} in {recorded.stream} speaks of another stream")
        for handler in handlers:
            handler(changes, event, recorded)
        if book:
            changes.touched[event.book_id.bytes] = (recorded.revision, recorded.position)
        return True

    def _name(self, written: Written, newest: int) -> None:
        """Find the row ids of the books that were touched; those beyond ``newest`` are new."""
        find = "SELECT id FROM books WHERE book_id = ?"
        found = (self._db.conn.execute(find, (book_id,)).fetchone() for book_id in written.books)
        for (row_id,) in filter(None, found):
            if row_id > newest:
                written.arrived[row_id] = None
            else:
                written.changed.add(row_id)

    def _newest(self) -> int:
        return int(self._db.conn.execute("SELECT ifnull(max(id), 0) FROM books").fetchone()[0])

    def _move(self, events: Sequence[Recorded], written: Written) -> None:
        last = events[-1]
        self._db.conn.execute(
            "UPDATE checkpoints SET position = ?, event_id = ?, events = events + ?, skipped = skipped + ?, "
            "updated_at = ? WHERE name = ?",
            [last.position, last.id.bytes, len(events), written.skipped, self._clock(), GROUP],
        )
