"""What is remembered of a store, in memory: checkpoints of followers, and of which store each is."""

from uuid import UUID

from desk.cqrs.known_store import Acquaintance, KnownStore
from desk.cqrs.store import EventStore
from tests.moments import REAL


class RememberedInMemory:
    """Positions and acquaintance, as ``local.sqlite`` keeps them; they survive whoever follows."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[int, UUID]] = {}
        self.known: Acquaintance | None = None
        self.first: UUID | None = None
        self.keys: dict[str, UUID] = {}

    def load(self, name: str) -> tuple[int, UUID] | None:
        return self.kept.get(name)

    def save(self, name: str, position: int, event_id: UUID) -> None:
        self.kept[name] = (position, event_id)

    def acquaintance(self) -> Acquaintance | None:
        return self.known

    def remember(self, acquaintance: Acquaintance) -> None:
        self.known = acquaintance
        self.first = self.first or acquaintance.key

    def followed(self, name: str) -> UUID:
        assert self.first is not None
        return self.keys.get(name, self.first)

    def begin_anew(self, name: str, key: UUID) -> None:
        self.kept.pop(name, None)
        self.keys[name] = key


def known(store: EventStore) -> KnownStore:
    """A store that nobody has met before."""
    return KnownStore(store, RememberedInMemory(), REAL)
