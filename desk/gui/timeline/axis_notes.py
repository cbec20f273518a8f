"""What stands on the axis beside the events: what is still to come, what was refused, and a sentence for each event."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QToolTip

from desk.application.history import Inspection
from desk.application.inspection.commands import GetRefusedCommands, RefusedCommand
from desk.application.isolation import isolated
from desk.application.queries import GetInspection, GetStreamPage, Source, StreamPage
from desk.application.spelling import spelled_out
from desk.application.timeline.account import coming_of, sentence_of
from desk.application.timeline.layout import Note, Side
from desk.application.timeline.rows import row_of
from desk.domain.streams import book_id_of
from desk.gui.frame.text_size import scale
from desk.gui.frame.workspace import Workspace
from desk.gui.timeline.model import EventTableModel
from desk.gui.widgets.axis.canvas import TimelineCanvas
from desk.gui.widgets.axis.shapes import rect_of
from desk.gui.widgets.controls import later
from desk.gui.widgets.masking import masked_json, masked_words, reader

SETTLE: Final = 200
"""Milliseconds without a new event before it is asked what is to come."""
MINUTE: Final = 60_000
MOST_SENTENCES: Final = 200


class AxisNotes(QObject):
    """Asks for it, and gives it to the canvas."""

    def __init__(self, workspace: Workspace, model: EventTableModel, canvas: TimelineCanvas) -> None:
        super().__init__(canvas)
        self._session, self._bridge, self._say = workspace.ports, workspace.bridge, workspace.say
        self._model, self._canvas = model, canvas
        self._stream = ""
        self._coming: tuple[Note, ...] = ()
        self._refused: tuple[Note, ...] = ()
        self._settle = later(self, SETTLE, self._ask)
        self._minute = QTimer(self, interval=MINUTE)
        self._minute.timeout.connect(self._show)
        model.modelReset.connect(self._begin)
        model.rowsInserted.connect(self._settle.start)
        canvas.sentences.wanted.connect(self._ask_sentences)
        canvas.installEventFilter(self)

    def stop(self) -> None:
        """Ask nothing more."""
        self._settle.stop()
        self._minute.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Whoever points at a hollow mark is told what it stands for."""
        if not isinstance(event, QHelpEvent) or event.type() is not QEvent.Type.ToolTip:
            return False
        at = event.pos() / scale()
        near = [mark for mark in self._canvas.scene.hollow if rect_of(mark.box.grown(3)).contains(at)]
        QToolTip.showText(event.globalPos(), "\n".join(isolated(text) for mark in near for text in mark.texts))
        return True

    @Slot()
    def _begin(self) -> None:
        if self._model.full.stream != self._stream:
            self._stream = self._model.full.stream
            self._coming = self._refused = ()
            self._minute.stop()
        self._settle.start()

    @Slot()
    def _ask(self) -> None:
        stream, revisions = self._stream, self._model.full.revisions
        if book_id_of(stream) is None or not revisions:
            return  # of streams of other systems nothing is known but their events
        self._bridge.call(
            self._session.queries.ask(GetInspection(stream, revisions[-1])),
            partial(self._take_state, stream),
            lambda _error: None,  # whoever reads the stream says why
            self,
        )
        refused = self._session.queries.ask(GetRefusedCommands(stream))
        take = partial(self._take_refused, stream)
        self._bridge.call(refused, take, lambda error: self._say(str(error)), self)

    def _take_state(self, stream: str, found: Inspection) -> None:
        if stream == self._stream:
            self._coming = coming_of({field.key: _shown(field.key, field.value) for field in found.state})
            self._show()

    def _take_refused(self, stream: str, found: Iterable[RefusedCommand]) -> None:
        if stream == self._stream:
            self._refused = tuple(
                Note(
                    command.issued_at.timestamp(),
                    Side.REFUSED,
                    f"{spelled_out(command.type)}: {masked_words(command.sentence)}",
                )
                for command in found
            )
            self._show()

    @Slot()
    def _show(self) -> None:
        notes = self._coming + self._refused
        self._canvas.show_notes(notes, self._session.moments.now().timestamp())
        if notes:
            self._minute.start()

    @Slot(int, int)
    def _ask_sentences(self, first: int, last: int) -> None:
        """Sentences for the events between two revisions, both included."""
        stream, limit = self._stream, min(last - first + 1, MOST_SENTENCES)
        query = GetStreamPage(Source(stream=stream), after=first - 1 if first else None, oldest=not first, limit=limit)
        self._bridge.call(
            self._session.queries.ask(query), partial(self._take_sentences, stream), lambda _error: None, self
        )

    def _take_sentences(self, stream: str, page: StreamPage) -> None:
        if stream == self._stream:
            events = (replace(event, data=masked_json(event.data)) for event in page.events)
            self._canvas.sentences.take({row_of(event).revision: sentence_of(event) for event in events})


def _shown(key: str, value: Any) -> Any:
    return reader(str(value)) if key.endswith("/patron") else value
