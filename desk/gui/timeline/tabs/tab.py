"""What all tabs of the inspector are: a question about what is looked at, its answer, and a remark above that."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QWidget

from desk.cqrs.messages import Query
from desk.gui.widgets.boxes import Part, column
from desk.records import dataclass


@dataclass(frozen=True, slots=True)
class EventSpan:
    """The event that is looked at, alone, or with all that came after ``since``."""

    stream: str
    revision: int
    since: int | None = None


class InspectorTab(QWidget):
    """One tab; ``asks`` is what has to be asked for it, of a stream, a revision, and since when.

    Signals:
        wanted: another event is to be gone to (str, its stream, and int, its revision).
        value_wanted: an earlier value is to be brought back (str, its key, and the value).
        pin_wanted: only events that touched a field are to be shown (str, its key).
    """

    wanted = Signal(str, int)
    value_wanted = Signal(str, object)
    pin_wanted = Signal(str)

    def __init__(self, asks: Callable[[str, int, int | None], Query[Any]]) -> None:
        super().__init__()
        self._asks, self.stream = asks, ""
        self.note = QLabel(wordWrap=True)
        self.note.setContentsMargins(10, 8, 10, 8)
        self.note.hide()

    def lay_out(self, *content: Part) -> None:
        """Put the content below the remark."""
        column(self.note, *content, on=self, spacing=0)

    def question(self, look: EventSpan) -> Query[Any]:
        """What has to be asked, of what is looked at now."""
        self.stream = look.stream
        return self._asks(look.stream, look.revision, look.since)

    def show_answer(self, answer: Any) -> None:
        """Show it."""
        raise NotImplementedError

    def clear(self, note: str) -> None:
        """Show nothing, and say why."""
        self.say(note)

    def say(self, note: str) -> None:
        """Say a remark above the content, or nothing."""
        self.note.setText(note)
        self.note.setVisible(bool(note))

    @property
    def chosen_key(self) -> str:
        """The field in whose row one is; empty where there is none."""
        return ""
