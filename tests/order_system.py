"""A store that Desk did not write: an order system made with the plain client, and payloads that are hard to show.

``python -m tests.order_system esdb://localhost:2113?tls=false [--whole] [--hostile]``. Of the whole (5 categories,
20,000 streams, 200,000 events) an eightieth is made; ``DESK_TEST_ORDERS=whole`` makes all of it in tests. Ids and
contents are the same at every run.
"""

import argparse
import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID, uuid5

from esdbclient import EventStoreDBClient, NewEvent, StreamState

WHOLE: Final = 4_000
"""Orders of the whole; each has five streams and fifty events."""
ORDERS: Final = WHOLE if os.environ.get("DESK_TEST_ORDERS") == "whole" else WHOLE // 80

STREAMS_OF_AN_ORDER: Final = 5
EVENTS_OF_AN_ORDER: Final = 50
CATEGORIES: Final = ("customer", "order", "payment", "shipment", "stock")
FOLLOWED: Final = 17
"""The order that the stories of tests are about; its customer alone lives in :data:`CITY`."""
CITY: Final = "Reykjavík"
WATCHED: Final = "watched-orders"
"""A stream of links: to the orders below, then one to an event that is not there any more, one that never was."""
LINKED: Final = (3, 5, FOLLOWED)
GAUGE: Final = "stock-gauge"
"""A stream of 40 measurements of which ``$maxCount`` leaves 10."""
DELETED: Final = "customer-moved-away"
TOMBSTONED: Final = "customer-forgotten"

_NAMES: Final = UUID("6f0d1c52-97ab-4c7e-9d57-2b1a3f2f8c11")
_CITIES: Final = ("Berlin", "Lyon", "Porto", "Oslo", "Gdańsk", "München", "Bath", "Turku")
_BEGIN: Final = datetime(2026, 1, 5, 8, tzinfo=UTC)
_BINARY: Final = "application/octet-stream"
_THREADS: Final = 8


@dataclass(frozen=True, slots=True)
class Said:
    """What an event is made of, before it has metadata and an id."""

    type: str
    data: dict[str, Any] | bytes


def order_name(number: int) -> str:
    """The stream of an order."""
    return f"order-{number:06}"


def correlation_of(number: int) -> UUID:
    """The id that all events of an order's story have in common, over four streams."""
    return uuid5(_NAMES, f"story {number}")


def fill(uri: str, orders: int = ORDERS) -> None:
    """Make the order system in an empty store."""
    client = EventStoreDBClient(uri)
    try:
        with ThreadPoolExecutor(_THREADS) as pool:
            list(pool.map(partial(_one_order, client), range(orders)))
        _odd_streams(client)
    finally:
        client.close()


def appends_of(number: int) -> list[tuple[str, list[Said]]]:
    """What is appended for an order, to which streams: so that in ``$all`` these stand between each other."""
    customer, order, payment, shipment, stock = (f"{category}-{number:06}" for category in CATEGORIES)
    return [
        (customer, _customer(number)),
        (order, _placed(number)),
        (payment, _paid(number)),
        (order, [Said("OrderPaid", {"payment": {"method": "card", "reference": payment}})]),
        (stock, _reserved(number)),
        (shipment, _shipped(number)),
        (order, [Said("OrderCompleted", {"rating": None if number % 3 else number % 5 + 1})]),
    ]


def _one_order(client: EventStoreDBClient, number: int) -> None:
    story = _Story(number)
    for place, (stream, said) in enumerate(appends_of(number)):
        story.append(client, stream, said, correlated=place > 0)


class _Story:
    """Numbers the events of an order, so that each is caused by the one before, in whichever stream that is."""

    def __init__(self, number: int) -> None:
        self.number, self.count = number, 0
        self.last: UUID | None = None
        self.versions: dict[str, int] = {}

    def append(self, client: EventStoreDBClient, stream: str, said: Sequence[Said], *, correlated: bool = True) -> None:
        events = [self._event(stream, one, correlated=correlated) for one in said]
        known = self.versions.get(stream)
        client.append_to_stream(
            stream, current_version=StreamState.NO_STREAM if known is None else known, events=events
        )
        self.versions[stream] = (-1 if known is None else known) + len(events)

    def _event(self, stream: str, said: Said, *, correlated: bool) -> NewEvent:
        event_id = uuid5(_NAMES, f"{stream} {self.count}")
        when = _BEGIN + timedelta(hours=2 * self.number, minutes=7 * self.count)
        self.count += 1
        metadata: dict[str, Any] = {"at": when.isoformat(), "user": ("mira", "jon", "web")[self.number % 3]}
        if correlated:
            metadata["$correlationId"] = str(correlation_of(self.number))
            if self.last is not None:
                metadata["$causationId"] = str(self.last)
            self.last = event_id
        return _event(said, metadata, event_id)


def _event(said: Said, metadata: dict[str, Any], event_id: UUID) -> NewEvent:
    described = json.dumps(metadata).encode()
    if isinstance(said.data, bytes):
        return NewEvent(said.type, said.data, described, _BINARY, event_id)
    return NewEvent(said.type, json.dumps(said.data, ensure_ascii=False).encode(), described, id=event_id)


def _customer(number: int) -> list[Said]:
    city = CITY if number == FOLLOWED else _CITIES[number % len(_CITIES)]
    address = {"street": f"{number % 90 + 1} Harbour Road", "city": city, "country": "EU"}
    data = {"name": f"Customer {number}", "address": address, "tags": ["new"]}
    moves = [Said("CustomerAddressChanged", {"address": {"street": f"{n + 1} Hill Lane"}}) for n in range(3)]
    tags = Said("CustomerTagged", {"tags": ["regular", "newsletter"]})
    return [Said("CustomerRegistered", data), *moves, tags, Said("CustomerConsented", {"consent": {"mail": True}})]


def _placed(number: int) -> list[Said]:
    """The shape changes with time: early orders have a coupon, later ones a currency."""
    city = CITY if number == FOLLOWED else _CITIES[number % len(_CITIES)]
    customer = {"stream": f"customer-{number:06}", "name": f"Customer {number}", "city": city}
    data: dict[str, Any] = {
        "customer": customer,
        "total": 0,
        "lines": [],
        "notes": "Ring twice. 🚲" if number % 5 else "",
    }
    data |= {"coupon": f"SPRING{number % 7}"} if number < ORDERS // 2 else {"currency": "EUR"}
    added = [
        Said(
            "LineAdded",
            {"line": {"sku": f"SKU-{(number * 7 + n) % 900:03}", "count": n % 3 + 1}, "total": 10 * (n + 1)},
        )
        for n in range(12)
    ]
    return [
        Said("OrderPlaced", data),
        *added,
        Said("OrderConfirmed", {"total": 120 + number % 50, "state": "confirmed"}),
    ]


def _paid(number: int) -> list[Said]:
    amount = {"amount": {"value": 120 + number % 50, "currency": "EUR"}}
    asked = [
        Said("PaymentRequested", amount | {"order": order_name(number)}),
        Said("PaymentAuthorised", {"bank": "ok"}),
    ]
    receipt = Said("ReceiptPrinted", b"%PDF-1.4\n\xe2\xe3\xcf\xd3\n" + bytes(range(256)))
    return [*asked, Said("PaymentReceived", amount | {"state": "paid"}), receipt, *_checks("PaymentChecked", 2)]


def _reserved(number: int) -> list[Said]:
    taken = [Said("StockReserved", {"sku": f"SKU-{(number * 7 + n) % 900:03}", "left": 40 - n}) for n in range(10)]
    return [*taken, *_checks("StockCounted", 2)]


def _shipped(number: int) -> list[Said]:
    route = [
        Said("ParcelMoved", {"place": {"city": _CITIES[(number + n) % len(_CITIES)], "step": n}}) for n in range(7)
    ]
    prepared = Said("ShipmentPrepared", {"order": order_name(number), "parcels": [{"kg": 1.5}, {"kg": number % 9}]})
    return [
        prepared,
        *route,
        Said("ShipmentSent", {"carrier": "Post"}),
        Said("ShipmentDelivered", {"state": "delivered"}),
    ]


def _checks(name: str, count: int) -> list[Said]:
    return [Said(name, {"check": n, "passed": True}) for n in range(count)]


def _odd_streams(client: EventStoreDBClient) -> None:
    """Streams with a limit, of links, deleted, and tombstoned."""
    new = StreamState.NO_STREAM

    def put(stream: str, said: Sequence[Said]) -> None:
        events = [_event(one, {}, uuid5(_NAMES, f"{stream} {n}")) for n, one in enumerate(said)]
        client.append_to_stream(stream, current_version=new, events=events)

    put(GAUGE, [Said("Measured", {"celsius": n / 2}) for n in range(40)])
    client.set_stream_metadata(GAUGE, metadata={"$maxCount": 10, "$acl": {"$r": ["$all"], "$w": ["gauges"]}, "room": 7})
    put(DELETED, _customer(1))
    put(TOMBSTONED, _customer(2))
    goals = [f"0@{order_name(number)}" for number in LINKED] + [f"1@{DELETED}", "0@customer-never-was", f"3@{GAUGE}"]
    links = [NewEvent("$>", goal.encode(), b"", _BINARY, uuid5(_NAMES, goal)) for goal in goals]
    client.append_to_stream(WATCHED, current_version=new, events=links)
    client.delete_stream(DELETED, current_version=StreamState.ANY)
    client.tombstone_stream(TOMBSTONED, current_version=StreamState.ANY)


def hostile_events() -> Iterator[tuple[str, NewEvent]]:
    """Streams with events that a window finds hard, each with the one event that it has."""
    deep: Any = "bottom"
    for level in range(200):
        deep = {f"level{level}": deep}
    yield "hostile-mebibyte", _hostile(json.dumps({"text": "word " * 200_000, "end": True}))
    yield "hostile-deep", _hostile(json.dumps(deep))
    yield "hostile-keys", _hostile(json.dumps({f"key{n:04}": {"n": n} for n in range(5_000)}))
    yield "hostile-numbers", _hostile('{"nan": NaN, "endless": -Infinity, "long": ' + "7" * 400 + ', "exact": 0.10}')
    yield "hostile-" + "n" * 992, _hostile('{"name": "has a thousand characters"}')
    yield "hostile-مرحبا", _hostile('{"greeting": "مرحبا بالعالم", "marks": "a\u202eb\u202cc"}')
    yield "hostile-🚲🚚", _hostile('{"🚲": "👩‍👩‍👧‍👦 and 🇵🇹"}')
    yield "hostile-controls", _hostile(json.dumps({"bell\x07": "\x00\x1b[31m\r\n\tend"}))
    yield "hostile-utf8", _hostile(b'{"name": "caf\xe9 \xff\xfe"}')
    yield "hostile-bytes", _hostile(bytes(range(256)) * 40, _BINARY)
    yield "hostile-doubles", _hostile('{"a": 1, "a": 2}')
    yield "hostile-nothing", _hostile(b"")


def _hostile(data: str | bytes, content_type: Any = "application/json") -> NewEvent:
    stored = data.encode() if isinstance(data, str) else data
    return NewEvent("Hostile", stored, b'{"odd": NaN}', content_type)


def append_hostile(uri: str) -> None:
    """Append them all."""
    client = EventStoreDBClient(uri)
    try:
        for stream, event in hostile_events():
            client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=[event])
    finally:
        client.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="An order system that Desk did not write.")
    parser.add_argument("uri")
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--hostile", action="store_true")
    given = parser.parse_args()
    fill(given.uri, WHOLE if given.whole else ORDERS)
    if given.hostile:
        append_hostile(given.uri)
