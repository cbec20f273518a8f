"""The node in one piece: log, writer, readers and the gRPC server over them.

The server is grpcio's asyncio one. Measured against its synchronous one with a thread pool, on two cores, with the
same SQLite commit behind both: one append 0.95 ms instead of 0.84 (p50), eight writers 1,720 events/s instead of
1,200, reading 20,700 events/s instead of 21,600, and a waiting subscription costs a future instead of a thread, of
which a thousand idle subscribers would need a thousand. The event loop never waits for the disk: commits happen on
one thread (``commits``), reads on a few (``readers``).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import grpc
import grpc.aio

from desk.node.calls import Handler, Unimplemented
from desk.node.care.scavenge import Scavenger
from desk.node.commits import Commits
from desk.node.groups.group import Ground
from desk.node.groups.registry import Groups
from desk.node.groups.service import SERVICE as GROUPS_SERVICE
from desk.node.groups.service import PersistentSubscriptions
from desk.node.log import Log
from desk.node.projected.service import SERVICE as PROJECTIONS_SERVICE
from desk.node.projected.service import ProjectionsService
from desk.node.projected.subsystem import Projections
from desk.node.readers import Readers
from desk.node.streams import SERVICE, Streams
from desk.node.system import FEATURES_SERVICE, GOSSIP_SERVICE, Gossip, ServerFeatures
from desk.node.wakeup import Wakeups

LOG_FILE: Final = "node.sqlite"
DEFAULT_APPEND_SIZE: Final = 1 << 20
LARGEST_MESSAGE: Final = 16_767_216
"""Bytes of one request, as in the original: 16 MiB less 10,000."""

_SECONDS_TO_FINISH: Final = 0.5
_OPTIONS: Final = (
    ("grpc.max_receive_message_length", LARGEST_MESSAGE),
    ("grpc.max_send_message_length", -1),
    # Another server on the same port is an error, not a partner.
    ("grpc.so_reuseport", 0),
    # Clients ping as often as every 10 s, also while nothing is asked.
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 1000),
    ("grpc.http2.max_ping_strikes", 0),
)


class PortTaken(Exception):
    """The address cannot be listened on."""


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Settings:
    """Where a node keeps its log and where it listens; ``port`` 0 takes any free one.

    ``system_projections``: whether those run that nobody enabled or disabled; ``desk node`` lets them.
    ``after_commit`` is called on the writer's thread between a commit and its answer: a place for tests to break in.
    """

    directory: Path
    host: str = "127.0.0.1"
    port: int = 2113
    advertise: str = "localhost"
    max_append_size: int = DEFAULT_APPEND_SIZE
    after_commit: Callable[[], None] = _nothing
    max_pages: int | None = None
    system_projections: bool = False


class Node:
    """A running node. Made by ``start``, inside a running event loop."""

    def __init__(
        self,
        server: grpc.aio.Server,
        log: Log,
        commits: Commits,
        readers: Readers,
        wakeups: Wakeups,
        *,
        system_projections: bool,
    ) -> None:
        self.port = 0
        self._server = server
        self._log = log
        self._commits = commits
        self._readers = readers
        self._wakeups = wakeups
        self.scavenger = Scavenger(commits, readers)
        self.groups = Groups(Ground(commits, readers, wakeups))
        self.projections = Projections(commits, readers, wakeups, start=system_projections)

    @classmethod
    async def start(cls, settings: Settings) -> "Node":
        """Opens the log and listens. Raises LogError and PortTaken."""
        path = settings.directory / LOG_FILE
        log = Log(path, after_commit=settings.after_commit, max_pages=settings.max_pages)
        try:
            readers = Readers(path)
        except BaseException:
            log.close()
            raise
        wakeups = Wakeups(log.last_event)
        commits = Commits(log, wakeups.committed)
        server = grpc.aio.server(options=_OPTIONS)
        node = cls(server, log, commits, readers, wakeups, system_projections=settings.system_projections)
        try:
            node.port = _listen(server, settings)
            streams = Streams(commits, readers, wakeups, settings.max_append_size)
            _serve(
                server,
                {
                    SERVICE: streams.handlers(),
                    GOSSIP_SERVICE: Gossip(settings.advertise, node.port).handlers(),
                    FEATURES_SERVICE: ServerFeatures().handlers(),
                    PROJECTIONS_SERVICE: ProjectionsService(node.projections).handlers(),
                    GROUPS_SERVICE: PersistentSubscriptions(node.groups).handlers(),
                },
            )
            await node.groups.open()
            await node.projections.start()
            await server.start()
        except BaseException:
            await node.stop()
            raise
        return node

    @property
    def waiting(self) -> int:
        """How many subscriptions wait for something to be written."""
        return self._wakeups.waiting

    async def stop(self) -> None:
        """Ends subscriptions, finishes appends under way, and closes the log."""
        self._wakeups.close()
        await self.groups.close()
        await self._server.stop(_SECONDS_TO_FINISH)
        await self.scavenger.close()
        await self.projections.stop()
        await self._commits.close()
        self._readers.close()
        self._log.close()


def address(host: str, port: int) -> str:
    """Host and port as clients write them."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _listen(server: grpc.aio.Server, settings: Settings) -> int:
    wanted = address(settings.host, settings.port)
    try:
        return server.add_insecure_port(wanted)
    except RuntimeError as error:
        raise PortTaken(
            f"Cannot listen on {wanted}: the port is in use or not allowed."
            " Name another with --port; 0 takes any free one."
        ) from error


def _serve(server: grpc.aio.Server, services: Mapping[str, dict[str, Handler]]) -> None:
    generic = [grpc.method_handlers_generic_handler(name, handlers) for name, handlers in services.items()]
    server.add_generic_rpc_handlers((*generic, Unimplemented()))
