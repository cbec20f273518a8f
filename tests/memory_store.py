"""A whole event store in lists, for tests that need no server.

It keeps every promise of the port (``tests/store/contract.py`` holds it to them) and can be told to fail.
"""

import re
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid4

from desk.cqrs.errors import Conflict, OutcomeUnknown, StoreError, StoreUnavailable, StreamIsGone, StreamNotFound
from desk.cqrs.store import CaughtUp, Checkpoint, Feed, Filter, NewEvent, Receipt, Recorded
from desk.store.appends import admit

STRIDE: Final = 100
"""Distance of two positions, from 0 on: a real server has gaps too, and a first event at 0."""

CHECKPOINT_EVERY: Final = 150
"""Events that a filtered feed considers between two checkpoints, as with the client's settings."""

_LAST_REVISION: Final = 2**63 - 1


class MemoryStore:
    """The event store port over lists. Thread-safe.

    ``fail_next``, ``lose_next_answer``, ``go_away``, ``drop_feeds`` and ``tombstone`` make it misbehave on purpose.
    ``refusal`` is what every call raises. ``id`` is what it calls itself; most servers have none.
    """

    def __init__(self, id: UUID | None = None) -> None:
        self._id = id
        self._scavenged: set[int] = set()
        self._changed = threading.Condition()
        self._log: list[Recorded] = []
        self._streams: dict[str, list[Recorded]] = {}
        self._gone: set[str] = set()
        self._planned: deque[StoreError | Conflict] = deque()
        self._answers_to_lose = 0
        self._away: str | None = None
        self.refusal: StoreError | None = None
        self._closed = False
        self._feeds_dropped = 0

    # Misbehaving

    def fail_next(self, error: StoreError | Conflict) -> None:
        """The next append raises this and stores nothing; several calls queue up."""
        with self._changed:
            self._planned.append(error)

    def lose_next_answer(self) -> None:
        """The next append stores its events and then raises OutcomeUnknown."""
        with self._changed:
            self._answers_to_lose += 1

    def go_away(self, reason: str = "The event store is away.") -> None:
        """Every call raises StoreUnavailable, and running feeds are dropped, until :meth:`come_back`."""
        with self._changed:
            self._away = reason
        self.drop_feeds()

    def come_back(self) -> None:
        """Answer again."""
        with self._changed:
            self._away = None

    def reconnect(self, uri: str | None = None) -> None:
        """Drop running feeds, as the real adapter does; ``uri`` is there for the likeness."""
        self.drop_feeds()

    def drop_feeds(self) -> None:
        """Running feeds raise StoreUnavailable, as when a server drops a slow subscriber."""
        with self._changed:
            self._feeds_dropped += 1
            self._changed.notify_all()

    def scavenge(self, *positions: int) -> None:
        """Take these events away: their positions stay empty for ever. As on servers an event tells of it."""
        with self._changed:
            self._scavenged.update(positions)
            revision = len(self._streams.get("$scavenges", []))
            self._store("$scavenges", NewEvent(uuid4(), "$scavengeCompleted", b"{}", b""), revision)

    def tombstone(self, stream: str) -> None:
        """Delete a stream for good: it leaves its tombstone in ``$all`` and can never be used again."""
        with self._changed:
            self._gone.add(stream)
            self._store(stream, NewEvent(uuid4(), "$streamDeleted", b"", b""), _LAST_REVISION, is_json=False)

    # The port

    def append(self, stream: str, expected: int, events: tuple[NewEvent, ...], *, timeout: float) -> Receipt:
        """As the port says; it never takes any time, so ``timeout`` only has to be above zero."""
        admit(stream, expected, events)
        with self._changed:
            self._check(stream)
            if timeout <= 0:
                raise StoreUnavailable("There was no time left to ask the event store.")
            if self._planned:
                raise self._planned.popleft()
            last = self._append(stream, expected, events)
            if self._answers_to_lose:
                self._answers_to_lose -= 1
                raise OutcomeUnknown("Whether the change was stored is not known. The answer was lost.")
        return Receipt(stream, last.revision, last.position, tuple(event.id for event in events))

    def _append(self, stream: str, expected: int, events: tuple[NewEvent, ...]) -> Recorded:
        held = self._streams.get(stream, [])
        actual = len(held) - 1
        if expected != actual:
            repeated = held[expected + 1 : expected + 1 + len(events)]
            if expected < actual and [e.id for e in repeated] == [e.id for e in events]:
                return repeated[-1]
            raise Conflict(stream, expected, actual)
        last = [self._store(stream, event, expected + 1 + i) for i, event in enumerate(events)][-1]
        self._changed.notify_all()
        return last

    def _store(self, stream: str, event: NewEvent, revision: int, *, is_json: bool = True) -> Recorded:
        recorded = Recorded(
            id=event.id,
            stream=stream,
            revision=revision,
            position=len(self._log) * STRIDE,
            type=event.type,
            data=event.data,
            metadata=event.metadata,
            created=datetime.now(UTC),
            is_json=is_json,
        )
        self._log.append(recorded)
        self._streams.setdefault(stream, []).append(recorded)
        self._changed.notify_all()
        return recorded

    def read_stream(
        self,
        stream: str,
        *,
        start: int | None = None,
        backwards: bool = False,
        limit: int | None = None,
        resolve_links: bool = False,
    ) -> Iterator[Recorded]:
        """As the port says: the stream as it was at the first ``next``."""
        with self._changed:
            self._check(stream)
            if stream not in self._streams:
                raise StreamNotFound(f"The stream {stream} has no events.")
            held = list(self._streams[stream])
        if start is not None:
            held = held[: start + 1] if backwards else held[start:]
        yield from self._resolved(held[::-1][:limit] if backwards else held[:limit], resolve_links=resolve_links)

    def read_all(
        self,
        *,
        start: int | None = None,
        backwards: bool = False,
        limit: int | None = None,
        only: Filter | None = None,
        resolve_links: bool = False,
    ) -> Iterator[Recorded]:
        """As the port says: the log as it was at the first ``next``."""
        with self._changed:
            self._check()
            log = list(self._log)
        if start is not None:
            index = -(-start // STRIDE)
            log = log[:index] if backwards else log[index:]
        there = [event for event in log if event.position not in self._scavenged]
        chosen = [event for event in (reversed(there) if backwards else there) if _matches(event, only)]
        yield from self._resolved(chosen[:limit], resolve_links=resolve_links)

    def follow_all(
        self,
        *,
        after: int | None = None,
        only: Filter | None = None,
        resolve_links: bool = False,
    ) -> Feed:
        """As the port says."""
        return _MemoryFeed(self, None, after, only, resolve_links=resolve_links)

    def follow_stream(
        self,
        stream: str,
        *,
        after: int | None = None,
        resolve_links: bool = False,
    ) -> Feed:
        """As the port says; the stream need not exist yet."""
        return _MemoryFeed(self, stream, after, None, resolve_links=resolve_links)

    def head(self) -> int | None:
        """As the port says."""
        with self._changed:
            self._check()
            there = (event.position for event in reversed(self._log) if event.position not in self._scavenged)
            return next(there, None)

    def store_id(self) -> UUID | None:
        """As the port says."""
        with self._changed:
            self._check()
            return self._id

    def event_at(self, position: int) -> Recorded | None:
        """As the port says."""
        with self._changed:
            self._check()
            index, rest = divmod(position, STRIDE)
            there = rest == 0 and 0 <= index < len(self._log) and position not in self._scavenged
            return self._log[index] if there else None

    def close(self) -> None:
        """End all feeds; later calls raise StoreUnavailable."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _check(self, stream: str | None = None) -> None:
        if self._closed:
            raise StoreUnavailable("The event store is closed.")
        if self.refusal is not None:
            raise self.refusal
        if self._away is not None:
            raise StoreUnavailable(self._away)
        if stream in self._gone:
            raise StreamIsGone(f"The stream {stream} was deleted for good.")

    def _resolved(self, events: list[Recorded], *, resolve_links: bool) -> Iterator[Recorded]:
        for event in events:
            found = self._target(event) if resolve_links and event.type == "$>" else event
            if found is not None:
                yield found

    def _target(self, link: Recorded) -> Recorded | None:
        """The event that a link (``revision@stream``) points to; the client skips links that lead nowhere."""
        revision, _, stream = link.data.decode().partition("@")
        with self._changed:
            held = self._streams.get(stream, [])
            index = int(revision)
            if stream in self._gone or index >= len(held):
                return None
            return replace(held[index], position=link.position, link=link)


def _matches(event: Recorded, only: Filter | None) -> bool:
    return only is None or re.search(only.pattern, event.type if only.by_type else event.stream) is not None


class _MemoryFeed:
    """A feed over the lists: it sleeps on the store's condition and is woken by each append."""

    def __init__(
        self,
        store: MemoryStore,
        stream: str | None,
        after: int | None,
        only: Filter | None,
        *,
        resolve_links: bool,
    ) -> None:
        self._store, self._stream, self._after, self._only = store, stream, after, only
        self._resolve_links = resolve_links
        self._stopped = False

    def stop(self) -> None:
        """End the iteration, from any thread."""
        with self._store._changed:
            self._stopped = True
            self._store._changed.notify_all()

    def __iter__(self) -> Iterator[Recorded | Checkpoint | CaughtUp]:
        with self._store._changed:
            if self._stopped:
                return
            self._store._check(self._stream)
            dropped = self._store._feeds_dropped
            index = self._first()
        considered, live = 0, False
        while not self._stopped and not self._store._closed:
            event = self._next(index, dropped, wait=live)
            if event is None:
                if not live:
                    live = True
                    yield CaughtUp()
                continue
            index, considered = index + 1, considered + 1
            if _matches(event, self._only) and event.position not in self._store._scavenged:
                yield from self._store._resolved([event], resolve_links=self._resolve_links)
            if self._only is not None and considered % CHECKPOINT_EVERY == 0:
                yield Checkpoint(event.position)

    def _events(self) -> list[Recorded]:
        return self._store._log if self._stream is None else self._store._streams.get(self._stream, [])

    def _first(self) -> int:
        """The index to begin with."""
        if self._after is None:
            return 0
        return self._after + 1 if self._stream is not None else self._after // STRIDE + 1

    def _next(self, index: int, dropped: int, *, wait: bool) -> Recorded | None:
        """The event at ``index``; None where there is none yet, and, after waiting, where the feed is to end."""
        with self._store._changed:
            while True:
                if self._store._feeds_dropped != dropped and not self._stopped:
                    raise StoreUnavailable(self._store._away or "The event store dropped the feed.")
                events = self._events()
                if index < len(events):
                    return events[index]
                if not wait or self._stopped or self._store._closed:
                    return None
                self._store._changed.wait()
