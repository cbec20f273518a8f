"""A stream told event by event: in plain words, with what each changed. For pages, pictures and the command line."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import Any, Final

from desk.application.book_fields import Changes, Fields
from desk.application.catalogue import STATE_WORDS
from desk.application.command_events import EVENT_NAMED
from desk.application.event_json import object_in
from desk.application.importing.columns import Field
from desk.application.inspection.fold import CannotFold, Fold
from desk.application.timeline.layout import Note, Side
from desk.application.timeline.rows import EventRow, row_of
from desk.application.timeline.words import day_or_text
from desk.cqrs.store import Recorded
from desk.records import dataclass

FIELD_WORDS: Final = {field.value: field.label if field.label.isupper() else field.label.lower() for field in Field} | {
    "conflicting_book_id": "conflicts with",
    "shelf_mark": "shelf mark",
    "patron": "reader",
    "lent_on": "lent on",
    "due_on": "due on",
    "hold_id": "set aside for hold",
    "placed_at": "placed at",
    "copy_no": "copy set aside",
    "pickup_until": "to be picked up until",
}
"""How the last part of a field's key is called, in the window as elsewhere."""

_LONGEST_VALUE: Final = 40
_MOST_VALUES: Final = 3


@dataclass(frozen=True, slots=True)
class Told:
    """An event with its row in a history, a sentence, and what it changed.

    ``problem`` says why nothing is known of changes, from the event on at which folding ended.
    """

    event: Recorded
    row: EventRow
    sentence: str
    changes: Changes
    problem: str = ""


class Teller:
    """Tells events of one stream in their order; ``fields`` is the state after the last one, where it is known."""

    def __init__(self, fold: Fold[Any] | None) -> None:
        self._fold = fold
        self._state = fold.initial if fold is not None else None
        self.problem = ""

    def tell(self, events: Iterable[Recorded]) -> Iterator[Told]:
        """Each event as it is asked for."""
        for event in events:
            yield Told(event, row_of(event), sentence_of(event), self._changes(event), self.problem)

    @property
    def fields(self) -> Fields | None:
        """The state after the last event that was told; None where nothing folds it."""
        return None if self._fold is None or self.problem else self._fold.fields(self._state)

    def _changes(self, event: Recorded) -> Changes:
        if self._fold is None or self.problem:
            return {}
        try:
            after = self._fold.evolve(self._state, event)
        except CannotFold as error:
            self.problem = str(error)
            return {}
        before, self._state = self._state, after
        return self._fold.changes(before, after)


def sentence_of(event: Recorded) -> str:
    """What happened, in plain words; for events of other systems their type and first values."""
    values = object_in(event.data)
    entry = EVENT_NAMED.get(event.type)
    if entry is None:
        said = [f"{key} {_short(value)}" for key, value in values.items() if isinstance(value, str | int | float)]
        return f"{event.type}: {', '.join(said[:_MOST_VALUES])}" if said else event.type
    named = {(name := _snake(key)): _short(day_or_text(name, value)) for key, value in values.items()}
    changed = ", ".join(words_of_key(name) for name in named if name != "book_id")
    try:
        return entry.words.format_map({"fields": changed or "nothing"} | named)
    except KeyError:
        return event.type


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def _snake(key: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)


def coming_of(fields: Fields) -> tuple[Note, ...]:
    """What is still to come of a book: when its loans are due, and the last days of pickups, each at the day's end."""
    notes = []
    for key, value in fields.items():
        kind, _, rest = key.partition("/")
        part, _, name = rest.partition("/")
        who, day = fields.get(f"{kind}/{part}/patron", "somebody"), day_or_text(name, value)
        if kind == "copies" and name == "due_on":
            notes.append(Note(_end_of(value), Side.DUE, f"Copy {part} is due on {day}, from {who}"))
        elif kind == "holds" and name == "pickup_until" and fields.get(f"holds/{part}/state") == "ready":
            copy = fields.get(f"holds/{part}/copy_no")
            notes.append(Note(_end_of(value), Side.PICKUP, f"Copy {copy} waits for {who} until {day}"))
    return tuple(notes)


def _end_of(day: str) -> float:
    """The last second of a day on this computer's clock."""
    return datetime.combine(date.fromisoformat(day), time(23, 59, 59)).timestamp()


def words_of_key(key: str) -> str:
    """A field's key as words: ``copies/2/due_on`` is "copy 2: due on"."""
    kind, _, rest = key.partition("/")
    part, _, name = rest.partition("/")
    words = FIELD_WORDS.get(name or key, (name or key).replace("_", " "))
    return f"{ {'copies': f'copy {part}', 'holds': 'hold'}.get(kind, kind) }: {words}" if name else words


def words_of_value(value: Any) -> str:
    """A value as text: several separated by semicolons, nothing as a dash."""
    if value is None:
        return "—"
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return STATE_WORDS.get(str(value), str(value))
