"""A book as fields under keys that never change: ``title``, ``copies/2/state``, ``holds/ID/patron``; values as in JSON.

The one place that says which key is which part of a book's state. How a key is called is said where it is shown.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from enum import Enum
from itertools import zip_longest
from operator import attrgetter
from typing import Any, Final, TypeAlias
from uuid import UUID

from desk.cqrs.metadata import instant_text
from desk.domain.details import DETAIL_PARSERS
from desk.domain.state import Book, Copy, Hold, Life

JsonValue: TypeAlias = Any
"""What JSON can hold; None stands for null."""

Fields: TypeAlias = dict[str, JsonValue]
"""Values by key. What is unknown or empty has no entry."""

Changes: TypeAlias = dict[str, tuple[JsonValue, JsonValue]]
"""The value before and after by key; None where there was, or is, nothing."""

_Readers: TypeAlias = tuple[tuple[str, Callable[[Any], Any]], ...]

_OF_BOOK: Final[_Readers] = (
    ("state", lambda book: None if book.life is Life.ABSENT else book.life),
    ("isbn", attrgetter("isbn")),
    *((name, attrgetter(name)) for name in DETAIL_PARSERS),
    ("conflicting_book_id", attrgetter("conflicting_book_id")),
)
_ALL_OF_BOOK: Final = attrgetter("life", "isbn", "conflicting_book_id", *DETAIL_PARSERS)
"""What the above is read from."""
_OF_COPY: Final[_Readers] = (
    ("state", attrgetter("state")),
    ("shelf_mark", attrgetter("shelf_mark")),
    ("patron", lambda copy: copy.loan and copy.loan.patron),
    ("lent_on", lambda copy: copy.loan and copy.loan.lent_on),
    ("due_on", lambda copy: copy.loan and copy.loan.due_on),
    ("renewals", lambda copy: (copy.loan and copy.loan.renewals) or None),
    ("hold_id", attrgetter("hold_id")),
)
_OF_HOLD: Final[_Readers] = (
    ("patron", attrgetter("patron")),
    ("state", attrgetter("state")),
    ("placed_at", attrgetter("placed_at")),
    ("copy_no", attrgetter("copy_no")),
    ("pickup_until", attrgetter("pickup_until")),
)


def fields_of_book(book: Book) -> Fields:
    """All that is known of a book, its ended holds included."""
    parts = [*_parts(book), *((f"holds/{hold.hold_id}/", _OF_HOLD, hold) for hold in book.closed_holds)]
    return {key: value for prefix, readers, part in parts for key, value in _read(prefix, readers, part)}


def changes_of_book(before: Book, after: Book) -> Changes:
    """The fields that differ between a state and a later one.

    States share what did not change, so that only parts which are other objects are compared.
    """
    found: Changes = {}
    if before is after:
        return found
    if _ALL_OF_BOOK(before) != _ALL_OF_BOOK(after):  # mostly only a copy is another one
        _compare(found, "", _OF_BOOK, before, after)
    if before.copies is not after.copies:
        for number, (old, new) in enumerate(zip_longest(before.copies, after.copies), start=1):
            _compare(found, f"copies/{number}/", _OF_COPY, old, new)
    if before.open_holds is not after.open_holds or before.closed_holds is not after.closed_holds:
        earlier = {hold.hold_id: hold for hold in before.open_holds}
        for hold in (*after.open_holds, *after.closed_holds[len(before.closed_holds) :]):
            _compare(found, f"holds/{hold.hold_id}/", _OF_HOLD, earlier.get(hold.hold_id), hold)
    return found


def compare_fields(before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]) -> Changes:
    """The fields that differ, in the order of the later ones; what only the earlier ones have comes last."""
    keys = (*after, *(key for key in before if key not in after))
    return {key: (before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)}


def _parts(book: Book) -> Iterator[tuple[str, _Readers, Book | Copy | Hold]]:
    yield "", _OF_BOOK, book
    for copy in book.copies:
        yield f"copies/{copy.copy_no}/", _OF_COPY, copy
    for hold in book.open_holds:
        yield f"holds/{hold.hold_id}/", _OF_HOLD, hold


def _read(prefix: str, readers: _Readers, part: Any) -> Iterator[tuple[str, JsonValue]]:
    for name, read in readers:
        value = read(part)
        if value not in (None, "", ()):
            yield prefix + name, _in_json(value)


def _compare(found: Changes, prefix: str, readers: _Readers, old: Any, new: Any) -> None:
    if old is new:
        return
    for name, read in readers:
        before, after = read(old) if old is not None else None, read(new) if new is not None else None
        if before is not after and before != after:
            found[prefix + name] = (_in_json(before or None), _in_json(after or None))


def _in_json(value: Any) -> JsonValue:
    match value:
        case Enum():
            return value.value
        case datetime():
            return instant_text(value.astimezone(UTC))
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
        case tuple():
            return list(value)
    return value
