"""Events as JSON, and back."""

import dataclasses
import json

import pytest

from desk.application.codec import event_registry
from desk.cqrs.errors import UnknownEvent
from desk.domain.events import BOOK_EVENTS, ISBN_EVENTS, BookCreated, BookDetailsCorrected
from tests.domain.samples import SAMPLES

REGISTRY = event_registry()


def test_every_event_of_the_domain_is_registered_by_its_class_name() -> None:
    assert set(REGISTRY.names()) == {kind.__name__ for kind in (*BOOK_EVENTS, *ISBN_EVENTS)}


@pytest.mark.parametrize("event", SAMPLES, ids=lambda event: type(event).__name__)
def test_an_event_comes_back_as_it_was(event: object) -> None:
    name, number, data = REGISTRY.encode(event)
    assert REGISTRY.decode(name, number, data) == event
    assert all(key[0].islower() and "_" not in key for key in json.loads(data))


def test_a_correction_keeps_cleared_apart_from_untouched() -> None:
    book_id = SAMPLES[0].book_id
    event = BookDetailsCorrected(book_id=book_id, publisher=None)
    _, _, data = REGISTRY.encode(event)
    assert json.loads(data) == {"bookId": str(book_id), "publisher": None}
    assert REGISTRY.decode("BookDetailsCorrected", 1, data) == event


def test_the_first_schema_of_book_created_had_one_author() -> None:
    sample = next(event for event in SAMPLES if isinstance(event, BookCreated))
    fields = json.loads(REGISTRY.encode(sample)[2])
    del fields["authors"]
    old = json.dumps({**fields, "author": "Terry Pratchett; Neil Gaiman"}).encode()
    expected = dataclasses.replace(sample, authors=("Terry Pratchett", "Neil Gaiman"))
    assert REGISTRY.decode("BookCreated", 1, old) == expected


def test_what_is_stored_is_canonical_json() -> None:
    data = REGISTRY.encode(SAMPLES[0])[2]
    assert data == json.dumps(json.loads(data), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@pytest.mark.parametrize(("name", "number"), [("BookDigitised", 1), ("BookCreated", 3)])
def test_an_unknown_type_or_a_newer_schema_is_said_to_be_so(name: str, number: int) -> None:
    with pytest.raises(UnknownEvent):
        REGISTRY.decode(name, number, b"{}")


@pytest.mark.parametrize("name", ["BookListed", "BookCreated"])
@pytest.mark.parametrize("data", [b"{}", b"[]", b"not json", b'{"bookId": 7}', b"null", b"\xff\xfe", b"[" * 100_000])
def test_a_payload_that_does_not_fit_is_a_value_error(name: str, data: bytes) -> None:
    """Also where it is of an older schema, and so on its way up when it fails."""
    with pytest.raises(ValueError):  # noqa: PT011 - JSON's and Unicode's own errors are children of it
        REGISTRY.decode(name, 1, data)


def test_a_moment_before_all_time_is_a_value_error() -> None:
    book_id = SAMPLES[0].book_id
    fields = {"bookId": str(book_id), "holdId": str(book_id), "patronRef": "P", "placedAt": "0001-01-01T00:00:00+14:00"}
    with pytest.raises(ValueError, match="HoldPlaced"):
        REGISTRY.decode("HoldPlaced", 1, json.dumps(fields).encode())
