"""Looks through a store from its newest event backwards, page by page: what there is without an index."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from desk.cqrs.store import EventStore, Filter, Recorded
from desk.records import dataclass

UNPROJECTED = Filter(r"^(?!(\$\$)?\$(ce-|et-|bc-|category-|streams$))")
"""All streams but those that a server's own projections write, and their metadata."""
PAGE: Final = 1000
"""Events of one reading: few enough to be stopped between two of them without a wait."""


@dataclass(frozen=True, slots=True)
class Looked:
    """How far somebody looked: so many events, back to this position and time; ``whole``: to the first event.

    ``share`` (0 to 1) is of the store's positions. Nothing is looked at again where a scan begins at ``position``.
    """

    events: int = 0
    position: int | None = None
    created: datetime | None = None
    share: float = 0.0
    whole: bool = False


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """Events in the order of looking, the newest first, and how far that is."""

    events: tuple[Recorded, ...]
    looked: Looked


class BackwardScan:
    """A scan of all streams but those that a server's own projections write, or of what ``only`` lets through of them.

    It begins before a position (None: with the newest), and ends at the first event, at the first one that was stored
    before ``since``, or at position ``down_to``, which is left out. Broken off by a
    StoreError, it goes on where it was: iterate again.
    """

    def __init__(
        self,
        store: EventStore,
        only: Filter = UNPROJECTED,
        *,
        since: datetime | None = None,
        before: int | None = None,
        down_to: int | None = None,
    ) -> None:
        self._store, self._only, self._since, self._down_to = store, only, since, down_to
        self._newest: int | None = None
        self.looked = Looked(position=before)

    def __iter__(self) -> Iterator[ScannedPage]:
        while not self.looked.whole:
            yield self._page()

    def _page(self) -> ScannedPage:
        page = tuple(self._store.read_all(start=self.looked.position, backwards=True, limit=PAGE, only=self._only))
        wanted = tuple(event for event in page if self._is_wanted(event))
        whole = len(page) < PAGE or len(wanted) < len(page)
        self.looked = replace(self.looked, events=self.looked.events + len(wanted), whole=whole)
        if page:
            self._newest = self._newest or page[0].position
            last = (wanted or page)[-1]
            share = 1.0 if whole or not self._newest else 1 - last.position / self._newest
            self.looked = replace(self.looked, position=last.position, created=last.created, share=share)
        return ScannedPage(wanted, self.looked)

    def _is_wanted(self, event: Recorded) -> bool:
        if self._down_to is not None and event.position <= self._down_to:
            return False
        return self._since is None or event.created is None or event.created >= self._since
