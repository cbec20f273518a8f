"""The whole story behind an event: all events of one correlation, across streams, as a tree of causes."""

from collections.abc import Callable, Iterable
from typing import Final
from uuid import UUID

from desk.application.event_question import EventQuestion
from desk.application.event_search import ChosenBy, FindEvents, FoundEvents
from desk.cqrs.errors import StreamIsGone, StreamNotFound
from desk.cqrs.messages import Query
from desk.cqrs.metadata import parse_metadata
from desk.cqrs.store import EventStore, Recorded
from desk.records import dataclass

MOST: Final = 2_000
"""Events of one story that are shown."""


@dataclass(frozen=True, slots=True)
class GetStory(Query[FoundEvents]):
    """The events of a correlation that were stored before a position (None: all); by the server where it has them in a
    stream of their own."""

    correlation: str
    before: int | None = None


@dataclass(frozen=True, slots=True)
class StoryNode:
    """An event and what it caused. ``event`` None: a cause that is named and is no event of this story, such as a
    command; ``cause`` is its id then."""

    event: Recorded | None
    cause: UUID | None
    followers: tuple["StoryNode", ...]


def correlation_stream(correlation: str) -> str:
    """The stream in which a server's own projection links the events of a correlation."""
    return f"$bc-{correlation}"


class StoryHandler:
    """Answers GetStory: by the server's stream of links where there is one, else by finding."""

    def __init__(self, store: EventStore, find: Callable[[FindEvents], FoundEvents]) -> None:
        self._store, self._find = store, find

    def __call__(self, query: GetStory) -> FoundEvents:
        """Raises StoreError."""
        if query.before is None:
            try:
                listed = self._store.read_stream(correlation_stream(query.correlation), limit=MOST, resolve_links=True)
                return FoundEvents(tuple(listed), None, ChosenBy.SERVER)
            except (StreamNotFound, StreamIsGone):
                pass
        return self._find(FindEvents(EventQuestion(correlation=query.correlation), query.before, MOST))


def story_tree(events: Iterable[Recorded]) -> tuple[StoryNode, ...]:
    """What caused what: the first causes on top, and everything in the order in which it was stored.

    Events that name the same cause which is no event stand together below it; circles are cut where they close.
    """
    known = {event.id: event for event in sorted(events, key=_place)}
    causes = {event.id: parse_metadata(event.metadata).causation_id for event in known.values()}
    for first in _first_of_circles(known, causes):
        causes[first] = None
    below: dict[UUID, list[Recorded]] = {}
    roots: list[UUID | Recorded] = []
    for event in known.values():
        cause = causes[event.id]
        if cause is None:
            roots.append(event)
            continue
        if cause not in known and cause not in below:
            roots.append(cause)
        below.setdefault(cause, []).append(event)
    return tuple(_node(root, below) for root in roots)


def _node(root: UUID | Recorded, below: dict[UUID, list[Recorded]]) -> StoryNode:
    """A node with all below it; without recursion, for causes may be a chain of thousands."""
    made: dict[int, StoryNode] = {}
    todo: list[tuple[UUID | Recorded, bool]] = [(root, False)]
    while todo:
        one, is_open = todo.pop()
        followers = below.get(one.id if isinstance(one, Recorded) else one, [])
        if not is_open:
            todo.append((one, True))
            todo += [(follower, False) for follower in followers]
            continue
        nodes = tuple(made[id(follower)] for follower in followers)
        made[id(one)] = StoryNode(one, None, nodes) if isinstance(one, Recorded) else StoryNode(None, one, nodes)
    return made[id(root)]


def _first_of_circles(known: dict[UUID, Recorded], causes: dict[UUID, UUID | None]) -> list[UUID]:
    """Of each circle of causes the event that was stored first: there it is cut."""
    found: list[UUID] = []
    done: set[UUID] = set()
    for event_id in known:
        path: dict[UUID, None] = {}
        at: UUID | None = event_id
        while at is not None and at in known and at not in done and at not in path:
            path[at] = None
            at = causes[at]
        if at is not None and at in path:
            circle = list(path)[list(path).index(at) :]
            found.append(min(circle, key=lambda one: _place(known[one])))
        done.update(path)
    return found


def _place(event: Recorded) -> int:
    return (event.link or event).position
