"""An aggregate's state in words, and what differs between two of them: for the inspector and for dry runs."""

import re
from typing import Final

from desk.application.book_fields import compare_fields
from desk.application.catalogue import STATE_WORDS
from desk.application.history import FieldChange
from desk.application.importing.columns import Field
from desk.application.timeline.words import day_text
from desk.domain.details import details_of, spell
from desk.domain.state import Book, Copy, Hold

State = dict[str, str]
_INITIALS: Final = {"isbn": "ISBN"}


def differences(before: State, after: State) -> tuple[FieldChange, ...]:
    """The fields that differ, in the order of the later state; what only the earlier one has comes last."""
    return tuple(FieldChange(name, *pair) for name, pair in compare_fields(before, after).items())


def describe_state(state: object) -> State:
    """An aggregate's state as names and texts; what is unknown or empty is left out."""
    if not isinstance(state, Book):
        owner = getattr(state, "owner", None)
        return {"owner": str(owner)} if owner else {"owner": "nobody"}
    details = {_in_a_sentence(Field(name).label): value for name, value in details_of(state).items()}
    plain = {"state": state.life, "ISBN": state.isbn, **details, "conflicts with": state.conflicting_book_id}
    spelled = {name: text for name, value in plain.items() if (text := spell(value))}
    spelled.update((f"copy {copy.copy_no}", _copy(copy)) for copy in state.copies)
    spelled.update((f"hold of {hold.patron}", _hold(hold)) for hold in state.open_holds)
    return spelled


def spelled_out(name: str) -> str:
    """A type's name in words: ``LendCopy`` is told as "Lend copy"."""
    words = [word.lower() for word in re.findall(r"[A-Z][a-z0-9]*", name)] or [name]
    words = [words[0].capitalize(), *words[1:]]
    return " ".join(_INITIALS.get(word, word) for word in words)


def name_of(message: object) -> str:
    """The same of a command, or an event."""
    return spelled_out(type(message).__name__)


def _in_a_sentence(label: str) -> str:
    return label if label.isupper() else label.lower()


def _copy(copy: Copy) -> str:
    parts = [STATE_WORDS.get(copy.state, copy.state.value)]
    if copy.loan is not None:
        parts.append(f"to {copy.loan.patron}, due {day_text(copy.loan.due_on)}")
        if copy.loan.renewals:
            parts.append(f"renewed {copy.loan.renewals}×")
    return ", ".join(parts)


def _hold(hold: Hold) -> str:
    return f"{hold.state.value}, copy {hold.copy_no}" if hold.copy_no else hold.state.value
