"""An event as JSON: a document that any program can read, with the payload as it is stored."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from desk.application.event_json import event_json
from desk.cqrs.store import Recorded

ID = UUID("0123456789abcdef0123456789abcdef")
STORED = datetime(2026, 3, 1, 9, 30, 0, 250000, tzinfo=UTC)


def event(data: bytes = b'{"copyNo":1}', **more: Any) -> Recorded:
    return Recorded(ID, "book-1", 7, 4711, "CopyLent", data, more.pop("metadata", b'{"user":"ada"}'), STORED, **more)


def test_it_says_where_the_event_stands_when_it_was_stored_and_what_it_holds() -> None:
    assert json.loads(event_json(event())) == {
        "stream": "book-1",
        "revision": 7,
        "position": 4711,
        "id": str(ID),
        "type": "CopyLent",
        "created": "2026-03-01T09:30:00.250000Z",
        "data": {"copyNo": 1},
        "metadata": {"user": "ada"},
    }
    assert [*json.loads(event_json(event()))][:3] == ["type", "data", "metadata"], "what one looks for comes first"


@pytest.mark.parametrize("stored", [b'{"price": 1.10, "big": 1234567890123456789}', b'{"a": 1, "a": 2}', b"[]"])
def test_a_payload_stands_in_it_to_the_last_digit(stored: bytes) -> None:
    assert f'"data": {stored.decode()}' in event_json(event(stored))
    json.loads(event_json(event(stored)))


@pytest.mark.parametrize("stored", [b"\xff\x00", b"plain text", b'{"a": NaN}', b'{"a": 1}, "data": {"b": 2}'])
def test_what_is_no_json_is_told_in_hexadecimal_digits(stored: bytes) -> None:
    told = json.loads(event_json(event(stored)))
    assert bytes.fromhex(told["dataHex"]) == stored
    assert "data" not in told


def test_a_link_is_told_and_what_is_absent_is_left_out() -> None:
    link = event(b"7@book-1", metadata=b"")
    told = json.loads(event_json(event(b"", metadata=b"", link=link)))
    assert told["link"] == {"stream": "book-1", "revision": 7}
    assert {"data", "metadata", "dataHex"}.isdisjoint(told)
