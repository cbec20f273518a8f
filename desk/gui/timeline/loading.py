"""Hop 8: a stream's events for the history: from the read model, else from the store backwards, and then live."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final, TypeVar

from PySide6.QtCore import QObject, Signal

from desk.application.history import HistoryColumns
from desk.application.queries import GetActivity, GetStreamPage, Source, StreamPage
from desk.application.session import Connection, Light, Session, TailState
from desk.application.timeline.rows import EventRow, row_of
from desk.cqrs.messages import Query
from desk.gui.timeline.model import EventTableModel
from desk.gui.widgets.background import GuiBridge
from desk.gui.widgets.batched_tail import BatchedTail
from desk.gui.widgets.controls import later
from desk.records import dataclass

R = TypeVar("R")

PAGE: Final = 500
SETTLE: Final = 120
"""Milliseconds that a stream has to stay chosen before it is followed: walking through a table follows none."""


@dataclass(frozen=True, slots=True)
class Loading:
    """How far the loader is. ``missing`` says why there is nothing to see, ``problem`` what went wrong."""

    stream: str = ""
    busy: bool = False
    live: bool = False
    missing: str = ""
    problem: str = ""


class HistoryLoader(QObject):
    """Fills a model with one stream after the other; answers to a question that was overtaken are dropped.

    Signals:
        changed: the state is another one.
        shown: the model holds the first events of the stream that was asked for, or none.
    """

    changed = Signal()
    shown = Signal()

    def __init__(
        self,
        session: Session,
        bridge: GuiBridge,
        model: EventTableModel,
        arrive: Callable[[tuple[EventRow, ...]], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._session, self._bridge, self._model, self._arrive = session, bridge, model, arrive
        self._generation = 0
        self._tail = BatchedTail(session, bridge, row_of, self._take, self._tell, self)
        self._older = self._failed = False
        self.state = Loading()
        self._settle = later(self, SETTLE, self._follow)
        bridge.connection_changed.connect(self._try_again)

    def load(self, stream: str) -> None:
        """Show a stream; what is shown stays until the first answer."""
        self.stop()
        self._set(Loading(stream, busy=True))
        self._ask_activity()

    def resume(self) -> None:
        """Go on after :meth:`stop`, from the last event that is known."""
        if not self.state.stream or (self._tail.is_running and not self._older):
            return
        self._set(replace(self.state, problem=""))
        if self._model.full.stream != self.state.stream or not len(self._model.full):
            self.load(self.state.stream)
            return
        if self._older:
            self._ask_page(self._model.full.revisions[0])
        if not self._tail.is_running:
            self._settle.start()

    def stop(self) -> None:
        """Read no more; what is shown stays."""
        self._generation += 1
        self._failed = False
        self._settle.stop()
        self._tail.stop()
        self._set(replace(self.state, live=False))

    def _set(self, state: Loading) -> None:
        if state != self.state:
            self.state = state
            self.changed.emit()

    def _try_again(self, connection: Connection) -> None:
        """The store is back: what failed without it is asked once more. A tail takes itself up again."""
        if connection.light is Light.GREEN and self._failed:
            self._failed = False
            self.resume()

    def _ask_activity(self) -> None:
        self._ask(GetActivity(self.state.stream), self._show_activity)

    def _ask_page(self, before: int | None) -> None:
        question = GetStreamPage(Source(stream=self.state.stream), before=before, limit=PAGE)
        self._ask(question, partial(self._show_page, before))

    def _ask(self, question: Query[R], show: Callable[[R], None]) -> None:
        """Have the answer shown, unless another stream is wanted by then."""
        token = self._generation

        def answered(answer: R) -> None:
            if token == self._generation:
                show(answer)

        self._bridge.call(self._session.queries.ask(question), answered, partial(self._fail, token), self)

    def _show_activity(self, history: HistoryColumns) -> None:
        self._older = False
        self._model.show(history)
        if len(history):
            self._set(replace(self.state, busy=False))
            self._settle.start()
            self.shown.emit()
        else:
            self._ask_page(None)

    def _show_page(self, before: int | None, page: StreamPage) -> None:
        self._older = page.older
        self._model.prepend(map(row_of, page.events))
        self._set(replace(self.state, busy=page.older, missing=page.missing))
        if before is None:
            self._settle.start()
            self.shown.emit()
        if page.older and page.events:
            self._ask_page(self._model.full.revisions[0])

    def _fail(self, token: int, error: Exception) -> None:
        if token == self._generation:
            self._failed = True
            if self._model.full.stream != self.state.stream:
                self._model.show(HistoryColumns(self.state.stream))
            self._set(replace(self.state, busy=False, problem=str(error)))
            self.shown.emit()

    def _follow(self) -> None:
        last = self._model.full.revisions[-1] if len(self._model.full) else None
        self._tail.start(Source(stream=self.state.stream), last)

    def _take(self, rows: tuple[EventRow, ...], _dropped: int) -> None:
        self._set(replace(self.state, missing=""))
        self._arrive(rows)

    def _tell(self, tail: TailState) -> None:
        self._set(replace(self.state, live=tail.live, problem=tail.problem))
