"""One event looked at closely: what it changed, and the state as of it, by folding its stream."""

import json
from typing import Any

from desk.application.handlers import Aggregates
from desk.application.history import FieldChange, Inspection
from desk.application.queries import GetInspection
from desk.cqrs.errors import StreamNotFound, UnknownEvent
from desk.cqrs.metadata import parse_metadata
from desk.cqrs.store import EventStore, Recorded
from desk.domain.errors import CorruptHistory
from desk.domain.state import Book, Copy, Hold
from desk.domain.streams import book_id_of, isbn_of

State = dict[str, str]
_LONGEST_FOLD = 20_000
"""Events of a stream up to which its state is folded for one look."""


class InspectionDesk:
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
        return (spelled(before.state) if before else {}), spelled(after.state), ""


def differences(before: State, after: State) -> tuple[FieldChange, ...]:
    """The fields that differ, in the order of the later state; what only the earlier one has comes last."""
    names = [*after, *(name for name in before if name not in after)]
    return tuple(
        FieldChange(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)
    )


def spelled(state: object) -> State:
    """An aggregate's state as names and texts; what is unknown or empty is left out."""
    if not isinstance(state, Book):
        owner = getattr(state, "owner", None)
        return {"owner": str(owner)} if owner else {"owner": "nobody"}
    plain = {
        "state": state.life.value,
        "ISBN": state.isbn,
        "title": state.title,
        "authors": "; ".join(state.authors),
        "publisher": state.publisher,
        "year": state.published_year,
        "language": state.language,
        "subjects": "; ".join(state.subjects),
        "conflicts with": state.conflicting_book_id,
    }
    spelled_out = {name: str(value) for name, value in plain.items() if value not in (None, "")}
    spelled_out.update((f"copy {copy.copy_no}", _copy(copy)) for copy in state.copies)
    spelled_out.update((f"hold of {hold.patron}", _hold(hold)) for hold in state.open_holds)
    return spelled_out


def _copy(copy: Copy) -> str:
    parts = [copy.state.value]
    if copy.loan is not None:
        parts.append(f"to {copy.loan.patron}, due {copy.loan.due_on.isoformat()}")
        if copy.loan.renewals:
            parts.append(f"renewed {copy.loan.renewals}×")
    return ", ".join(parts)


def _hold(hold: Hold) -> str:
    return f"{hold.state.value}, copy {hold.copy_no}" if hold.copy_no else hold.state.value


def payload_fields(event: Recorded) -> State:
    """The top level of a JSON object as texts; nothing for anything else."""
    try:
        payload = json.loads(event.data)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(payload, dict):
        return {}
    return {str(key): value if isinstance(value, str) else json.dumps(value) for key, value in payload.items()}
