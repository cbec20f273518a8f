"""Answers GetInspection: one event, what it or several changed, and the state as of it; and GetTouches."""

from itertools import islice

from desk.application.event_json import object_in
from desk.application.history import FieldValue, Inspection, SetBy, ValueChange
from desk.application.inspection.fold import CannotFold
from desk.application.inspection.folded_stream import LONGEST_FOLD, FoldedStream, FoldedStreams
from desk.application.queries import GetInspection, GetTouches
from desk.cqrs.errors import StreamNotFound
from desk.cqrs.metadata import parse_metadata
from desk.cqrs.store import EventStore, Recorded

_UNFOLDED = "Desk has no aggregate for this stream; these are the event's own fields."


class InspectionQueryHandler:
    """Answers GetInspection and GetTouches."""

    def __init__(self, store: EventStore, streams: FoldedStreams) -> None:
        self._store, self._streams = store, streams

    def inspection(self, query: GetInspection) -> Inspection:
        """The event with its changes and state. Raises StreamNotFound where there is no such event."""
        if query.revision >= LONGEST_FOLD:
            note = f"This stream is too long to fold: the state is shown up to revision {LONGEST_FOLD - 1:,}."
            return self._without_state(query, note)
        with self._streams.upto(query.stream, query.revision) as folded:
            if folded is not None:
                return _look(folded, query)
        return self._without_state(query, _UNFOLDED)

    def touches(self, query: GetTouches) -> dict[str, tuple[int, ...]]:
        """Revisions by field, in the order in which the fields were first changed; of as many events as are folded.

        Raises StoreError.
        """
        with self._streams.upto(query.stream, LONGEST_FOLD - 1) as folded:
            if folded is not None:
                return folded.touches()
        found: dict[str, list[int]] = {}
        try:
            for event in islice(self._store.read_stream(query.stream, resolve_links=True), LONGEST_FOLD):
                for key in object_in(event.data):
                    found.setdefault(key, []).append((event.link or event).revision)
        except StreamNotFound:
            return {}
        return {key: tuple(revisions) for key, revisions in found.items()}

    def _without_state(self, query: GetInspection, note: str) -> Inspection:
        event = self._event(query.stream, query.revision)
        compared = None if query.since is None or query.since < 0 else self._event(query.stream, query.since)
        state = tuple(FieldValue(key, value, None) for key, value in object_in(event.data).items())
        return _inspection(event, (), state if note == _UNFOLDED else (), note, compared)

    def _event(self, stream: str, revision: int) -> Recorded:
        event = next(iter(self._store.read_stream(stream, start=revision, limit=1)), None)
        if event is None or event.revision != revision:
            raise _no_event(stream, revision)
        return event


def _look(folded: FoldedStream[object], query: GetInspection) -> Inspection:
    upto = folded.count_upto(query.revision)
    event = folded.events[upto - 1] if upto else None
    if event is None or event.revision != query.revision:
        raise _no_event(query.stream, query.revision)
    since = upto - 1 if query.since is None else folded.count_upto(query.since)
    compared = folded.events[since - 1] if query.since is not None and since else None
    try:
        changes, fields = folded.changes(since, upto), folded.fields(upto)
    except CannotFold as error:
        return _inspection(event, (), (), str(error), compared)
    return _inspection(
        event,
        tuple(ValueChange(key, *pair, set_by(folded.setter(key, since))) for key, pair in changes.items()),
        tuple(FieldValue(key, value, set_by(folded.setter(key, upto))) for key, value in fields.items()),
        folded.note,
        compared,
    )


def _inspection(
    event: Recorded,
    changes: tuple[ValueChange, ...],
    state: tuple[FieldValue, ...],
    note: str,
    compared: Recorded | None,
) -> Inspection:
    meta = parse_metadata(event.metadata)
    return Inspection(event, changes, state, meta.issued_at, meta.user, note, compared)


def set_by(event: Recorded | None) -> SetBy | None:
    """Who an event says set what it set."""
    if event is None:
        return None
    meta = parse_metadata(event.metadata)
    moment = meta.issued_at or event.created
    return SetBy(event.revision, event.type, meta.user or "", moment.timestamp() if moment else 0.0)


def _no_event(stream: str, revision: int) -> StreamNotFound:
    return StreamNotFound(f"{stream} has no event of revision {revision}.")
