"""One event looked at closely: what it changed, and the state as of it, by folding its stream."""

import json
from typing import Any

from desk.application.handlers import Aggregates
from desk.application.history import Inspection
from desk.application.queries import GetInspection
from desk.application.spelling import State, describe_state, differences
from desk.cqrs.errors import StreamNotFound, UnknownEvent
from desk.cqrs.metadata import parse_metadata
from desk.cqrs.store import EventStore, Recorded
from desk.domain.errors import CorruptHistory
from desk.domain.streams import book_id_of, isbn_of

_LONGEST_FOLD = 20_000
"""Events of a stream up to which its state is folded for one look."""


class InspectionQueryHandler:
    """Answers GetInspection."""

    def __init__(self, store: EventStore, aggregates: Aggregates) -> None:
        self._store, self._aggregates = store, aggregates

    def __call__(self, query: GetInspection) -> Inspection:
        """The event with its changes and state. Raises StreamNotFound where there is no such event."""
        event = next(iter(self._store.read_stream(query.stream, start=query.revision, limit=1)), None)
        if event is None or event.revision != query.revision:
            raise StreamNotFound(f"{query.stream} has no event of revision {query.revision}.")
        meta = parse_metadata(event.metadata)
        before, after, note = self._states(event)
        return Inspection(
            event=event,
            changes=differences(before, after),
            state=tuple(after.items()),
            issued_at=meta.issued_at,
            user=meta.user,
            note=note,
        )

    def _states(self, event: Recorded) -> tuple[State, State, str]:
        repository: Any = None
        if book_id_of(event.stream) is not None:
            repository = self._aggregates.books
        elif isbn_of(event.stream) is not None:
            repository = self._aggregates.claims
        if repository is None:
            return {}, payload_fields(event), "Desk has no aggregate for this stream; these are the event's own fields."
        if event.revision > _LONGEST_FOLD:
            return {}, {}, f"This stream is too long to fold: the state is shown up to revision {_LONGEST_FOLD:,}."
        try:
            before = repository.load(event.stream, upto=event.revision - 1) if event.revision else None
            after = repository.load(event.stream, upto=event.revision)
        except (UnknownEvent, CorruptHistory, ValueError) as error:
            return {}, {}, f"The state cannot be shown: {error}."
        return (describe_state(before.state) if before else {}), describe_state(after.state), ""


def payload_fields(event: Recorded) -> State:
    """The top level of a JSON object as texts; nothing for anything else."""
    try:
        payload = json.loads(event.data)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(payload, dict):
        return {}
    return {str(key): value if isinstance(value, str) else json.dumps(value) for key, value in payload.items()}
