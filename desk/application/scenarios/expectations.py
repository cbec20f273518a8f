"""Asks whether something is as a cue expects it: of the read model, of a stream, of the doctor."""

from typing import Final

from desk.application.catalogue import BookCard
from desk.application.queries import GetBookById, GetCounts, GetStreamPage, Source
from desk.application.scenarios.scenario import Expectation, ExpectEvents, ExpectReadModel, ExpectRow
from desk.application.session import Session

ANSWER: Final = 60.0
"""Seconds within which everything has answered."""

_MOST_EVENTS: Final = 1000


def why_not(expected: Expectation, session: Session) -> str:
    """A sentence where it is otherwise; empty where it is as expected. Raises StoreError and TimeoutError."""
    match expected:
        case ExpectRow():
            return _row_differs(expected, session.queries.ask(GetBookById(expected.book_id)).result(ANSWER))
        case ExpectEvents():
            return _events_differ(expected, session)
        case ExpectReadModel():
            return _read_model_differs(expected, session)


def _row_differs(expected: ExpectRow, card: BookCard | None) -> str:
    if card is None:
        return "" if expected.missing else f"the read model does not know {expected.name}"
    if expected.missing:
        return f"the read model knows {expected.name} already"
    found = {
        "state": card.row.state,
        "title": card.row.title,
        "copies": card.row.copies_total,
        "available": card.row.copies_available,
    }
    return _differences(expected.name, expected, found)


def _events_differ(expected: ExpectEvents, session: Session) -> str:
    page = session.queries.ask(GetStreamPage(Source(stream=expected.stream), oldest=True, limit=_MOST_EVENTS))
    types = tuple(event.type for event in page.result(ANSWER).events)
    if types == expected.types:
        return ""
    return f"{expected.stream} has {', '.join(types) or 'no event'}, and {', '.join(expected.types)} is expected"


def _read_model_differs(expected: ExpectReadModel, session: Session) -> str:
    care, found = session.care, dict[str, object]()
    if expected.books is not None:
        found["books"] = session.queries.ask(GetCounts()).result(ANSWER).shown
    if care is not None:
        found |= {"waiting": care.state().waiting, "parked": len(care.lists().parked)}
        if expected.differences is not None:
            found["differences"] = len(care.examine(lambda _progress: None).future.result(ANSWER).drifts)
    return _differences("the read model", expected, found)


def _differences(name: str, expected: ExpectRow | ExpectReadModel, found: dict[str, object]) -> str:
    wrong = [
        f"{key} is {value!r}, and {wanted!r} is expected"
        for key, value in found.items()
        if (wanted := getattr(expected, key)) is not None and wanted != value
    ]
    return f"{name}: {'; '.join(wrong)}" if wrong else ""
