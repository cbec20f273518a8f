"""Metadata that others wrote, and metadata of our own."""

import json
import pickle
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desk.cqrs.identity import NAMESPACE, event_id, read_uuid, stored_uuid
from desk.cqrs.metadata import Metadata, canonical_json, encode_metadata, parse_metadata, parse_schema, read_json


def test_metadata_comes_back_as_it_was() -> None:
    meta = Metadata(uuid4(), uuid4(), uuid4(), "LendCopy", uuid4(), "ada", "host", "1.0", datetime.now(UTC), 2)
    assert parse_metadata(encode_metadata(meta)) == meta
    assert parse_schema(encode_metadata(meta)) == meta.schema


@given(st.binary())
def test_no_bytes_can_make_reading_metadata_fail(data: bytes) -> None:
    assert parse_metadata(data).schema == parse_schema(data) >= 1


@pytest.mark.parametrize(
    "data",
    [
        b'{"schema": -1, "issuedAt": "yesterday", "user": 5}',
        b'{"issuedAt": "2026-01-01T00:00:00", "commandId": "x"}',
        b'{"issuedAt": "0001-01-01T00:00:00+14:00"}',
    ],
)
def test_what_makes_no_sense_is_left_out(data: bytes) -> None:
    assert parse_metadata(data) == Metadata()


@given(st.uuids().map(str) | st.text(alphabet="0123456789abcdefABCDEF-{}_+ urn:", max_size=40) | st.text())
@example("{12345678123456781234567812345678}")
@example("urn:uuid:12345678-1234-5678-1234-567812345678")
@example("{123456781234567812345678123456}")
@example("1234_5678123456781234567812345678")
def test_ids_are_read_as_the_library_does(text: str) -> None:
    try:
        wanted = UUID(text)
    except ValueError:
        with pytest.raises(ValueError):  # noqa: PT011 - any of its kinds
            read_uuid(text)
    else:
        found = read_uuid(text)
        assert (found, hash(found), repr(found), found.is_safe) == (wanted, hash(wanted), repr(wanted), wanted.is_safe)
        assert pickle.loads(pickle.dumps(found)) == wanted


@given(st.binary())
@example(b'\xef\xbb\xbf{"a": 1}')
@example('{"title": "Größe"}'.encode("utf-16"))
@example(b' {"a": 1}\n')
@example(b'{"a": 1} {"b": 2}')
@example('"Größe"'.encode())
def test_json_is_read_as_the_library_does(data: bytes) -> None:
    try:
        wanted = json.loads(data)
    except ValueError:
        with pytest.raises(ValueError):  # noqa: PT011 - any of its kinds
            read_json(data)
    else:
        assert repr(read_json(data)) == repr(wanted)


@given(st.uuids())
def test_ids_come_out_of_a_table_as_the_library_has_them(found: UUID) -> None:
    assert stored_uuid(found.bytes) == found
    assert pickle.loads(pickle.dumps(stored_uuid(found.bytes))) == found


def test_instants_are_stored_in_utc() -> None:
    east = timezone(timedelta(hours=2))
    data = encode_metadata(Metadata(issued_at=datetime(2026, 1, 1, 2, tzinfo=east)))
    assert b'"issuedAt":"2026-01-01T00:00:00Z"' in data


def test_namespace_and_form_of_json_are_frozen() -> None:
    """Stored events depend on both."""
    assert str(NAMESPACE) == "6f0d5e0e-3c0b-5d0a-9b57-3f4d1c2a7e91"
    assert str(event_id(NAMESPACE, "book-1", 0)) == "a4a896d9-a1fe-5692-8e88-4de0162c64f9"
    assert canonical_json({"b": "é", "a": [1, None]}) == '{"a":[1,null],"b":"é"}'.encode()
