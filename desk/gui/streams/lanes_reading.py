"""Hop 8: several sources read together, again whenever the store has gone on; for their swim lanes."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from desk.application.queries import GetStreamPage, Source, StreamPage
from desk.application.session import Connection, Light, Session, TailState
from desk.application.swim_lanes import LaneEvent, StoreMark, SwimLanes, lane_event, mark_of
from desk.gui.widgets.background import GuiBridge, start
from desk.gui.widgets.batched_tail import BatchedTail
from desk.gui.widgets.controls import later

BETWEEN: Final = 250
"""Milliseconds between two rounds at least."""


class LanesReader(QObject):
    """Reads in rounds: first where the store is, then of each source what it has, so that none of it can be missing.

    The store's own tail says when another round is due; it is no source of events itself.

    Signals:
        found: (tuple of LaneEvent) more events, of all sources at once.
        changed: it is reading, or no more; or what is complete is more; or something went wrong.
    """

    found = Signal(object)  # tuple[LaneEvent, ...]
    changed = Signal()

    def __init__(self, session: Session, bridge: GuiBridge, lanes: SwimLanes, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._bridge, self._lanes = session, bridge, lanes
        self._tail = BatchedTail(session, bridge, mark_of, self._tick, self._tell, self, bound=1)
        self._token = 0
        self._waiting: set[int] = set()
        self._gathered: list[LaneEvent] = []
        self._mark: StoreMark | None = None
        self._due: StoreMark | None = None
        self._is_paused = True
        self.busy = self.live = False
        self.problem = ""
        self._pause = later(self, BETWEEN, self._go_on)
        bridge.connection_changed.connect(self._try_again)

    def resume(self) -> None:
        """Read what there is, and then what comes."""
        if self._is_paused:
            self._is_paused = False
            self._look_where_the_store_is()

    def pause(self) -> None:
        """Read nothing; what is on its way is dropped."""
        self._is_paused = True
        self._stop()

    def read_older(self) -> None:
        """What is before, of the sources of which least is known."""
        questions = self._lanes.older()
        if questions and not self.busy:
            self._begin(questions, None)

    def _stop(self) -> None:
        self._token += 1
        self._pause.stop()
        self._tail.stop()
        self.busy = self.live = False
        self._due = None

    def _look_where_the_store_is(self) -> None:
        self._stop()
        self.busy, self.problem = True, ""
        self._ask(GetStreamPage(Source(), limit=1), self._begin_first)
        self.changed.emit()

    def _begin_first(self, page: StreamPage) -> None:
        mark = mark_of(page.events[-1]) if page.events else StoreMark(-1, None)
        self._tail.start(Source(), mark.position if page.events else None)
        self._begin(dict(enumerate(self._lanes.newer())), mark)

    def _tick(self, marks: Sequence[StoreMark], _dropped: int) -> None:
        """The store is there now."""
        self._due = marks[-1]
        if not self.busy and not self._pause.isActive():
            self._go_on()

    @Slot()
    def _go_on(self) -> None:
        if self._due is not None and not self.busy:
            mark, self._due = self._due, None
            self._begin(dict(enumerate(self._lanes.newer())), mark)

    def _begin(self, questions: dict[int, GetStreamPage], mark: StoreMark | None) -> None:
        self.busy, self._mark, self._gathered, self._waiting = True, mark, [], set(questions)
        for number, question in questions.items():
            self._ask(question, partial(self._take, number, question))
        self.changed.emit()

    def _ask(self, question: GetStreamPage, take: Callable[[StreamPage], None]) -> None:
        token = self._token

        def answered(page: StreamPage) -> None:
            if token == self._token:
                take(page)

        self._bridge.call(self._session.queries.ask(question), answered, partial(self._fail, token), self)

    def _take(self, number: int, question: GetStreamPage, page: StreamPage) -> None:
        instead = self._lanes.take(number, question, page)
        if instead is not None:
            self._ask(instead, partial(self._take, number, instead))
            return
        reading = start(lambda: tuple(lane_event(event, number) for event in page.events), "lanes")
        self._bridge.call(reading, partial(self._gather, self._token, number), None, self)

    def _gather(self, token: int, number: int, events: tuple[LaneEvent, ...]) -> None:
        if token != self._token:
            return
        self._gathered += events
        self._waiting.discard(number)
        if self._waiting:
            return
        if self._mark is not None:
            self._lanes.reached(self._mark)
        self.busy, self.problem = False, ""
        self._pause.start()
        self.found.emit(tuple(self._gathered))
        self.changed.emit()

    def _fail(self, token: int, error: Exception) -> None:
        if token == self._token:
            self._stop()
            self.problem = str(error)
            self.changed.emit()

    def _tell(self, tail: TailState) -> None:
        self.live = tail.live
        if tail.problem:
            self.problem = tail.problem
        self.changed.emit()

    def _try_again(self, connection: Connection) -> None:
        """The store is back: what failed is asked once more. A tail takes itself up again."""
        if connection.light is Light.GREEN and self.problem and not (self._tail.is_running or self._is_paused):
            self._look_where_the_store_is()
