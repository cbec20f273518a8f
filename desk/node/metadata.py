"""A stream's metadata: the keys that decide which of its events readers see.

The rules are EventStoreDB's: JSON is read as its server reads it (a byte-order mark, a trailing comma and text after
the end are forgiven, of a key given twice the last counts), and a wrong type for one known key voids all of it.
"""

import json
import re
from typing import Any, Final

from desk.node.records import MAX
from desk.records import dataclass

_STRING_OR_TRAILING_COMMA: Final = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])', re.DOTALL)
_LARGEST_INT32: Final = 2**31 - 1
TICKS: Final = 10_000_000
"""How many of the log's units of time make a second."""

_LONGEST_AGE: Final = MAX // TICKS
_ACL_KEYS: Final = ("$r", "$w", "$d", "$mr", "$mw")
ACL: Final = "$acl"
"""The key under which a stream's metadata say who may do what with it."""


@dataclass(frozen=True, slots=True)
class StreamMetadata:
    """What hides events of a stream: how many are kept, for how many seconds, and from which revision on."""

    max_count: int | None = None
    max_age: int | None = None
    truncate_before: int | None = None

    @property
    def deleted(self) -> bool:
        """Whether the stream was deleted, and not written since."""
        return self.truncate_before == MAX

    def first_visible(self, last_revision: int) -> int:
        """The lowest revision that readers may see, in a stream that ends at this one."""
        lowest = self.truncate_before or 0
        if self.max_count is not None:
            lowest = max(lowest, last_revision - self.max_count + 1)
        return lowest

    def oldest_visible(self, now: int) -> int:
        """The earliest time of an event that readers may see; both in 100 ns ticks."""
        return now - self.max_age * TICKS if self.max_age is not None else 0


NOTHING_SET: Final = StreamMetadata()
ONLY_THE_LAST: Final = StreamMetadata(max_count=1)
"""How metadata streams behave, whatever their own metadata say."""


def of_event(data: bytes, *, is_json: bool) -> StreamMetadata:
    """What the last event of a metadata stream sets; its type does not matter, its content type does."""
    return parse(data) if is_json else NOTHING_SET


def parse(data: bytes) -> StreamMetadata:
    """The metadata that an event's data stand for; nothing is set where they are void."""
    fields = _json_object(data)
    if fields is None or not _well_typed(fields):
        return NOTHING_SET
    return StreamMetadata(
        max_count=_at_least(1, fields.get("$maxCount")),
        max_age=_at_least(1, fields.get("$maxAge")),
        truncate_before=_at_least(0, fields.get("$tb")),
    )


def access_list(data: bytes, key: str = ACL) -> dict[str, tuple[str, ...]]:
    """The roles that may act, by action, from an event's data; nothing is said where they are void."""
    fields = _json_object(data)
    if fields is None or not _well_typed(fields) or not _is_acl(fields.get(key, {})):
        return {}
    return {
        action: (roles,) if isinstance(roles, str) else tuple(roles) for action, roles in fields.get(key, {}).items()
    }


def with_truncate_before(data: bytes, revision: int) -> bytes | None:
    """The same JSON with ``$tb`` at a revision; None when it is not a JSON object."""
    fields = _json_object(data)
    if fields is None:
        return None
    return json.dumps({**fields, "$tb": revision}, separators=(",", ":"), ensure_ascii=False).encode()


def deletion() -> bytes:
    """The metadata that delete a stream; everything else that was set is gone with it."""
    return b'{"$tb":%d}' % MAX


def _json_object(data: bytes) -> dict[str, Any] | None:
    text = data.decode("utf-8", errors="replace").removeprefix("\ufeff").lstrip()
    decoder = json.JSONDecoder()
    for candidate in (text, _STRING_OR_TRAILING_COMMA.sub(lambda match: match[1] or "", text)):
        try:
            value, _ = decoder.raw_decode(candidate)
        except (ValueError, RecursionError):
            continue
        return value if isinstance(value, dict) else None
    return None


def _well_typed(fields: dict[str, Any]) -> bool:
    numbers = {"$maxCount": MAX, "$maxAge": _LONGEST_AGE, "$tb": MAX, "$cacheControl": _LARGEST_INT32}
    return (
        all(_is_integer(fields[key], most) for key, most in numbers.items() if key in fields)
        and isinstance(fields.get("$tmp", False), bool)
        and _is_acl(fields.get(ACL, {}))
    )


def _is_integer(value: object, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -most - 1 <= value <= most


def _is_acl(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    return all(key in _ACL_KEYS and _is_roles(roles) for key, roles in value.items())


def _is_roles(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(role, str) for role in value)
    return isinstance(value, str)


def _at_least(least: int, value: int | None) -> int | None:
    return value if value is not None and value >= least else None
