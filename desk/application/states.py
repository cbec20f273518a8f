"""Hop 3: the state of a book as JSON, for snapshots; its form follows from the classes."""

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from hashlib import sha256
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

from desk.cqrs.metadata import canonical_json
from desk.cqrs.snapshots import StateCodec
from desk.domain.state import Book

Way = tuple[str, Callable[[Any], Any], Callable[[Any], Any]]
"""The name of a form, and both ways of its values; into what JSON knows, and back."""


def book_states(version: str) -> StateCodec[Book]:
    """Books. ``version`` is that of the program: another one may fold the same events to another state."""
    form, write, read = _way(Book)

    def decode(data: bytes) -> Book:
        try:
            book: Book = read(json.loads(data))
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"not a book: {error!r}") from error
        return book

    schema = sha256(f"{version} {form}".encode()).hexdigest()[:16]
    return StateCodec(schema, lambda book: canonical_json(write(book)), decode)


def _way(hint: Any) -> Way:
    if get_origin(hint) is tuple:
        return _tuples(get_args(hint)[0])
    if NoneType in get_args(hint):
        return _optional(next(each for each in get_args(hint) if each is not NoneType))
    if is_dataclass(hint):
        return _dataclass(hint)
    if issubclass(hint, Enum):
        return f"{hint.__name__}{[each.value for each in hint]}", lambda value: value.value, hint
    return hint.__name__, *_PLAIN[hint]


def _tuples(item: Any) -> Way:
    form, write, read = _way(item)
    return f"[{form}]", lambda values: [write(each) for each in values], lambda values: tuple(map(read, values))


def _optional(kind: Any) -> Way:
    form, write, read = _way(kind)
    return (
        f"{form}?",
        lambda value: None if value is None else write(value),
        lambda value: None if value is None else read(value),
    )


def _dataclass(kind: Any) -> Way:
    hints = get_type_hints(kind)
    ways = [(field.name, *_way(hints[field.name])) for field in fields(kind)]
    form = ", ".join(f"{name}: {each}" for name, each, _, _ in ways)

    def write(value: Any) -> Any:
        return [encode(getattr(value, name)) for name, _, encode, _ in ways]

    def read(stored: Any) -> Any:
        if len(stored) != len(ways):
            raise TypeError(f"{len(stored)} fields of {kind.__name__}")
        return kind(*(decode(each) for each, (_, _, _, decode) in zip(stored, ways, strict=True)))

    return f"{kind.__name__}({form})", write, read


def _same(value: Any) -> Any:
    return value


_PLAIN: dict[Any, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    str: (_same, _same),
    int: (_same, _same),
    UUID: (str, UUID),
    date: (date.isoformat, date.fromisoformat),
    datetime: (datetime.isoformat, datetime.fromisoformat),
}
