"""Hop 8: pages of one source and what comes live, for the Streams panel. Whoever asks again drops what was asked."""

from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal

from desk.application.queries import GetStreamPage, Source, StreamPage
from desk.application.session import Connection, Light, Session, TailState
from desk.application.stream_extent import GetStreamExtent, Located, LocateEvent, StreamExtent
from desk.application.streampages import place_of
from desk.cqrs.store import Recorded
from desk.gui.streams.model import KEPT
from desk.gui.widgets.background import GuiBridge
from desk.gui.widgets.batched_tail import BatchedTail
from desk.records import dataclass

PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Reading:
    """Where the reader is. ``older`` and ``newer``: there is more on that side. ``new`` events were not shown yet.

    ``extent`` is how far the stream reaches, once that is known; of a category and ``$all`` nobody knows it.
    """

    source: Source | None = None
    busy: bool = False
    older: bool = False
    newer: bool = False
    live: bool = False
    caught_up: bool = False
    new: int = 0
    missing: str = ""
    problem: str = ""
    extent: StreamExtent | None = None


class PageReader(QObject):
    """Reads pages, and follows while it is to be live.

    Signals:
        changed: the state is another one.
        page_read: (StreamPage) show this in place of what is shown.
        arrived: (tuple of Recorded) newer events, to be shown behind the newest page.
        located: (Located) where the event stands that somebody wants to go to, or why nowhere.
    """

    changed = Signal()
    page_read = Signal(object)  # StreamPage
    arrived = Signal(object)  # tuple[Recorded, ...]
    located = Signal(object)  # Located

    def __init__(self, session: Session, bridge: GuiBridge, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._bridge = session, bridge
        self._generation = 0
        self._tail = BatchedTail(session, bridge, lambda event: event, self._take, self._tell, self, bound=KEPT)
        self._known: int | None = None
        self._paused = False
        self._failed: GetStreamPage | None = None
        self._goal: LocateEvent | None = None
        self.at_end = True
        self.state = Reading()
        bridge.connection_changed.connect(self._try_again)

    def open(self, source: Source, place: int | None = None) -> None:
        """Show the newest page of a source, or the one with a place; live, if the one before was."""
        self._tail.stop()
        self._known = None
        self._set(Reading(source, live=self.state.live))
        if place is None:
            self.newest()
        else:
            self.around(place)
        self._measure()

    def newest(self) -> None:
        """Go to the newest page."""
        self._ask(GetStreamPage(self._source(), limit=PAGE))

    def oldest(self) -> None:
        """Go to the first page."""
        self._ask(GetStreamPage(self._source(), oldest=True, limit=PAGE))

    def older(self, before: int) -> None:
        """Go to the page before a revision (a stream) or a position (else)."""
        self._ask(GetStreamPage(self._source(), before=before, limit=PAGE))

    def newer(self, after: int) -> None:
        """Go to the page after a revision or position."""
        self._ask(GetStreamPage(self._source(), after=after, limit=PAGE))

    def around(self, place: int) -> None:
        """Go to the page that has this revision (a stream) or position (else)."""
        self._ask(GetStreamPage(self._source(), around=place, limit=PAGE))

    def locate(self, goal: LocateEvent) -> None:
        """Find out where something stands; ``located`` tells, or goes on looking while ``before`` is said."""
        self._goal = goal
        self._set(replace(self.state, busy=True, problem=""))
        future = self._session.queries.ask(goal)
        self._bridge.call(future, partial(self._found, goal), partial(self._lost, goal), self)

    def stop_looking(self) -> None:
        """What is looked for is not wanted any more."""
        self._goal = None
        self._set(replace(self.state, busy=False))

    def _found(self, goal: LocateEvent, located: Located) -> None:
        if goal is self._goal:
            self._set(replace(self.state, busy=False))
            self.located.emit(located)

    def _lost(self, goal: LocateEvent, error: Exception) -> None:
        self._found(goal, Located(why_not=str(error)))

    def _measure(self) -> None:
        """Ask how far the stream reaches."""
        source = self._source()
        if source.stream is not None:
            future = self._session.queries.ask(GetStreamExtent(source.stream))
            # Where it cannot be asked it is not known, and nothing is said of it.
            self._bridge.call(future, partial(self._measured, source), lambda _error: None, self)

    def _measured(self, source: Source, extent: StreamExtent) -> None:
        if source == self.state.source:
            known = self._known if self._known is not None else -1
            last = None if extent.last is None else max(extent.last, known)
            self._set(replace(self.state, extent=replace(extent, last=last)))

    def _reaches(self, last: int) -> None:
        """The stream is longer now."""
        extent = self.state.extent
        if extent is not None and (extent.last is None or extent.last < last):
            first = last if extent.first is None else extent.first
            self._set(replace(self.state, extent=replace(extent, first=first, last=last)))

    def set_live(self, *, live: bool) -> None:
        """Follow what is new, from the end on, or do so no more."""
        if live == self.state.live:
            return
        self._set(replace(self.state, live=live, caught_up=False, new=0))
        self._tail.stop()
        if live:
            self._go_on()

    def _go_on(self) -> None:
        """Follow from the newest event that is shown; where others are shown, go there first."""
        if self.state.source is None or self._paused:
            return
        if self.at_end and not self.state.busy and not self.state.problem:
            self._tail.start(self._source(), self._known)
        else:
            self.newest()

    def pause(self) -> None:
        """Read nothing for now."""
        self._paused = True
        self._generation += 1
        self._tail.stop()
        self._set(replace(self.state, busy=False, caught_up=False))

    def resume(self) -> None:
        """Read again; who was live goes on with what came meanwhile."""
        was = self._paused
        self._paused = False
        if was and self._failed is not None:
            self._ask(self._failed)
        elif was and self.state.live:
            self._go_on()

    def _source(self) -> Source:
        if self.state.source is None:
            raise ValueError("no source is open")
        return self.state.source

    def _set(self, state: Reading) -> None:
        if state != self.state:
            self.state = state
            self.changed.emit()

    def _try_again(self, connection: Connection) -> None:
        """The store is back: what failed without it is asked once more. A tail takes itself up again."""
        if connection.light is Light.GREEN and self._failed is not None and not self._paused:
            self._ask(self._failed)

    def _ask(self, question: GetStreamPage) -> None:
        self._generation += 1
        self._failed = None
        self._set(replace(self.state, busy=True, problem=""))
        future = self._session.queries.ask(question)
        token = self._generation
        self._bridge.call(future, partial(self._show, token, question), partial(self._fail, token, question), self)

    def _show(self, token: int, question: GetStreamPage, page: StreamPage) -> None:
        if token != self._generation:
            return
        beyond = question.before is not None or question.after is not None
        if beyond and not page.events:
            self._stay(question)
            return
        self.at_end = not page.newer
        new = 0 if self.at_end else self.state.new
        state = replace(self.state, busy=False, older=page.older, newer=page.newer, missing=page.missing, new=new)
        self._set(state)
        if page.events and page.source.stream is not None:
            self._reaches(place_of(page.source, page.events[-1]))
        self.page_read.emit(page)
        if self.at_end:
            self._arrived_at_end(place_of(page.source, page.events[-1]) if page.events else None)

    def _stay(self, question: GetStreamPage) -> None:
        """There is nothing further on that side: what is shown stays."""
        if question.after is None:
            self._set(replace(self.state, busy=False, older=False))
            return
        self.at_end = True
        self._set(replace(self.state, busy=False, newer=False, new=0))
        self._arrived_at_end(question.after)

    def _arrived_at_end(self, known: int | None) -> None:
        self._known = known
        if self.state.live and not self._paused:
            self._tail.start(self._source(), self._known)

    def _fail(self, token: int, question: GetStreamPage, error: Exception) -> None:
        if token == self._generation:
            self._failed = question
            self._set(replace(self.state, busy=False, problem=str(error)))

    def _take(self, events: tuple[Recorded, ...], dropped: int) -> None:
        self._set(replace(self.state, missing=""))
        if self._source().stream is not None:
            self._reaches(place_of(self._source(), events[-1]))
        if self.at_end:
            self._known = place_of(self._source(), events[-1])
            self.arrived.emit(events)
        else:
            self.count_new(len(events) + dropped)

    def count_new(self, count: int) -> None:
        """So many more events came that nobody has seen."""
        self._set(replace(self.state, new=self.state.new + count))

    def seen(self) -> None:
        """All that came was seen."""
        self._set(replace(self.state, new=0))

    def lose_end(self) -> None:
        """Show no more of what comes: it is only counted until the newest page is asked for."""
        self.at_end = False
        self._set(replace(self.state, newer=True))

    def _tell(self, tail: TailState) -> None:
        self._set(replace(self.state, caught_up=tail.live, problem=tail.problem))
