"""The node in one piece: log, writer, readers and the gRPC server over them.

The server is grpcio's asyncio one. Measured against its synchronous one with a thread pool, on two cores, with the
same SQLite commit behind both: one append 0.95 ms instead of 0.84 (p50), eight writers 1,720 events/s instead of
1,200, reading 20,700 events/s instead of 21,600, and a waiting subscription costs a future instead of a thread, of
which a thousand idle subscribers would need a thousand. The event loop never waits for the disk: commits happen on
one thread (``commits``), reads on a few (``readers``).
"""

from collections.abc import Callable, Sequence
from dataclasses import field
from datetime import datetime
from pathlib import Path
from typing import Final

import grpc
import grpc.aio

from desk.node.access.accounts import Accounts
from desk.node.access.certificate import Certificate
from desk.node.access.first_users import make_first_users
from desk.node.access.gate import Gate
from desk.node.access.logins import Logins
from desk.node.access.passwords import DEFAULT_COST, Cost
from desk.node.access.renewal import Renewal
from desk.node.access.rights import Rights
from desk.node.calls import Handler, Unimplemented
from desk.node.care.scavenge import Scavenger
from desk.node.commits import Commits
from desk.node.groups.group import NodeServices
from desk.node.groups.registry import Groups
from desk.node.groups.service import SERVICE as GROUPS_SERVICE
from desk.node.groups.service import PersistentSubscriptions
from desk.node.listening import Credentials, listen
from desk.node.log import Log
from desk.node.monitoring import MONITORING_SERVICE, MonitoringService
from desk.node.operations import OPERATIONS_SERVICE, Operations
from desk.node.projected.service import SERVICE as PROJECTIONS_SERVICE
from desk.node.projected.service import ProjectionsService
from desk.node.projected.subsystem import Projections
from desk.node.readers import Readers
from desk.node.records import StoredEvent
from desk.node.streams import SERVICE, StreamsService
from desk.node.system import FEATURES_SERVICE, GOSSIP_SERVICE, Gossip, ServerFeatures
from desk.node.users import USERS_SERVICE, Users
from desk.node.wakeup import Wakeups
from desk.records import dataclass

LOG_FILE: Final = "node.sqlite"
DEFAULT_APPEND_SIZE: Final = 1 << 20
LARGEST_MESSAGE: Final = 16_767_216
"""Bytes of one request, as in the original: 16 MiB less 10,000."""

_SECONDS_TO_FINISH: Final = 0.5
_OPTIONS: Final = (
    ("grpc.max_receive_message_length", LARGEST_MESSAGE),
    ("grpc.max_send_message_length", -1),
    # Else whoever sends faster than the node takes fills its memory by what the line would bear: megabytes a call.
    ("grpc.http2.bdp_probe", 0),
    # Another server on the same port is an error, not a partner.
    ("grpc.so_reuseport", 0),
    # Clients ping as often as every 10 s, also while nothing is asked.
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 1000),
    ("grpc.http2.max_ping_strikes", 0),
)


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """Where a node keeps its log and where it listens: ``host`` is one address, and either of loopback means both.

    ``port`` 0 takes any free one.

    ``certificate``: with it the node speaks TLS, and asks who calls; ``current_certificate`` finds the one that is to
    be shown at a later moment. ``admin_password`` is that of the first administrator, None for a random one.
    ``password_cost``: of passwords that are made from now on.
    ``system_projections``: whether those run that nobody enabled or disabled; ``desk node`` lets them.
    """

    directory: Path
    host: str = "127.0.0.1"
    port: int = 2113
    advertise: str = "localhost"
    max_append_size: int = DEFAULT_APPEND_SIZE
    system_projections: bool = False
    certificate: Certificate | None = None
    current_certificate: Callable[[datetime], Certificate] | None = None
    admin_password: str | None = field(default=None, repr=False)
    password_cost: Cost = DEFAULT_COST


class Node:
    """A running node. Made by ``start``, inside a running event loop."""

    def __init__(self, settings: NodeSettings, log: Log, readers: Readers, shutdown: Callable[[], None]) -> None:
        self.port = 0
        self.shown_once: str | None = None
        """The administrator's password, where it was made just now."""
        self._settings = settings
        self._shutdown = shutdown
        self._log = log
        self._readers = readers
        self._wakeups = Wakeups(log.last_event)
        self._rights = Rights(readers)
        self._commits = Commits(log, self._committed)
        self._accounts = Accounts(self._commits, settings.password_cost)
        self._server = grpc.aio.server(options=_OPTIONS, interceptors=self._gates())
        self.scavenger = Scavenger(self._commits, readers)
        self.groups = Groups(NodeServices(self._commits, readers, self._wakeups))
        self.projections = Projections(self._commits, readers, self._wakeups, start=settings.system_projections)

    @classmethod
    async def start(cls, settings: NodeSettings, shutdown: Callable[[], None] = lambda: None) -> "Node":
        """Opens the log and listens; ``shutdown`` is called when a client wants it to end.

        Raises LogError and PortTaken.
        """
        path = settings.directory / LOG_FILE
        log = Log(path)
        try:
            readers = Readers(path)
        except BaseException:
            log.close()
            raise
        node = cls(settings, log, readers, shutdown)
        try:
            node.port = listen(node._server, settings.host, settings.port, _credentials(settings))
            await node._open()
            await node._server.start()
        except BaseException:
            await node.stop()
            raise
        return node

    def _gates(self) -> tuple[Gate, ...]:
        """Without TLS there is nobody who asks."""
        if self._settings.certificate is None:
            return ()
        return (Gate(Logins(self._accounts, self._settings.password_cost), self._rights),)

    async def _open(self) -> None:
        await self._accounts.open(self._readers)
        if self._settings.certificate is not None:
            self.shown_once = await make_first_users(self._accounts, self._settings.admin_password)
        await self.groups.open()
        services = [grpc.method_handlers_generic_handler(*service) for service in self._services().items()]
        self._server.add_generic_rpc_handlers((*services, Unimplemented()))
        await self.projections.start()

    def _services(self) -> dict[str, dict[str, Handler]]:
        settings = self._settings
        services = {
            SERVICE: StreamsService(
                self._commits, self._readers, self._wakeups, settings.max_append_size, self._log.id
            ).handlers(),
            GROUPS_SERVICE: PersistentSubscriptions(self.groups, secured=settings.certificate is not None).handlers(),
            PROJECTIONS_SERVICE: ProjectionsService(self.projections).handlers(),
            GOSSIP_SERVICE: Gossip(settings.advertise, self.port).handlers(),
            MONITORING_SERVICE: MonitoringService(self._figures).handlers(),
            OPERATIONS_SERVICE: Operations(self.scavenger, self.groups, self._shutdown).handlers(),
            USERS_SERVICE: Users(self._accounts).handlers(),
        }
        return {**services, FEATURES_SERVICE: ServerFeatures(services).handlers()}

    def _committed(self, events: Sequence[StoredEvent]) -> None:
        if self._settings.certificate is not None:
            self._rights.committed(events)
        self._wakeups.committed(events)

    def _figures(self) -> dict[str, str]:
        """What Monitoring tells of this node."""
        return {
            "es-log-position": str(self._wakeups.tail.position),
            "es-waiting-subscriptions": str(self.waiting),
            "es-scavenge": self.scavenger.running or "none",
        }

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


def _credentials(settings: NodeSettings) -> Credentials | None:
    certificate = settings.certificate
    if certificate is None:
        return None
    current = settings.current_certificate or (lambda _now: certificate)
    return lambda: Renewal(certificate, current).credentials()
