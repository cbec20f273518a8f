"""Hop 8: looks for the events that a filter wants, step by step, until there are enough or somebody stops it."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from PySide6.QtCore import QObject, Signal

from desk.application.event_search import ChosenBy, CountEvents, FoundEvents
from desk.application.filtering import FilterEvents, StreamFilter
from desk.application.queries import Source
from desk.application.session import Session
from desk.gui.streams.reading import PAGE
from desk.gui.widgets.background import GuiBridge
from desk.records import dataclass


@dataclass(frozen=True, slots=True)
class Search:
    """How far somebody looked. ``before`` None: there is nothing more. ``total``: how many there are, where an index
    has counted them."""

    busy: bool = False
    looked_at: int = 0
    back_to: datetime | None = None
    before: int | None = None
    by: ChosenBy | None = None
    missing: str = ""
    total: int | None = None
    problem: str = ""


class FilteredReader(QObject):
    """Reads the events of a source that a filter wants, the newest first.

    Signals:
        found: (tuple of Recorded, oldest first) further events, older than all before.
        changed: the state is another one.
    """

    found = Signal(object)  # tuple[Recorded, ...]
    changed = Signal()

    def __init__(self, session: Session, bridge: GuiBridge, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._bridge = session, bridge
        self._generation = self._count = 0
        self._source, self.wanted = Source(), StreamFilter()
        self.state = Search()

    @property
    def is_on(self) -> bool:
        """Whether there is a filter."""
        return not self.wanted.is_empty

    def look(self, source: Source, wanted: StreamFilter) -> None:
        """Look anew; an empty filter ends it."""
        self._source, self.wanted = source, wanted
        self._set(Search())
        if self.is_on:
            self.look_further()
        else:
            self._generation += 1

    def look_further(self) -> None:
        """Another hundred, further back."""
        self._count = 0
        self._ask()

    def stop(self) -> None:
        """Look no further for now."""
        self._generation += 1
        self._set(replace(self.state, busy=False))

    def _ask(self) -> None:
        self._generation += 1
        self._set(replace(self.state, busy=True, problem=""))
        question = FilterEvents(self._source, self.wanted, self.state.before, PAGE - self._count)
        token, future = self._generation, self._session.queries.ask(question)
        self._bridge.call(future, partial(self._take, token), partial(self._fail, token), self)

    def _take(self, token: int, answer: FoundEvents) -> None:
        if token != self._generation:
            return
        self._count += len(answer.events)
        more = answer.before is not None and self._count < PAGE
        looked = self.state.looked_at + answer.looked_at
        back_to = answer.back_to or self.state.back_to
        if answer.events:
            self.found.emit(tuple(reversed(answer.events)))
        first = self.state.by is None
        self._set(Search(more, looked, back_to, answer.before, answer.by, answer.missing, self.state.total))
        if more:
            self._ask()
        elif first and answer.by is ChosenBy.INDEX and answer.before is not None:
            self._count_all()

    def _count_all(self) -> None:
        """Behind the first page: nobody waits for it."""
        wanted, category = self.wanted, self._source.category or ""
        future = self._session.queries.ask(CountEvents(replace(wanted.question, category=category)))

        def take(total: int | None) -> None:
            if wanted is self.wanted:
                self._set(replace(self.state, total=total))

        self._bridge.call(future, take, lambda _error: None, self)

    def _fail(self, token: int, error: Exception) -> None:
        if token == self._generation:
            self._set(replace(self.state, busy=False, problem=str(error)))

    def _set(self, state: Search) -> None:
        self.state = state
        self.changed.emit()
