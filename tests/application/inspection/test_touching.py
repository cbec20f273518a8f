"""Which events touched which field: of a book by its state, of other systems by the names in payloads."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from desk.application.queries import GetTouches
from desk.cqrs.store import NO_STREAM, NewEvent
from desk.domain.commands import CorrectBookDetails
from desk.domain.streams import book_stream
from tests.application.desk_in_memory import DeskInMemory, a_book, open_desk


@pytest.fixture
def desk() -> Iterator[DeskInMemory]:
    desk = open_desk()
    yield desk
    desk.close()


def test_the_events_of_a_book_that_touched_each_of_its_fields(desk: DeskInMemory) -> None:
    book = uuid4()
    stream = book_stream(book)
    desk.send(a_book(book))
    desk.send(CorrectBookDetails(book_id=book, seen_revision=0, title="Emma, revised"))
    touches = desk.buses.queries.execute(GetTouches(stream)).result(60)
    assert touches["title"] == (0, 1)
    assert touches["isbn"] == (0,)
    assert "copies/1/state" not in touches
    desk.send(CorrectBookDetails(book_id=book, seen_revision=1, title="Emma again"))
    assert desk.buses.queries.execute(GetTouches(stream)).result(60)["title"] == (0, 1, 2)


def test_names_in_payloads_of_another_system_and_nothing_of_a_stream_that_is_not_there(desk: DeskInMemory) -> None:
    payloads = (b'{"total": 1}', b'{"city": "Oslo", "total": 2}', b"\xff", b"[1]", b'{"city": null}')
    events = tuple(NewEvent(uuid4(), "OrderPlaced", payload, b"{}") for payload in payloads)
    desk.store.append("order-1", NO_STREAM, events, timeout=5)
    found = desk.buses.queries.execute(GetTouches("order-1")).result(60)
    assert found == {"total": (0, 1), "city": (1, 4)}
    assert desk.buses.queries.execute(GetTouches("nobody-1")).result(60) == {}
