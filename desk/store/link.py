"""Hop 5: one connection to one server: the client, and what each of its calls has to carry.

The client's own methods repeat a failed call up to three times, each with the whole time limit, and replace the
connection under everybody else's feeds, which then end as if all were well. Its ``streams`` service has the same
calls without that, so Desk uses it and decides by itself what is repeated.
"""

import atexit
import threading
import time
from collections.abc import Set
from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from esdbclient import EventStoreDBClient
from grpc.experimental import ChannelOptions

from desk.store.multiplex import AppendCall

if TYPE_CHECKING:
    from esdbclient.streams import StreamsService

_CHANNEL: Final = (
    # A new channel must not inherit another one's memory of a dead server.
    ("grpc.use_local_subchannel_pool", 1),
    # Milliseconds between attempts to connect; gRPC's own are 1 s, growing to 2 minutes.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 3000),
    ("grpc.max_reconnect_backoff_ms", 1000),
)

_FOR_FEEDS: Final = ((ChannelOptions.SingleThreadedUnaryStream, 1),)
"""Whoever takes a message reads it, which halves the work: elsewhere a thread of gRPC hands over each one.

Only for feeds, which hear out a call that is cut short: gRPC would keep it, and the connection with it.
"""

_SIGN_OF_LIFE: Final = 10_000
"""Milliseconds until a connection that does not answer is given up."""

_FAREWELL: Final = 5.0
"""Seconds that gRPC's threads have for their last words; once their channels are closed they need milliseconds."""


class Link:
    """A client and its channel. ``ended`` is set before the channel closes: a reading that stops then is cut short.

    ``user`` is the name that every call is made with, empty for none; servers have users where TLS is spoken.
    """

    def __init__(self, uri: str, connection_name: str, keepalive: float | None) -> None:
        """Connect lazily (a cluster's address is asked for its leader at once). May raise what the client raises."""
        _hear_threads_out_at_the_end()
        self._uri = uri
        self._options = _CHANNEL if keepalive is None else (*_CHANNEL, *_keepalive(keepalive))
        self.client = _connect(uri, self._options)
        self.where, spec = self.client.connection_target, self.client.connection_spec
        self.metadata = (("connection-name", connection_name),)
        # The client takes them as they stand, with signs such as %40 for @ in them.
        self.user = unquote(spec.username or "")
        self.has_users = bool(spec.options.Tls)
        self.credentials = self.client.construct_call_credentials(
            self.user or None, spec.password and unquote(spec.password)
        )
        self.ended = threading.Event()
        self._appends: AppendCall | None = None
        self._feeding: EventStoreDBClient | None = None
        self._guard = threading.Lock()

    def appends(self) -> AppendCall:
        """The call that all appends share; a new one where the last has broken."""
        with self._guard:
            if self._appends is None or self._appends.broken:
                self._appends = AppendCall(self.streams, self.metadata, self.credentials)
            return self._appends

    @property
    def streams(self) -> "StreamsService":
        """The calls on streams, none of which repeats itself."""
        return self.client.streams

    def feeds(self) -> "StreamsService":
        """The calls on streams over a channel of their own, for long feeds. May raise what the client raises."""
        if self._feeding is None:
            # Outside the lock, since a cluster is slow to be found.
            fresh = _connect(self._uri, (*self._options, *_FOR_FEEDS), self.where)
            with self._guard:
                unwanted = self._feeding is not None or self.ended.is_set()
                self._feeding = self._feeding if unwanted else fresh
            if unwanted:
                fresh.close()
        if self._feeding is None:
            raise ValueError("closed channel")
        return self._feeding.streams

    def close(self) -> None:
        """End every reading and feed, and close the channels."""
        self.ended.set()
        with self._guard:
            appends, self._appends = self._appends, None
            feeding = self._feeding
        if appends is not None:
            appends.close()
        self.client.close()
        if feeding is not None:
            feeding.close()


def _connect(uri: str, options: tuple[tuple[str, int], ...], where: str | None = None) -> EventStoreDBClient:
    client = EventStoreDBClient(uri)
    client.grpc_options += options
    client.reconnect(where or client.connection_target)
    return client


def _keepalive(seconds: float) -> tuple[tuple[str, int], ...]:
    """A question for a sign of life this often; the client's own option for it is misspelt and does nothing."""
    return (
        ("grpc.keepalive_time_ms", int(seconds * 1000)),
        ("grpc.keepalive_timeout_ms", _SIGN_OF_LIFE),
        # In current versions of gRPC this one decides, and it is a minute where nothing is said.
        ("grpc.http2.ping_timeout_ms", _SIGN_OF_LIFE),
    )


@cache
def _hear_threads_out_at_the_end() -> None:
    """Called before the program's first connection."""
    atexit.register(_hear_threads_out, frozenset(threading.enumerate()))


def _hear_threads_out(earlier: Set[threading.Thread]) -> None:
    """Wait, at the end of the program, until gRPC's threads have ended: those daemons that were not there earlier.

    One that Python cuts off may hold the lock of a call, and what is left of the call waits for it for ever.
    """
    until = time.monotonic() + _FAREWELL
    for thread in set(threading.enumerate()) - earlier:
        if thread.daemon and type(thread) is threading.Thread:  # others are not Python's, and cannot be waited for
            thread.join(max(0.0, until - time.monotonic()))
