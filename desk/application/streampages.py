"""Pages of any stream, of a category, or of all streams, both ways, straight from the store."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from desk.application.queries import GetBookHistory, GetStreamPage, Source, StreamPage
from desk.application.scanning import UNPROJECTED
from desk.cqrs.errors import StreamIsGone, StreamNotFound
from desk.cqrs.store import EventStore, Filter, Recorded

LINK: Final = "$>"
"""The type of an event that is a link to another one: its data are ``revision@stream``."""


def filter_of(source: Source) -> Filter | None:
    """The server-side filter of a category or of ``$all``. Not for a stream.

    A server's own projections write several links to every event. Where links are resolved, ``$all`` is read without
    them: each event would be shown once more for each of them.
    """
    if source.category:
        return Filter(f"^{re.escape(source.category)}-")
    return UNPROJECTED if source.resolve_links else None


def place_of(source: Source, event: Recorded) -> int:
    """Where an event stands in what is read: its revision in a stream, else its position."""
    if source.stream is None:
        return event.position
    return event.link.revision if event.link else event.revision


def pages_backwards(
    store: EventStore, source: Source, before: int | None, size: int, *, as_stored: bool = False
) -> Iterator[list[Recorded]]:
    """The pages of a source before a place (None: from its newest event on), so that no call lasts for long.

    Each has the newest event first; the last one is empty, and others may be short, as links that lead nowhere are left
    out. ``as_stored``: links are given as they are.
    """
    while True:
        start, page = before, list[Recorded]()
        if start is not None and source.stream is not None:
            start -= 1  # a stream is read from a revision on, included; $all from before a position
        if source.stream is None or start is None or start >= 0:
            page = list(_read(store, source, start, size, backwards=True, as_stored=as_stored))
        yield page
        if not page:
            return
        before = place_of(source, page[-1])


def _read(
    store: EventStore, source: Source, start: int | None, limit: int, *, backwards: bool, as_stored: bool
) -> Iterable[Recorded]:
    links = source.resolve_links and not as_stored
    if source.stream is not None:
        return store.read_stream(source.stream, start=start, backwards=backwards, limit=limit, resolve_links=links)
    return store.read_all(start=start, backwards=backwards, limit=limit, only=filter_of(source), resolve_links=links)


class StreamPages:
    """Answers GetStreamPage and GetBookHistory."""

    def __init__(self, store: EventStore) -> None:
        self._store = store

    def page(self, query: GetStreamPage) -> StreamPage:
        """One page; a stream that is not there, or not any more, is an empty one that says so."""
        try:
            if query.around is not None:
                return self._around(query, query.around)
            return self._forwards(query) if query.oldest or query.after is not None else self._backwards(query)
        except StreamNotFound:
            missing = f"There is no stream named {query.source}, or it was deleted."
        except StreamIsGone:
            missing = f"The stream {query.source} was tombstoned: it can never be read or written again."
        return StreamPage(query.source, (), older=False, newer=False, missing=missing)

    def history(self, query: GetBookHistory) -> tuple[Recorded, ...]:
        """Events of one stream from a revision on."""
        return tuple(self._store.read_stream(query.stream, start=query.from_revision, limit=query.limit))

    def _forwards(self, query: GetStreamPage) -> StreamPage:
        # Reading begins at the last known event itself, as a real server takes positions of events only.
        found = [
            event
            for event in self._events(query.source, query.after, query.limit + 2, backwards=False)
            if query.after is None or place_of(query.source, event) > query.after
        ]
        return StreamPage(
            query.source,
            tuple(found[: query.limit]),
            older=query.after is not None,
            newer=len(found) > query.limit,
        )

    def _around(self, query: GetStreamPage, place: int) -> StreamPage:
        older = self._backwards(replace(query, before=place + 1, limit=query.limit // 2))
        if not older.events:
            return self._forwards(replace(query, oldest=True))
        last = place_of(query.source, older.events[-1])
        newer = self._forwards(replace(query, after=last, limit=query.limit - len(older.events)))
        return replace(newer, events=older.events + newer.events, older=older.older)

    def _backwards(self, query: GetStreamPage) -> StreamPage:
        start = query.before
        if start is not None and query.source.stream is not None:
            start -= 1  # a stream is read from a revision on, included; $all from before a position
            if start < 0:
                return StreamPage(query.source, (), older=False, newer=True)
        found = self._events(query.source, start, query.limit + 1, backwards=True)
        page = tuple(reversed(found[: query.limit]))
        return StreamPage(query.source, page, older=len(found) > query.limit, newer=query.before is not None)

    def _events(self, source: Source, start: int | None, limit: int, *, backwards: bool) -> list[Recorded]:
        """With links resolved, where that is wanted; one that leads nowhere stays as the link that it is.

        Of those, a server and its client say nothing where they resolve links themselves.
        """
        as_stored = list(_read(self._store, source, start, limit, backwards=backwards, as_stored=True))
        if not source.resolve_links or not any(event.type == LINK for event in as_stored):
            return as_stored
        resolved = _read(self._store, source, start, limit, backwards=backwards, as_stored=False)
        by_link = {event.link.id: event for event in resolved if event.link is not None}
        return [by_link.get(event.id, event) for event in as_stored]
