"""Which class stands for which stored event: type names, schema numbers, and the way up from older schemas.

A stored event is known by its type name and schema number, never by a class or a module, so both may move.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from desk.cqrs.errors import UnknownEvent, WiringError
from desk.cqrs.metadata import canonical_json, read_json
from desk.records import dataclass

Fields = dict[str, Any]
Upcaster = Callable[[Fields], Fields]


@dataclass(frozen=True, slots=True)
class Schema:
    """The present form of one event: its name in the store, its number, its class, and both ways of its fields."""

    type_name: str
    number: int
    kind: type
    encode: Callable[[Any], Fields]
    decode: Callable[[Fields], Any]


class EventRegistry:
    """Encodes events, and decodes them out of any schema there ever was.

    ``upcasters`` go from (type name, number) to the fields of number + 1; they are pure and never lose a key that
    they do not know.
    """

    def __init__(self, schemas: Iterable[Schema], upcasters: Mapping[tuple[str, int], Upcaster] | None = None) -> None:
        self._by_name: dict[str, Schema] = {}
        self._by_kind: dict[type, Schema] = {}
        self._upcasters = dict(upcasters or {})
        for schema in schemas:
            if schema.type_name in self._by_name or schema.kind in self._by_kind:
                raise WiringError(f"{schema.type_name} is registered twice")
            self._by_name[schema.type_name] = schema
            self._by_kind[schema.kind] = schema
        self._check_upcasters()

    def _check_upcasters(self) -> None:
        for schema in self._by_name.values():
            for number in range(1, schema.number):
                if (schema.type_name, number) not in self._upcasters:
                    raise WiringError(f"{schema.type_name} has no way up from schema {number}")

    def schema_of_kind(self, kind: type) -> Schema:
        """The schema of a class of events. Raises WiringError for a class that is not registered."""
        try:
            return self._by_kind[kind]
        except KeyError:
            raise WiringError(f"{kind.__name__} is not a registered event") from None

    def encode(self, event: object) -> tuple[str, int, bytes]:
        """Type name, schema number and canonical JSON of an event. Raises WiringError as ``schema_of_kind`` does."""
        schema = self.schema_of_kind(type(event))
        return schema.type_name, schema.number, canonical_json(schema.encode(event))

    def decode(self, type_name: str, number: int, data: bytes) -> Any:
        """The event that is stored in ``data``.

        Raises UnknownEvent for a type or a number that this version does not know, and ValueError where the
        payload is not what its type says.
        """
        schema = self._by_name.get(type_name)
        if schema is None or number > schema.number:
            raise UnknownEvent(type_name, number)
        try:
            fields = read_json(data)
            for step in range(number, schema.number):
                fields = self._upcasters[type_name, step](fields)
            return schema.decode(fields)
        except (KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            raise ValueError(f"{type_name} with a payload that does not fit: {error!r}") from error

    def names(self) -> tuple[str, ...]:
        """All type names that are known."""
        return tuple(sorted(self._by_name))
