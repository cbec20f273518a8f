"""Opened second: the way to the store, with the embedded node where there is none elsewhere. Nothing runs yet."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final

from desk import __version__
from desk.application.session import Connection, Light
from desk.application.session_events import SessionEvents
from desk.cqrs.errors import OutcomeUnknown, StoreUnavailable
from desk.cqrs.failing_store import FailingStore
from desk.cqrs.known_store import KnownStore
from desk.cqrs.moments import Moments
from desk.runtime.data_directory import DataDirectory
from desk.runtime.options import Options
from desk.store.connection import ConnectionState, Phase, Supervisor
from desk.store.connection_string import hosts_of, without_secrets
from desk.store.eventstoredb import EventStoreDB
from desk.store.local_node import LocalNode

if TYPE_CHECKING:
    from desk.application.processes import Worker

KEEPALIVE: Final = 30.0
"""Seconds between signs of life on a connection to another machine."""


class StoreConnection:
    """The client, the embedded node and the supervisor that keeps them together.

    ``failing`` is the store as commands meet it: with the layer that can be made to fail.

    ``on_state`` are called, on the supervisor's thread, with each state; the later parts of a runtime add theirs
    before anything is started.
    """

    def __init__(self, options: Options, data: DataDirectory, events: SessionEvents, moments: Moments) -> None:
        self._options, self._data, self._events = options, data, events
        self._telling = threading.Lock()
        self.on_state: list[Callable[[ConnectionState], None]] = [self._tell]
        with ExitStack() as opened:
            self.node: LocalNode | None = None
            if options.store is None:
                self.node = LocalNode(data.directory, command=options.node_command)
                opened.callback(self.node.close)
            self.store = EventStoreDB(
                options.store, f"desk {__version__}", keepalive=None if options.store is None else KEEPALIVE
            )
            opened.callback(self.store.close)
            self.known_store = KnownStore(self.store, data.local, moments, self._in_question)
            self.failing = FailingStore(self.store)
            self.supervisor = Supervisor(self.store, self._changed, node=self.node)
            self._closing = opened.pop_all()

    @property
    def name(self) -> str:
        """How people call the store."""
        return self._data.record.name or self._options.store_name

    @property
    def hosts(self) -> str:
        """Hosts and ports of a store elsewhere; empty for the embedded one."""
        return "" if self._options.store is None else hosts_of(self._options.store)

    @property
    def workers(self) -> "tuple[Worker, ...]":
        """What is to run, on a thread of its own."""
        from desk.application.processes import Worker

        return (Worker("connection", self.supervisor.run, self.supervisor.stop),)

    def look_at_end(self, future: "Future[Any]") -> None:
        """A call has ended; one that found the store away has the supervisor look at once."""
        if not future.cancelled() and isinstance(future.exception(), StoreUnavailable | OutcomeUnknown):
            self.supervisor.report_failure()

    def decide(self, *, same: bool) -> None:
        """Somebody has said whether the store is the one of before: whoever waits for that goes on. Never waits."""
        self.known_store.decide(same=same)
        self._changed(self.supervisor.state)

    def tell_again(self) -> None:
        """The store is called otherwise now: say how the connection is in the new words.

        Not while a pause passes: its seconds would begin anew for whoever counts them, and no sentence has the name.
        """
        if self.supervisor.state.retry_in is None:
            self._tell(self.supervisor.state)

    def close(self) -> None:
        """Give the connection back and end a node that was started here. The supervisor has ended by now."""
        self._closing.close()

    def _changed(self, state: ConnectionState) -> None:
        for tell in self.on_state:
            tell(state)

    def _in_question(self, question: str) -> None:
        if question:
            self._events.fault("Is this the same event store?", question)
        self._tell(self.supervisor.state)

    def _tell(self, _state: ConnectionState) -> None:
        # Several threads tell: each tells how it is by now, so that none repeats later what is over.
        with self._telling:
            self._events.tell(self._described(self.supervisor.state))

    def _described(self, state: ConnectionState) -> Connection:
        if state.phase is Phase.LIVE and self.known_store.question:
            return Connection(Light.RED, self.known_store.question, tried=tried_at(self._options))
        return describe_connection(state, self._options, self.name)


def describe_connection(state: ConnectionState, options: Options, name: str) -> Connection:
    """A connection's state for people; ``name`` is how they call the store."""
    tried = tried_at(options)
    match state.phase:
        case Phase.LIVE:
            return Connection(Light.GREEN, f"Connected to {name}")
        case Phase.CONNECTING:
            return Connection(Light.AMBER, f"Connecting to {name}…", tried=tried)
        case Phase.REFUSED:
            return Connection(Light.RED, state.reason, state.retry_in, tried, state.answered)
        case Phase.RETRYING:
            return Connection(Light.AMBER, state.reason, state.retry_in, tried, state.answered)
        case Phase.RESTARTING_NODE:
            return Connection(Light.AMBER, f"{state.reason} It is being started again.", tried=tried)


def tried_at(options: Options) -> str:
    """What a connection is tried with, for people: without a password."""
    return "the embedded node" if options.store is None else without_secrets(options.store)
