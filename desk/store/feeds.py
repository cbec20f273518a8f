"""Hop 6: endless readings over the client's catch-up subscriptions."""

import threading
from collections.abc import Callable, Iterator
from copy import copy
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from esdbclient import CaughtUp as ClientCaughtUp
from esdbclient import Checkpoint as ClientCheckpoint
from esdbclient import RecordedEvent

from desk.cqrs.errors import StoreUnavailable
from desk.cqrs.store import CaughtUp, Checkpoint, Recorded
from desk.store.link import Link
from desk.store.reading import item_of, recorded
from desk.store.translate import CLIENT_ERRORS, fault_of

if TYPE_CHECKING:
    from esdbclient.streams import CatchupSubscription, StreamsService


class SubscriptionFeed:
    """One subscription. It starts when iteration does, and raises StoreUnavailable when it is dropped.

    ``connect`` gives the connection and ``subscribe`` asks it, by the client's service as the function that it gets
    returns it; a position up to ``beyond`` is dropped, because a server whose first event has position 0 takes
    "after 0" for "from the beginning".
    """

    def __init__(
        self,
        connect: Callable[[], Link],
        subscribe: "Callable[[Link, Callable[[StreamsService], StreamsService]], CatchupSubscription]",
        *,
        stream: str | None = None,
        beyond: int | None = None,
    ) -> None:
        self._connect, self._subscribe, self._stream, self._beyond = connect, subscribe, stream, beyond
        self._stopped = threading.Event()
        self._call: Any = None

    def __iter__(self) -> Iterator[Recorded | Checkpoint | CaughtUp]:
        if self._stopped.is_set():
            return
        link = self._connect()
        try:
            subscription = self._subscribe(link, self._watched)
            if not self._stopped.is_set():
                yield from self._items(subscription)
        except CLIENT_ERRORS as error:
            if not self._stopped.is_set():
                raise fault_of(error, link.where, self._stream) from None
        finally:
            if self._call is not None:
                self._call.cancel()
                _hear_out(self._call)
        if not self._stopped.is_set():
            raise StoreUnavailable(f"The event store at {link.where} ended the feed.")

    def _items(self, subscription: "CatchupSubscription") -> Iterator[Recorded | Checkpoint | CaughtUp]:
        beyond = -1 if self._beyond is None else self._beyond
        _read_the_wire(subscription)
        given: Iterator[Any] = iter(subscription)
        for item in given:
            ours = item if type(item) is Recorded else _ours(item)
            if type(ours) is not Recorded or ours.position > beyond:
                yield ours

    def stop(self) -> None:
        """End the iteration, from any thread; a feed that was never iterated will not start."""
        self._stopped.set()
        call = self._call
        if call is not None:
            call.cancel()

    def _watched(self, streams: "StreamsService") -> "StreamsService":
        """The same service, whose call is known here before the server answers: the client tells of it afterwards."""
        ours: Any = copy(streams)
        ours._stub = SimpleNamespace(Read=partial(self._begin, ours._stub.Read))
        return cast("StreamsService", ours)

    def _begin(self, read: Callable[..., Any], *request: Any, **how: Any) -> Any:
        self._call = call = read(*request, **how)
        if self._stopped.is_set():
            call.cancel()
        return call


def _read_the_wire(subscription: Any) -> None:
    """Have the client hand over our own items, without its own objects in between: see :func:`item_of`.

    Where its names are others one day, its objects come as ever, and are turned into ours.
    """
    subscription._convert_read_resp = item_of
    subscription._filter_recorded_event = lambda item: item


def _ours(item: Any) -> Recorded | Checkpoint | CaughtUp:
    kind = type(item)  # the client's others are children of its RecordedEvent
    if kind is ClientCheckpoint:
        return Checkpoint(item.commit_position or 0)
    if kind is ClientCaughtUp:
        return CaughtUp()
    return recorded(item) if kind is RecordedEvent else item


def _hear_out(call: Any) -> None:
    """Read the last words of a call that was cancelled on the thread that reads it.

    Until then gRPC keeps the call and its connection, and has no public way to it. Where its names are others one day,
    a stopped feed costs some 20 KB, and its connection lasts as long as the server.
    """
    consume = getattr(call, "_consume_next_event", None)
    due = getattr(getattr(call, "_state", None), "due", ())
    while consume is not None and due:
        consume()
