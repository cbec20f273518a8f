"""A stream folded once: the state as of each of its events, and which event set each field; kept for a few streams."""

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, Final, Generic, TypeVar
from weakref import WeakValueDictionary

from desk.application.book_fields import Changes, Fields
from desk.application.inspection.fold import CannotFold, Fold, FoldOf
from desk.application.inspection.user_folds import UserFold
from desk.cqrs.errors import StreamNotFound
from desk.cqrs.store import EventStore, Recorded

S = TypeVar("S")

NEIGHBOURS: Final = 20
"""Events on either side of those that are looked at in which others of the same command are found."""

KEYFRAME: Final = 64
"""The state is kept after each so many events; between them it is folded again."""

LONGEST_FOLD: Final = 20_000
"""Events of a stream up to which its state is folded."""

MOST_KEPT: Final = 60_000
"""Events of all kept streams; the stream that was looked at longest ago goes first."""


class FoldedStream(Generic[S]):
    """The first events of a stream, oldest first, and what they make. Belongs to whoever reads it just now.

    ``problem`` is a sentence where folding ended before the last event.
    """

    def __init__(self, fold: Fold[S]) -> None:
        self._fold = fold
        self.events: list[Recorded] = []
        self.problem = ""
        self._state = fold.initial
        self._folded = 0
        self._keyframes: list[S] = [fold.initial]
        self._setters: dict[str, list[int]] = {}

    @property
    def note(self) -> str:
        """What has to be said beside its states."""
        return self._fold.note

    def is_by(self, fold: Fold[Any]) -> bool:
        """Whether it was folded by this very fold: one of the user's own may have been saved anew."""
        return self._fold is fold

    def extend(self, events: Iterable[Recorded]) -> None:
        """Further events of the stream."""
        events = tuple(events)
        if isinstance(self._fold, UserFold):
            self._fold.prepare((*self.events, *events))
        for event in events:
            self.events.append(event)
            if not self.problem:
                self._step(event)

    def _step(self, event: Recorded) -> None:
        try:
            after = self._fold.evolve(self._state, event)
        except CannotFold as error:
            self.problem = str(error)
            return
        for key in self._fold.changes(self._state, after):
            self._setters.setdefault(key, []).append(self._folded)
        self._state = after
        self._folded += 1
        if self._folded % KEYFRAME == 0:
            self._keyframes.append(after)

    def count_upto(self, revision: int) -> int:
        """How many of the events have at most this revision."""
        return bisect_right(self.events, revision, key=lambda event: event.revision)

    def fields(self, count: int) -> Fields:
        """The fields after the first ``count`` events. Raises CannotFold."""
        return self._fold.fields(self._state_after(count))

    def changes(self, since: int, upto: int) -> Changes:
        """What differs between the states after the first ``since`` and ``upto`` events. Raises CannotFold."""
        return self._fold.changes(self._state_after(since), self._state_after(upto))

    def setter(self, key: str, count: int) -> Recorded | None:
        """The last of the first ``count`` events that set a field; None where none did."""
        places = self._setters.get(key, ())
        place = bisect_right(places, count - 1)
        return self.events[places[place - 1]] if place else None

    def touches(self) -> dict[str, tuple[int, ...]]:
        """The revisions of the events that set each field."""
        return {key: tuple(self.events[place].revision for place in places) for key, places in self._setters.items()}

    def _state_after(self, count: int) -> S:
        if count > self._folded:
            raise CannotFold(self.problem)
        if count == self._folded:
            return self._state
        frame = count // KEYFRAME
        state = self._keyframes[frame]
        for event in self.events[frame * KEYFRAME : count]:
            state = self._fold.evolve(state, event)
        return state


class FoldedStreams:
    """The streams that were looked at lately. Safe to use from several threads: one waits for another at the same
    stream only."""

    def __init__(self, store: EventStore, fold_of: FoldOf) -> None:
        self._store, self._fold_of = store, fold_of
        self._kept: OrderedDict[str, FoldedStream[Any]] = OrderedDict()
        self._guard = threading.Lock()
        self._locks: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()

    @contextmanager
    def upto(self, stream: str, revision: int) -> Iterator[FoldedStream[Any] | None]:
        """The stream with its events up to this revision at least, for as long as it is read here; None where nothing
        folds it. Raises StreamNotFound, StoreError.
        """
        with self._guard:
            lock = self._locks.setdefault(stream, threading.Lock())
        with lock:
            with self._guard:
                fold, found = self._fold_of(stream), self._kept.get(stream)
            if fold is None:
                yield None
                return
            if found is not None and not found.is_by(fold):
                found = None
            if found is None or not found.events or found.events[-1].revision < revision:
                found = self._read(stream, fold, found, revision)
            self._keep(stream, found)
            yield found

    def _keep(self, stream: str, found: FoldedStream[Any]) -> None:
        with self._guard:
            self._kept[stream] = found
            self._kept.move_to_end(stream)
            while len(self._kept) > 1 and sum(len(kept.events) for kept in self._kept.values()) > MOST_KEPT:
                self._kept.popitem(last=False)

    def _read(self, stream: str, fold: Fold[Any], known: "FoldedStream[Any] | None", upto: int) -> FoldedStream[Any]:
        """Go on behind the last known event, where that is still in the store; else begin anew."""
        last = known.events[-1] if known is not None and known.events else None
        fresh = self._events(stream, last.revision if last else None, upto)
        if known is not None and last is not None:
            if fresh and fresh[0].id == last.id:
                known.extend(fresh[1:])
                return known
            fresh = self._events(stream, None, upto)
        anew = FoldedStream(fold)
        anew.extend(fresh)
        return anew

    def _events(self, stream: str, start: int | None, upto: int) -> Sequence[Recorded]:
        try:
            found = self._store.read_stream(stream, start=start, limit=upto - (start or 0) + 1)
            return [event for event in islice(found, LONGEST_FOLD + 1) if event.revision <= upto]
        except StreamNotFound:
            return []


class FoldedReader:
    """Events of a stream, out of what is folded already where that is so. Safe to use from several threads."""

    def __init__(self, store: EventStore, streams: FoldedStreams) -> None:
        self._store, self._streams = store, streams

    def upto(self, stream: str, revision: int) -> tuple[Recorded, ...]:
        """All events up to a revision, of a stream that is folded. Raises StreamNotFound, StoreError."""
        with self._streams.upto(stream, revision) as folded:
            events = tuple(folded.events[: folded.count_upto(revision)]) if folded is not None else ()
        if not events or events[-1].revision != revision:
            raise StreamNotFound(f"{stream} has no event of revision {revision}.")
        return events

    def whole(self, stream: str) -> tuple[Recorded, ...]:
        """All events of a stream that is folded, as far as it is; none of another one. Raises StoreError."""
        with self._streams.upto(stream, LONGEST_FOLD - 1) as folded:
            return tuple(folded.events) if folded is not None else ()

    def around(self, stream: str, since: int | None, revision: int) -> tuple[Recorded, ...]:
        """The events after ``since`` (by default the one alone) up to a revision, with some on either side of them:
        those of one command stand beside each other. Raises StreamNotFound, StoreError.
        """
        first = max((revision if since is None else since + 1) - NEIGHBOURS, 0)
        count = revision - first + 1 + NEIGHBOURS
        return tuple(self._store.read_stream(stream, start=first, limit=count))
