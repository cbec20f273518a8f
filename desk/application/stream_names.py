"""Which streams there are, as far as somebody knows: the store's newest events, its list of names, or an index."""

import re
import threading
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from itertools import compress, islice
from operator import not_
from typing import TYPE_CHECKING, Final

from desk.application.event_question import name_pattern
from desk.application.ranking import match
from desk.application.scanning import UNPROJECTED
from desk.cqrs.errors import AccessDenied, StreamIsGone, StreamNotFound
from desk.cqrs.messages import Query
from desk.cqrs.store import EventStore, Recorded
from desk.records import dataclass

if TYPE_CHECKING:
    from desk.application.event_search import EventIndexReader

NEWEST: Final = 500
"""Events from the end of ``$all`` that tell of streams where nobody has an index."""
LISTED: Final = "$streams"
"""The stream of links, one to the first event of each stream, that a server's own projection writes."""
LONGEST_LIST: Final = 100_000
"""So many names are read from it, the newest first."""
BEST: Final = 1_000
"""So many of the names that have what was typed are ranked."""


class Extent(Enum):
    """How much is known of the streams of a store."""

    NEWEST_EVENTS = "the streams of the newest events"
    LIST_OF_STREAMS = "these, and the names in the server's own list"
    EVERYTHING = "all streams"


@dataclass(frozen=True, slots=True)
class StreamSummary:
    """What is known of one stream. ``revision`` is that of its last event, ``position`` where it stands in ``$all``;
    ``written`` is the store's clock, UTC; ``events`` how many there are. None: not known."""

    name: str
    events: int | None = None
    revision: int | None = None
    position: int | None = None
    written: datetime | None = None


@dataclass(frozen=True, slots=True)
class KnownStreams:
    """Streams, those last written first, and how much of the store that is.

    ``since`` is the first moment from which on all is known, where it is not the beginning.
    """

    streams: tuple[StreamSummary, ...]
    extent: Extent
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class GetKnownStreams(Query[KnownStreams]):
    """All streams that are known; reads on where it stopped the last time."""


class KnownStreamsHandler:
    """Answers GetKnownStreams, by the index where that knows all of them.

    Else it reads the newest events, and ``$streams`` where the server has it; what was read once is not read again.
    """

    def __init__(self, store: EventStore, index: "EventIndexReader | None" = None) -> None:
        self._store, self._index = store, index
        self._known: dict[str, StreamSummary] = {}
        self._listed: int | None = None
        self._lock = threading.Lock()

    def __call__(self, _query: GetKnownStreams) -> KnownStreams:
        """Raises StoreError."""
        known = None if self._index is None else self._index.known_streams()
        if known is not None:
            return known
        with self._lock:
            self._read_list()
            for event in reversed(list(self._store.read_all(backwards=True, limit=NEWEST, only=UNPROJECTED))):
                self._known[event.stream] = summary_of(event)
            streams = sorted(self._known.values(), key=_when, reverse=True)
        extent = Extent.NEWEST_EVENTS if self._listed is None else Extent.LIST_OF_STREAMS
        return KnownStreams(tuple(streams), extent)

    def _read_list(self) -> None:
        """The names that came since the last time; a server without the list, or without the right to it, has none."""
        newest, known = self._listed, self._listed
        try:
            for link in islice(self._store.read_stream(LISTED, backwards=True), LONGEST_LIST):
                if known is not None and link.revision <= known:
                    break
                newest = link.revision if newest is None else max(newest, link.revision)
                name = link.data.decode("utf-8", "replace").partition("@")[2]
                self._known.setdefault(name, StreamSummary(name))
        except (StreamNotFound, StreamIsGone, AccessDenied):
            return
        self._listed = newest


def summary_of(event: Recorded) -> StreamSummary:
    """What an event tells of its stream."""
    return StreamSummary(event.stream, revision=event.revision, position=event.position, written=event.created)


def category_of(name: str) -> str:
    """The category of a stream, as a server's projections see it: what stands before the first dash; else nothing."""
    category, dash, _ = name.partition("-")
    return category if dash else ""


def is_system(name: str) -> bool:
    """Whether a stream is the server's own, or the metadata of another."""
    return name.startswith("$")


def numbers(typed: str) -> tuple[str, ...]:
    """The words of what was typed that are numbers: ``17`` means ``order-000017`` before ``order-000170``."""
    return tuple(word for word in typed.split() if word.isascii() and word.isdecimal())


class StreamFinder:
    """Finds streams by any part of their names: a hundred thousand in 50 ms."""

    def __init__(self, streams: Sequence[StreamSummary]) -> None:
        self.streams = streams
        self.names = frozenset(stream.name for stream in streams)
        self._plain = [stream.name.lower() for stream in streams]
        self.single = tuple(stream.name for stream in streams if not category_of(stream.name))
        self.categories = Counter(category for stream in streams if (category := category_of(stream.name)))

    def find(self, typed: str, limit: int = 100) -> tuple[tuple[StreamSummary, ...], int]:
        """The best for what was typed, at most ``limit``, and how many there are altogether.

        ``order 17`` are words in any place, the beginnings of words first; with ``*`` it is the whole name.
        """
        places = self._with_pattern(typed) if "*" in typed else self._with_words(typed.lower().split())
        names = self.streams
        if "*" not in typed and typed.strip():
            if len(places) > BEST:  # too many to be ranked: those that begin so come first
                first, plain = typed.lower().split()[0], self._plain
                begins = [plain[place].startswith(first) for place in places]
                places = [*compress(places, begins), *compress(places, map(not_, begins))]
            places, rest = places[:BEST], places[BEST:]
            is_named = re.compile("|".join(rf"(?<![0-9])0*{word}(?![0-9])" for word in numbers(typed)) or "^").search
            ranks = {
                place: (is_named(names[place].name) is None, rank.rank)
                for place in places
                if (rank := match(typed, names[place].name)) is not None
            }
            places = sorted(ranks, key=ranks.__getitem__) + rest
        return tuple(names[place] for place in places[:limit]), len(places)

    def of_category(self, category: str, limit: int) -> tuple[StreamSummary, ...]:
        """Streams of a category, those last written first."""
        beginning = f"{category}-"
        return tuple(islice((one for one in self.streams if one.name.startswith(beginning)), limit))

    def _with_words(self, words: Sequence[str]) -> list[int]:
        plain, first = self._plain, words[0] if words else ""
        places = [place for place, name in enumerate(plain) if first in name]
        for word in words[1:]:
            places = [place for place in places if word in plain[place]]
        return places

    def _with_pattern(self, typed: str) -> list[int]:
        matches, streams = re.compile(name_pattern(typed), re.DOTALL).search, self.streams
        parts = sorted(filter(None, map(str.strip, typed.lower().split("*"))), key=len, reverse=True)
        return [place for place in self._with_words(parts) if matches(streams[place].name)]


def _when(stream: StreamSummary) -> int:
    return -1 if stream.position is None else stream.position
