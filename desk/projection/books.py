"""Hop 7: what events of a book's life change in the read model's rows. Pure: from (changes, event, recorded) only."""

import json
from collections.abc import Callable, Iterable
from typing import Any, Final

from desk.cqrs.store import Recorded
from desk.domain.events import BookCreated, BookDeleted, BookDetailsCorrected, BookListed, BookRejected
from desk.domain.state import Life
from desk.domain.values import Unset
from desk.projection.changes import CORRECT_BOOK, CREATE_BOOK, SET_BOOK_STATE, RowChanges, Value
from desk.projection.folding import fold

Handler = Callable[[RowChanges, Any, Recorded], None]
"""Notes what one event changes. The event is of the class under which the handler is registered."""


def _created(changes: RowChanges, event: BookCreated, recorded: Recorded) -> None:
    book_id = event.book_id.bytes
    changes.texts[book_id] = None
    changes.note(
        CREATE_BOOK,
        book_id,
        event.isbn,
        event.published_year,
        recorded.revision,
        recorded.position,
        fold(event.title),
        _folded(event.authors),
        event.title,
        _listed_in_json(event.authors),
        event.publisher,
        event.language,
        _listed_in_json(event.subjects),
        recorded.position,
        recorded.position,
    )


def _corrected(changes: RowChanges, event: BookDetailsCorrected, recorded: Recorded) -> None:
    book_id = event.book_id.bytes
    title, authors, subjects = event.title, event.authors, event.subjects
    if not (isinstance(title, Unset) and isinstance(authors, Unset) and isinstance(subjects, Unset)):
        changes.texts[book_id] = None
    changes.moved = True
    changes.note(
        CORRECT_BOOK,
        *_given(title),
        *_given(title if isinstance(title, Unset) else fold(title)),
        *_given(authors if isinstance(authors, Unset) else _listed_in_json(authors)),
        *_given(authors if isinstance(authors, Unset) else _folded(authors)),
        *_given(event.publisher),
        *_given(event.published_year),
        *_given(event.language),
        *_given(subjects if isinstance(subjects, Unset) else _listed_in_json(subjects)),
        book_id,
        recorded.revision,
    )


def _listed(changes: RowChanges, event: BookListed, recorded: Recorded) -> None:
    _set_state(changes, event.book_id.bytes, recorded, Life.LISTED)


def _rejected(changes: RowChanges, event: BookRejected, recorded: Recorded) -> None:
    _set_state(changes, event.book_id.bytes, recorded, Life.REJECTED, event.conflicting_book_id.bytes)


def _deleted(changes: RowChanges, event: BookDeleted, recorded: Recorded) -> None:
    _set_state(changes, event.book_id.bytes, recorded, Life.DELETED)


def _set_state(
    changes: RowChanges, book_id: bytes, recorded: Recorded, state: Life, conflicting: bytes | None = None
) -> None:
    changes.moved = True
    changes.note(SET_BOOK_STATE, state.value, conflicting, book_id, recorded.revision)


def _given(value: Unset | Value) -> tuple[bool, Value]:
    return (False, None) if isinstance(value, Unset) else (True, value)


def _listed_in_json(names: Iterable[str]) -> str:
    return json.dumps(list(names), ensure_ascii=False, separators=(",", ":"))


def _folded(names: Iterable[str]) -> str:
    return fold("; ".join(names))


BOOK_HANDLERS: Final[dict[type, Handler]] = {
    BookCreated: _created,
    BookDetailsCorrected: _corrected,
    BookListed: _listed,
    BookRejected: _rejected,
    BookDeleted: _deleted,
}
