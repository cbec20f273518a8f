"""A store and nothing else, for commands that only look: no lock is taken, and nothing of a catalogue is written."""

import threading
from contextlib import ExitStack

from desk import __version__
from desk.application.session import Connection
from desk.cqrs.errors import StoreUnavailable
from desk.projection.index.event_reader import EventReader
from desk.runtime.data_directory import EVENT_INDEX, require_catalogue
from desk.runtime.options import Options, folder_of
from desk.runtime.store_connection import KEEPALIVE, describe_connection
from desk.store.connection import ConnectionState, Phase, Supervisor
from desk.store.eventstoredb import EventStoreDB
from desk.store.local_node import LocalNode


def open_store(options: Options) -> "StoreAlone":
    """The store of a catalogue, or one elsewhere, of which nothing need be known on this computer.

    The embedded node is found where it runs, beside a window too, else started until :meth:`StoreAlone.close`.
    Raises CannotOpen where there is no catalogue.
    """
    if options.store is None:
        require_catalogue(options)
    return StoreAlone(options)


class StoreAlone:
    """A way to a store that is kept up, as a session's is."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self.embedded = options.store is None
        with ExitStack() as opened:
            node = None
            if self.embedded:
                node = LocalNode(options.data_dir, command=options.node_command)
                opened.callback(node.close)
            self.store = EventStoreDB(options.store, f"desk {__version__}", keepalive=None if node else KEEPALIVE)
            opened.callback(self.store.close)
            self._supervisor = Supervisor(self.store, _nobody_hears, node=node)
            self._thread = threading.Thread(target=self._supervisor.run, name="connection")
            self._thread.start()
            opened.callback(self._thread.join)
            opened.callback(self._supervisor.stop)
            self._closing = opened.pop_all()

    @property
    def index(self) -> EventReader:
        """What a window's event index knows of all events; it is only read."""
        directory, store = self._options.data_dir, self._options.store
        return EventReader((directory if store is None else directory / folder_of(store)) / EVENT_INDEX)

    @property
    def state(self) -> Connection:
        """How the connection is."""
        return describe_connection(self._supervisor.state, self._options, self._options.store_name)

    def ready(self, timeout: float) -> bool:
        """Wait until the store answers; tell whether it does. Raises StoreUnavailable where it refuses."""
        live = self._supervisor.wait_until_live(timeout)
        if self._supervisor.state.phase is Phase.REFUSED:
            raise StoreUnavailable(self.state.text)
        return live

    def look_again(self) -> None:
        """A call found the store away: look at once; :attr:`state` is not live until that is done."""
        self._supervisor.report_failure()

    def close(self) -> None:
        """Give the connection back, and end a node that was started here."""
        self._closing.close()


def _nobody_hears(_state: ConnectionState) -> None:
    return None
