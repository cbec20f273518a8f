"""Hop 5: the one state machine of the connection: is the store there, and if not, what is being done about it?"""

import random
import threading
import time
from collections import deque
from collections.abc import Callable
from enum import Enum
from typing import Final, Protocol

from desk.cqrs.errors import AccessDenied, Misconfigured, StoreError, StoreUnavailable
from desk.records import dataclass
from desk.store.node_process import StartFailed

FIRST_PAUSE: Final = 0.2
"""Seconds before the first further attempt; doubled each time."""
LONGEST_PAUSE: Final = 10.0
"""Seconds; pauses vary by a fifth, so that many windows do not return to a server in step."""
REFUSED_PAUSE: Final = 60.0
"""Seconds until what was refused is tried again by itself: somebody may have mended it on the other side."""
_STARTS_A_MINUTE: Final = 5


class Phase(Enum):
    """Where a connection stands. Commands are accepted in LIVE only."""

    CONNECTING = "connecting"
    LIVE = "live"
    RETRYING = "retrying"
    REFUSED = "refused"
    RESTARTING_NODE = "restarting node"


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """A phase, why (a sentence, where something is wrong) and, when retrying, in how many seconds.

    ``answered`` is what the server, or gRPC, said word for word, where it said something.
    """

    phase: Phase
    reason: str = ""
    retry_in: float | None = None
    answered: str = ""


class Probed(Protocol):
    """What is supervised: a store that can be asked for a sign of life, and connected anew."""

    def head(self) -> int | None: ...

    def reconnect(self, uri: str | None = None) -> None: ...


class EmbeddedNode(Protocol):
    """The embedded node, where there is one (:class:`~desk.store.local_node.LocalNode`)."""

    @property
    def alive(self) -> bool: ...

    def ensure(self) -> str: ...

    def give_up(self) -> None: ...

    def on_exit(self, listener: Callable[[], None]) -> None: ...


class Supervisor:
    """Keeps a store connected; :meth:`run` wants a thread.

    While live it sleeps: a dropped feed, a failed command or the node's end wakes it (:meth:`report_failure`). It
    then probes the store, starts the embedded node again if that is gone, and tries with growing pauses until the
    store answers. What only a person can mend (access denied, a certificate, a node that says why it cannot start) is
    tried again when :meth:`retry` is called, and once a minute. ``on_state`` gets every change, on the supervisor's
    thread.
    """

    def __init__(
        self, store: Probed, on_state: Callable[[ConnectionState], None], *, node: EmbeddedNode | None = None
    ) -> None:
        self._store, self._on_state, self._node = store, on_state, node
        self._state = ConnectionState(Phase.CONNECTING)
        self._changed = threading.Condition()
        self._wake = threading.Event()
        self._pausing = False
        self._stopping = False
        self._starts: deque[float] = deque(maxlen=_STARTS_A_MINUTE)
        if node is not None:
            node.on_exit(self.report_failure)

    @property
    def state(self) -> ConnectionState:
        """The present state."""
        return self._state

    def stop(self) -> None:
        """Let :meth:`run` end, a start of the node that is under way included; store and node stay as they are."""
        self._stopping = True
        if self._node is not None:
            self._node.give_up()
        self._wake.set()
        with self._changed:
            self._changed.notify_all()

    def report_failure(self) -> None:
        """Something failed that may mean an outage: look at once, unless that is being done or waited for already."""
        if not self._pausing:
            self._wake.set()

    def retry(self) -> None:
        """Try now, whatever the pause: a person asked for it."""
        self._wake.set()

    def wait_until_live(self, timeout: float) -> bool:
        """Block until the store is there, at most ``timeout`` seconds; for followers whose feed was dropped."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or self._state.phase is Phase.LIVE, timeout)
            return self._state.phase is Phase.LIVE and not self._stopping

    def run(self) -> None:
        """Connect, and stay connected, until stopped."""
        self._on_state(self._state)
        pause = FIRST_PAUSE
        while True:
            self._wake.clear()  # before the look at what stop() says: it must not take its call away
            if self._stopping:
                return
            try:
                self._connect()
            except (AccessDenied, Misconfigured, StartFailed) as error:
                self._tell(ConnectionState(Phase.REFUSED, str(error), REFUSED_PAUSE, error.answered))
                self._rest(REFUSED_PAUSE)
            except StoreError as error:
                seconds = random.uniform(0.8, 1.2) * pause
                self._tell(ConnectionState(Phase.RETRYING, str(error), seconds, error.answered))
                self._rest(seconds)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                pause = FIRST_PAUSE
                self._tell(ConnectionState(Phase.LIVE))
                self._wake.wait()

    def _connect(self) -> None:
        """Return once the store answers. The first question is put to the connection as it is: it may be well."""
        try:
            self._store.head()
        except AccessDenied:
            raise
        except StoreError:
            uri = None if self._node is None else self._living_node(self._node)
            if self._stopping:
                return
            self._store.reconnect(uri)
            self._store.head()

    def _living_node(self, node: EmbeddedNode) -> str:
        if self._state.phase is not Phase.CONNECTING and not node.alive:
            now = time.monotonic()
            if len(self._starts) == _STARTS_A_MINUTE and now - self._starts[0] < 60:
                raise StoreUnavailable(f"The embedded node ended {_STARTS_A_MINUTE} times within a minute.")
            self._starts.append(now)
            self._tell(ConnectionState(Phase.RESTARTING_NODE, "The embedded node has ended."))
        return node.ensure()

    def _rest(self, seconds: float) -> None:
        """Wait to be asked for, or for the time to pass."""
        self._pausing = True
        self._wake.clear()
        if not self._stopping:
            self._wake.wait(seconds)
        self._pausing = False

    def _tell(self, state: ConnectionState) -> None:
        if self._stopping or (state == self._state and state.retry_in is None):
            return  # another attempt that failed alike is told: the pause begins anew
        with self._changed:
            self._state = state
            self._changed.notify_all()
        self._on_state(state)
