"""JSON of any size and depth as a table of its values: read once, looked at piece by piece, shown as it is written.

What a strict reader refuses is kept where its meaning is plain: NaN and Infinity, control characters in texts, a key
twice, numbers of any length. Nothing is turned into numbers or objects of Python's, so that ``0.10`` stays ``0.10``.
"""

import json
import re
from array import array
from collections.abc import Iterator
from dataclasses import field
from typing import Final

from desk.records import dataclass

OBJECT, ARRAY, STRING, NUMBER, BOOLEAN, NULL, NO_NUMBER = range(7)
"""Kinds of values; the last are NaN and the infinities, which JSON does not have and some programs write."""

ROOT: Final = 0
"""The number of the whole document among its values."""

_SPACE: Final = r"[ \t\r\n]*+"
_TEXT: Final = r'"[^"\\]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\]*+)*+"'
_ITEM: Final = re.compile(
    rf"{_SPACE}(?:(,){_SPACE})?+(?:({_TEXT}){_SPACE}:{_SPACE})?"
    rf"(?:([{{\[])|({_TEXT})|(-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?)"
    r"|(true|false)|(null)|(NaN|-?Infinity)|([\]}]))"
)
"""A comma, a member's name, and what follows: the beginning of an object or array, a whole value, or an end."""
_COMMA, _KEY, _BEGIN, _END = 1, 2, 3, 9
_KIND_OF_GROUP: Final = (0, 0, 0, 0, STRING, NUMBER, BOOLEAN, NULL, NO_NUMBER)
_REST: Final = re.compile(rf"{_SPACE}\Z")
_CUT_ESCAPE: Final = re.compile(r"(?<!\\)(?:\\\\)*(\\(?:u[0-9a-fA-F]{0,3})?)\Z")
_NAME: Final = re.compile(r"[^\W\d]\w*\Z")


def _numbers() -> "array[int]":
    return array("I")


@dataclass(frozen=True, slots=True)
class JsonDocument:
    """All values in the order in which they are written, the whole document first; each is known by its number.

    ``repaired``: bytes that are no UTF-8 stand as replacement characters. ``starts`` and ``ends`` are places in
    ``text``; ``names`` and ``name_ends`` those of a member's name with its quotes, 0 for what has none. ``rows`` are
    places among the children of ``parents``, ``after`` is the number past a value and all within it.
    """

    text: str
    repaired: bool
    kinds: bytearray = field(default_factory=bytearray)
    starts: "array[int]" = field(default_factory=_numbers)
    ends: "array[int]" = field(default_factory=_numbers)
    names: "array[int]" = field(default_factory=_numbers)
    name_ends: "array[int]" = field(default_factory=_numbers)
    parents: "array[int]" = field(default_factory=_numbers)
    rows: "array[int]" = field(default_factory=_numbers)
    after: "array[int]" = field(default_factory=_numbers)
    counts: "array[int]" = field(default_factory=_numbers)

    def __len__(self) -> int:
        return len(self.kinds)

    def children(self, value: int) -> Iterator[int]:
        """The values directly within this one."""
        child, end = value + 1, self.after[value]
        while child < end:
            yield child
            child = self.after[child]

    def name(self, value: int) -> str:
        """The name of a member; of an element its place."""
        start = self.names[value]
        if start == self.name_ends[value]:
            return str(self.rows[value])
        return _decoded(self.text[start : self.name_ends[value]])

    def content(self, value: int, limit: int | None = None) -> str:
        """A string without quotes and escapes, anything else as it is written; at most so many characters of it."""
        start, end = self.starts[value], self.ends[value]
        if self.kinds[value] != STRING:
            return self.text[start : end if limit is None else min(end, start + limit)]
        if limit is None or end - start - 2 <= limit:
            return _decoded(self.text[start:end])
        written = self.text[start + 1 : start + 1 + limit]
        cut = _CUT_ESCAPE.search(written)
        return _decoded(f'"{written[: cut.start(1)] if cut else written}"')

    def length(self, value: int) -> int:
        """Characters as they are written, quotes included."""
        return self.ends[value] - self.starts[value]

    def path(self, value: int) -> str:
        """Where a value stands, as ``$.customer.lines[0].sku``."""
        steps: list[str] = []
        while value != ROOT:
            name = self.name(value)
            if self.names[value] == self.name_ends[value]:
                steps.append(f"[{name}]")
            else:
                steps.append(f".{name}" if _NAME.match(name) else f'."{name}"')
            value = self.parents[value]
        return "$" + "".join(reversed(steps))

    def find(self, text: str) -> Iterator[int]:
        """The values whose name or content has this text, whatever its case, in the order of the document."""
        wanted = text.casefold()
        for value, kind in enumerate(self.kinds):
            named = self.names[value] != self.name_ends[value]
            if (named and wanted in self.name(value).casefold()) or (
                kind > ARRAY and wanted in self.content(value).casefold()
            ):
                yield value


def document_of(data: bytes) -> JsonDocument | None:
    """The JSON that these bytes are; None where they are none. Takes a second for the worst mebibyte."""
    try:
        text, repaired = data.decode("utf-8-sig"), False
    except UnicodeDecodeError:
        text, repaired = data.decode("utf-8-sig", "replace"), True
    document = JsonDocument(text, repaired)
    return document if _Reader(document).read() else None


class _Reader:
    """Goes through a text once, without recursion: a text may be nothing but brackets."""

    def __init__(self, document: JsonDocument) -> None:
        self._document = document
        self._open: list[int] = []
        self._object = False
        """Whether the innermost open value is an object."""

    def read(self) -> bool:
        """Fill the document; False where the text is no JSON."""
        text, at = self._document.text, 0
        for found in _ITEM.finditer(text):
            group = found.lastindex
            if found.start() != at or not (self._end(found) if group == _END else self._value(found, group or 0)):
                return False
            at = found.end()
            if not self._open:
                return _REST.match(text, at) is not None
        return False

    def _value(self, found: "re.Match[str]", group: int) -> bool:
        """A value begins here; one that has others within stays open."""
        document, number, parent = self._document, len(self._document.kinds), 0
        name, name_end = found.span(_KEY)
        comma = found.start(_COMMA) >= 0
        if self._open:
            parent = self._open[-1]
            row = document.counts[parent]
            if comma != (row > 0) or (name >= 0) != self._object:
                return False
            document.counts[parent] = row + 1
            document.rows.append(row)
        elif comma or name >= 0:
            return False
        else:
            document.rows.append(0)
        start, end = found.span(group)
        document.starts.append(start)
        document.ends.append(end)
        document.names.append(max(name, 0))
        document.name_ends.append(max(name_end, 0))
        document.parents.append(parent)
        document.after.append(number + 1)
        document.counts.append(0)
        if group == _BEGIN:
            self._open.append(number)
            self._object = document.text[start] == "{"
            document.kinds.append(OBJECT if self._object else ARRAY)
        else:
            document.kinds.append(_KIND_OF_GROUP[group])
        return True

    def _end(self, found: "re.Match[str]") -> bool:
        """The innermost open value ends."""
        if not self._open or found.start(_COMMA) >= 0 or found.start(_KEY) >= 0:
            return False
        document, inner = self._document, self._open.pop()
        at = found.end()
        document.ends[inner] = at
        document.after[inner] = len(document.kinds)
        fits = (document.text[at - 1] == "}") == self._object
        self._object = bool(self._open) and document.kinds[self._open[-1]] == OBJECT
        return fits


def _decoded(written: str) -> str:
    return str(json.loads(written, strict=False))
