"""Hop 4: how the domain's events become JSON, and come back: camelCase names, ids and dates as strings.

A field whose default is None is left out when it is None. A field whose default is UNSET is left out when it was not
set, and an explicit null means that it was cleared.
"""

import re
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, date, datetime
from functools import cache
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

from desk.application.command_events import EVENTS
from desk.cqrs.identity import read_uuid
from desk.cqrs.metadata import instant_text
from desk.cqrs.registry import EventRegistry, Fields, Schema
from desk.domain.values import UNSET, Unset


@cache
def event_registry() -> EventRegistry:
    """All events of the domain, in their present schema, and the way up from older ones. It is made once."""
    schemas = [schema_for(entry.event, entry.schema) for entry in EVENTS]
    return EventRegistry(schemas, {("BookCreated", 1): _authors_instead_of_author})


def _authors_instead_of_author(old: Fields) -> Fields:
    new = {key: value for key, value in old.items() if key != "author"}
    new["authors"] = [name.strip() for name in old["author"].split(";") if name.strip()]
    return new


def schema_for(kind: type, number: int = 1) -> Schema:
    """The present form of a frozen dataclass: an event, or a command."""
    hints = get_type_hints(kind)
    plan = [_Field(f.name, hints[f.name], f.default) for f in fields(kind)]

    def encode(event: Any) -> Fields:
        stored = {}
        for field in plan:
            value = getattr(event, field.name)
            if value is UNSET or (value is None and field.default is None):
                continue
            stored[field.key] = None if value is None else field.encode(value)
        return stored

    reading = [(field.key, field.name, field.read, field.nullable) for field in plan]

    def decode(stored: Fields) -> Any:
        values = {}
        for key, name, read, nullable in reading:
            if key in stored:
                value = stored[key]
                values[name] = None if value is None and nullable else read(value)
        return kind(**values)

    return Schema(kind.__name__, number, kind, encode, decode)


class _Field:
    """One field's names and the two ways of its value."""

    __slots__ = ("default", "encode", "key", "name", "nullable", "read")

    def __init__(self, name: str, hint: Any, default: Any) -> None:
        self.name, self.default = name, default
        self.key = re.sub(r"_(.)", lambda match: match[1].upper(), name)
        members = get_args(hint) if get_origin(hint) not in (None, tuple) else (hint,)
        self.nullable = NoneType in members
        kind = next(member for member in members if member not in (NoneType, Unset))
        self.encode, self.read = _CONVERTERS[tuple if get_origin(kind) is tuple else kind]


def _same(value: Any) -> Any:
    return value


def _only(kind: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"{value!r} is not of type {kind.__name__}")
        return value

    return check


def _texts(value: Any) -> tuple[str, ...]:
    text = _only(str)
    return tuple(text(item) for item in _only(list)(value))


def _instant(value: Any) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC)


_CONVERTERS: dict[Any, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    str: (_same, _only(str)),
    int: (_same, _only(int)),
    UUID: (str, read_uuid),
    date: (date.isoformat, date.fromisoformat),
    datetime: (instant_text, _instant),
    tuple: (list, _texts),
}
