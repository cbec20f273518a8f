"""Hop 5: one connection to one server: the client, and what each of its calls has to carry.

The client's own methods repeat a failed call up to three times, each with the whole time limit, and replace the
connection under everybody else's feeds, which then end as if all were well. Its ``streams`` service has the same
calls without that, so Desk uses it and decides by itself what is repeated.
"""

import threading
from typing import TYPE_CHECKING, Final

from esdbclient import EventStoreDBClient

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

_SIGN_OF_LIFE: Final = 10_000
"""Milliseconds until a connection that does not answer is given up."""


class Link:
    """A client and its channel. ``ended`` is set before the channel closes: a reading that stops then is cut short."""

    def __init__(self, uri: str, connection_name: str, keepalive: float | None) -> None:
        """Connect lazily (a cluster's address is asked for its leader at once). May raise what the client raises."""
        self.client = EventStoreDBClient(uri)
        spec = self.client.connection_spec
        self.client.grpc_options += _CHANNEL
        if keepalive is not None:
            self.client.grpc_options += _keepalive(keepalive)
        self.where = self.client.connection_target
        self.client.reconnect(self.where)
        self.metadata = (("connection-name", connection_name),)
        self.credentials = self.client.construct_call_credentials(spec.username, spec.password)
        self.ended = threading.Event()
        self._appends: AppendCall | None = None
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

    def close(self) -> None:
        """End every reading and feed, and close the channel."""
        self.ended.set()
        with self._guard:
            appends, self._appends = self._appends, None
        if appends is not None:
            appends.close()
        self.client.close()


def _keepalive(seconds: float) -> tuple[tuple[str, int], ...]:
    """A question for a sign of life this often; the client's own option for it is misspelt and does nothing."""
    return (
        ("grpc.keepalive_time_ms", int(seconds * 1000)),
        ("grpc.keepalive_timeout_ms", _SIGN_OF_LIFE),
        # In current versions of gRPC this one decides, and it is a minute where nothing is said.
        ("grpc.http2.ping_timeout_ms", _SIGN_OF_LIFE),
    )
