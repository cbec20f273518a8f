"""What the event under the pointer changed, said on the small card beside it, without moving the playhead."""

from typing import Final

from PySide6.QtCore import QObject, Slot

from desk.application.history import Inspection
from desk.application.queries import GetInspection
from desk.gui.frame.workspace import Workspace
from desk.gui.timeline.asking import LatestQuestion
from desk.gui.timeline.controller import HistoryController
from desk.gui.widgets.axis.canvas import TimelineCanvas
from desk.gui.widgets.field_words import FieldWords

MOST_LINES: Final = 3
_LONGEST: Final = 34
"""Characters of a value on the card."""


class Pointing(QObject):
    """Asks about the event that the pointer rests on."""

    def __init__(self, workspace: Workspace, controller: HistoryController, canvas: TimelineCanvas) -> None:
        super().__init__(canvas)
        self._controller, self._canvas = controller, canvas
        self._asking = LatestQuestion(workspace, self)
        self._asking.found.connect(self._say)
        canvas.pointed.connect(self._point)

    @Slot(object)
    def _point(self, row: object) -> None:
        self._asking.forget()
        if isinstance(row, int):
            history = self._controller.model.history
            self._asking.ask_soon(GetInspection(history.stream, history.revisions[row]))

    @Slot(object, object)
    def _say(self, query: GetInspection, found: Inspection) -> None:
        row = self._controller.row_of(query.revision)  # others may have come, or be left out, meanwhile
        if row is not None:
            self._canvas.say_of(row, change_lines(found))


def change_lines(found: Inspection) -> tuple[str, ...]:
    """What an event changed, in a few short lines."""
    words = FieldWords({field.key: field.value for field in found.state})
    lines = [
        f"{words.whole(change.key)}: {_short(words.value(change.key, change.before))}"
        f" → {_short(words.value(change.key, change.after))}"
        for change in found.changes[:MOST_LINES]
    ]
    left = len(found.changes) - len(lines)
    return (*lines, f"+ {left}") if left > 0 else tuple(lines)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
