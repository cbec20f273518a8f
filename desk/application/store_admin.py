"""What a store says of itself: its version, persistent subscriptions with their parked messages, projections.

Only to look at; what changes something is in :mod:`desk.application.acts`.
"""

from concurrent.futures import Future
from enum import Enum, auto
from typing import Final, Protocol

from desk.cqrs.errors import StoreError
from desk.cqrs.store import Recorded
from desk.records import dataclass


class NotOffered(StoreError):
    """The server does not offer this, or not to this user; the text is a sentence that says which."""

    code = "NotOffered"


class NotAllowed(NotOffered):
    """The server does not allow this to this user."""

    code = "NotAllowed"


class Right(Enum):
    """What a server may allow to a user: asking it about itself, replaying parked messages, switching projections."""

    LOOK = auto()
    REPLAY = auto()
    SWITCH = auto()


@dataclass(frozen=True, slots=True)
class StoreUser:
    """Who Desk is to the server; ``name`` is empty for nobody in particular.

    ``everybody``: the server has no users, and allows all to all. ``groups`` are None where it does not say them.
    """

    name: str
    groups: tuple[str, ...] | None = None
    everybody: bool = False

    def may(self, right: Right) -> bool | None:
        """Whether servers allow it to such a user, unless they were told otherwise; None where that is not known."""
        if self.everybody:
            return True
        if not self.name:
            return False
        if right is not Right.REPLAY:
            return True
        return None if self.groups is None else not OPERATORS.isdisjoint(self.groups)


OPERATORS: Final = frozenset({"$admins", "$ops"})
"""The groups whose users may have a server do what concerns others as well."""


@dataclass(frozen=True, slots=True)
class StoreVersion:
    """What a server calls its version (empty: it does not say), and its services with their methods, in small letters.

    The services are empty where the server does not say: then nothing is known of them.
    """

    version: str
    services: tuple[tuple[str, tuple[str, ...]], ...]

    def offers(self, service: str) -> bool | None:
        """Whether there is a service whose name ends so; None where that is not known."""
        if not self.services:
            return None
        return any(name.endswith(service) for name, _ in self.services)

    def offers_call(self, service: str, method: str) -> bool | None:
        """Whether that service has this method; None where that is not known."""
        if not self.services:
            return None
        return any(name.endswith(service) and method in methods for name, methods in self.services)


@dataclass(frozen=True, slots=True)
class SubscriptionGroup:
    """A persistent subscription. ``source`` is a stream, or ``$all``.

    ``processed`` and ``known`` are places in the source as the server writes them: a revision, or positions as
    ``C:12/P:12``; empty where there is none yet. ``lag`` counts events of a stream in between (None: not known).
    """

    source: str
    name: str
    status: str
    processed: str
    known: str
    lag: int | None
    in_flight: int
    parked: int
    per_second: int
    settings: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ParkedMessage:
    """A message that a group has put aside. ``revision`` is its place among these, ``older`` how many stand before it;
    ``reason`` is as the server wrote it. ``event`` is the link itself where that leads nowhere (``dangling``)."""

    revision: int
    event: Recorded
    reason: str
    dangling: bool
    older: int


@dataclass(frozen=True, slots=True)
class StoreProjection:
    """A projection of the store's own. ``progress`` is in percent; ``system`` tells those that every store has."""

    name: str
    status: str
    mode: str
    progress: float
    position: str
    reason: str
    system: bool

    @property
    def running(self) -> bool:
        return self.status.startswith("Running")


class AdminPort(Protocol):
    """Asking a store about itself. Safe to use from any thread; nothing waits.

    The futures fail with NotOffered where the server does not offer it, or with another StoreError.
    """

    def version(self) -> "Future[StoreVersion]": ...

    def user(self) -> "Future[StoreUser]": ...

    def groups(self) -> "Future[tuple[SubscriptionGroup, ...]]": ...

    def parked(self, source: str, group: str, limit: int = 100) -> "Future[tuple[ParkedMessage, ...]]":
        """The messages that were parked last, the newest first."""

    def projections(self) -> "Future[tuple[StoreProjection, ...]]": ...
