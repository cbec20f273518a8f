"""The state of a stream that Desk knows nothing of: its payloads, merged one into the other."""

from collections.abc import Iterator
from dataclasses import field, replace
from typing import Any, Final

from desk.application.book_fields import Changes, Fields, compare_fields
from desk.application.event_question import document_of
from desk.cqrs.store import Recorded
from desk.records import dataclass

ENDINGS: Final = ("Deleted", "Removed")
"""How the names of types end whose events end what the stream is about."""
ENDED: Final = "(ended by)"
"""The field that says which event ended it."""


@dataclass(frozen=True, slots=True)
class MergedState:
    """The document so far, never changed in place, and the type of the event that ended it; empty while it lasts."""

    document: dict[str, Any] = field(default_factory=dict)
    ended_by: str = ""


class MergedPayloads:
    """Objects are merged deep, anything else replaces what was there. What is no JSON object changes nothing."""

    note = "Desk does not know these events: this is a merge of their payloads, not what their system makes of them."
    initial = MergedState()

    def evolve(self, state: MergedState, event: Recorded) -> MergedState:
        """The state after one more event."""
        if event.type.startswith("$"):
            return state
        document = document_of(event.data)
        if isinstance(document, dict) and document:
            state = replace(state, document=merged(state.document, document))
        return replace(state, ended_by=event.type if event.type.endswith(ENDINGS) else "")

    def fields(self, state: MergedState) -> Fields:
        """Values by path, as ``customer.city``; arrays and empty objects are values."""
        found = dict(flattened(state.document))
        return found | {ENDED: state.ended_by} if state.ended_by else found

    def changes(self, before: MergedState, after: MergedState) -> Changes:
        """The values that differ."""
        return compare_fields(self.fields(before), self.fields(after))


def merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """A new document in which the one above comes first; without recursion, for it may be deep."""
    result = dict(below)
    open_ = [(result, above)]
    while open_:
        target, source = open_.pop()
        for name, value in source.items():
            there = target.get(name)
            if isinstance(there, dict) and isinstance(value, dict):
                target[name] = dict(there)
                open_.append((target[name], value))
            else:
                target[name] = value
    return result


def flattened(document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """All values of a document with their paths, in its order."""
    open_ = [("", iter(document.items()))]
    while open_:
        prefix, items = open_[-1]
        for name, value in items:
            path = f"{prefix}{name}"
            if isinstance(value, dict) and value:
                open_.append((f"{path}.", iter(value.items())))
                break
            yield path, value
        else:
            open_.pop()
