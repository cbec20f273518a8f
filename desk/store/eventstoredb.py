"""Hops 4 to 6: the event store port over an EventStoreDB server, an embedded one or a real one.

No type of the client or of gRPC leaves this class. Importing it costs a tenth of a second.
"""

import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, nullcontext
from typing import Any, Final
from uuid import UUID

from esdbclient import NewEvent as Proposed
from esdbclient import StreamState

from desk.cqrs.errors import Misconfigured, OutcomeUnknown, StoreError, StoreUnavailable
from desk.cqrs.store import NO_STREAM, Feed, Filter, NewEvent, Receipt, Recorded
from desk.store.appends import admit
from desk.store.connection_string import WrongConnectionString, check, check_files, hosts_of
from desk.store.feeds import SubscriptionFeed
from desk.store.link import Link
from desk.store.reading import ReadRange, asked, read, recorded
from desk.store.translate import CLIENT_ERRORS, NoEventBegins, Verdict, conflict_of, fault_of, verdict_of

PROBE_SECONDS: Final = 3.0
"""How long :meth:`EventStoreDB.head` waits."""

STORE_ID: Final = "store-id"
"""The header, of Desk's own node, in the answer to a reading of ``$all``: the id of its log."""

_LAST_TRY: Final = 0.02
"""Seconds below which no further attempt is worth its while."""


class EventStoreDB:
    """An event store behind a connection string such as ``esdb://localhost:2113?tls=false``.

    ``uri`` None: not known yet; every call fails until :meth:`reconnect` names one. ``connection_name`` is what the
    server's operator sees. ``keepalive`` (seconds) finds out about a connection that died without a word, as after
    a sleep of the machine; it is for servers elsewhere, not for an embedded node. Raises ValueError for a
    connection string that cannot be read.
    """

    def __init__(self, uri: str | None, connection_name: str = "desk", *, keepalive: float | None = None) -> None:
        self._uri = _checked(uri)
        self._name, self._keepalive = connection_name, keepalive
        self._lock = threading.Lock()
        self._link: Link | None = None
        self._closed = False
        self._feeds: weakref.WeakSet[SubscriptionFeed] = weakref.WeakSet()

    # Connection

    def reconnect(self, uri: str | None = None) -> None:
        """Begin anew, at another address if one is given. Running feeds and readings raise StoreUnavailable."""
        with self._lock:
            self._uri = _checked(uri) or self._uri
            old, self._link = self._link, None
        if old is not None:
            old.close()

    def close(self) -> None:
        """End all feeds and give the connection back; later calls raise StoreUnavailable."""
        with self._lock:
            self._closed = True
            old, self._link = self._link, None
            feeds = list(self._feeds)
        for feed in feeds:
            feed.stop()
        if old is not None:
            old.close()

    def link(self) -> Link:
        """The connection as it is now, for the calls of other modules of this layer. Raises StoreError."""
        # A new one is opened outside the lock, since a cluster is slow to be found.
        link = self._link
        if link is not None:
            return link
        uri, fresh = self._uri, self._opened()
        with self._lock:
            if self._link is None and self._uri == uri and not self._closed:
                self._link = fresh
                return fresh
        fresh.close()
        return self.link()

    def _opened(self) -> Link:
        if self._closed:
            raise StoreUnavailable("The event store is closed.")
        if self._uri is None:
            raise StoreUnavailable("The event store is not started yet.")
        try:
            check_files(self._uri)
            return Link(self._uri, self._name, self._keepalive)
        except WrongConnectionString as wrong:
            raise Misconfigured(str(wrong)) from None
        except CLIENT_ERRORS as error:
            raise fault_of(error, self._where()) from None

    def _where(self) -> str:
        """The address for a sentence: without the password."""
        return "" if self._uri is None else hosts_of(self._uri)

    # Hop 4: appending

    def append(self, stream: str, expected: int, events: tuple[NewEvent, ...], *, timeout: float) -> Receipt:
        """As the port says. A lost answer is asked for again with the same ids, which cannot store them twice."""
        admit(stream, expected, events)
        proposed = tuple(Proposed(id=e.id, type=e.type, data=e.data, metadata=e.metadata) for e in events)
        version = StreamState.NO_STREAM if expected == NO_STREAM else expected
        lost: StoreError | None = None
        for patience in _attempts(timeout):
            try:
                # One just for this where an answer was lost, since the usual connection may be what loses them.
                with nullcontext(self.link()) if lost is None else closing(self._opened()) as link:
                    position = link.appends().append(stream, version, proposed, patience)
                return Receipt(stream, expected + len(events), position, tuple(event.id for event in events))
            except CLIENT_ERRORS as error:
                lost = self._settle(error, stream, expected, lost)
            except StoreUnavailable:
                if lost is None:
                    raise
                if self._closed:
                    break
        if lost is None:
            raise StoreUnavailable("There was no time left to ask the event store.")
        raise OutcomeUnknown(f"Whether the change was stored is not known. {lost}")

    def _settle(self, error: Exception, stream: str, expected: int, lost: StoreError | None) -> StoreError | None:
        """Raise what is certain; else return what was lost, for another attempt."""
        conflict = conflict_of(error, stream, expected)
        if conflict is not None:
            raise conflict from None
        fault, verdict = fault_of(error, self._where(), stream), verdict_of(error)
        if verdict is Verdict.WRONG_NODE:
            self.reconnect()
            return lost
        if verdict is Verdict.NOT_STORED or (verdict is Verdict.NOT_SENT and lost is None):
            raise fault from None
        return fault if verdict is Verdict.LOST else lost

    # Hop 6: reading

    def read_stream(
        self,
        stream: str,
        *,
        start: int | None = None,
        backwards: bool = False,
        limit: int | None = None,
        resolve_links: bool = False,
    ) -> Iterator[Recorded]:
        """As the port says; nothing is asked before the first ``next``."""
        reading = ReadRange(stream, start, backwards, limit, None, resolve_links)
        yield from read(self.link(), reading)

    def read_all(
        self,
        *,
        start: int | None = None,
        backwards: bool = False,
        limit: int | None = None,
        only: Filter | None = None,
        resolve_links: bool = False,
    ) -> Iterator[Recorded]:
        """As the port says, system events included."""
        reading = ReadRange(None, start, backwards, limit, only, resolve_links)
        yield from read(self.link(), reading)

    def follow_all(self, *, after: int | None = None, only: Filter | None = None, resolve_links: bool = False) -> Feed:
        """As the port says; the subscription is made when iteration starts."""
        return self._feed(None, after, only, resolve_links=resolve_links)

    def follow_stream(self, stream: str, *, after: int | None = None, resolve_links: bool = False) -> Feed:
        """As the port says; the stream need not exist yet."""
        return self._feed(stream, after, None, resolve_links=resolve_links)

    def _feed(self, stream: str | None, after: int | None, only: Filter | None, *, resolve_links: bool) -> Feed:
        def subscribe(link: Link, watched: Callable[[Any], Any]) -> Any:
            return asked(
                link,
                watched(link.feeds() if stream is None else link.streams),
                stream,
                after,
                only,
                resolve_links=resolve_links,
                subscribe=True,
                include_checkpoints=only is not None,
                include_caught_up=True,
            )

        feed = SubscriptionFeed(self.link, subscribe, stream=stream, beyond=after if stream is None else None)
        with self._lock:
            if not self._closed:
                self._feeds.add(feed)
        return feed

    def head(self) -> int | None:
        """The last event's position, within :data:`PROBE_SECONDS` or StoreUnavailable: also the probe for life."""
        event, _ = self._one(None, backwards=True)
        return None if event is None else event.position

    def store_id(self) -> UUID | None:
        """As the port says: an embedded node tells its id, and other servers have none."""
        _, headers = self._one(None, backwards=True)
        return UUID(headers[STORE_ID]) if STORE_ID in headers else None

    def event_at(self, position: int) -> Recorded | None:
        """The event at exactly this position. A place where no event begins, as in another store, has none."""
        try:
            event, _ = self._one(position, backwards=False)
        except NoEventBegins:
            return None
        return event if event is not None and event.position == position else None

    def _one(self, start: int | None, *, backwards: bool) -> tuple[Recorded | None, Mapping[str, str]]:
        """The next event, and the headers of the answer."""
        link = self.link()
        try:
            response = asked(link, link.streams, None, start, None, backwards=backwards, limit=1, timeout=PROBE_SECONDS)
            event = next((recorded(event) for event in response), None)
            headers = _headers_of(response)
        except CLIENT_ERRORS as error:
            raise fault_of(error, link.where) from None
        if event is None and link.ended.is_set():
            raise StoreUnavailable(f"The connection to {link.where} was closed while asking.")
        return event, headers


def _streams_of(link: Link) -> Any:
    return link.streams


def _headers_of(response: Any) -> Mapping[str, str]:
    """What the server said beside its answer; the client has no way of its own to it."""
    call = getattr(response, "_read_resps", None)
    return {key: str(value) for key, value in (call.initial_metadata() or ())} if call is not None else {}


def _checked(uri: str | None) -> str | None:
    if uri is not None:
        check(uri)
    return uri


def _attempts(timeout: float) -> Iterator[float]:
    """Time limits in seconds for one attempt after another, each half of what is left, with growing pauses."""
    deadline, pause = time.monotonic() + timeout, 0.05
    while (left := deadline - time.monotonic()) > _LAST_TRY:
        yield left / 2
        time.sleep(min(pause, max(0.0, deadline - time.monotonic())))
        pause = min(pause * 2, 0.5)
