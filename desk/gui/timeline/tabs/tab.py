"""What the inspector asks of a tab, and the frame that tabs share: a remark above what they show."""

from dataclasses import dataclass
from typing import Any, Protocol

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from desk.cqrs.messages import Query


@dataclass(frozen=True, slots=True)
class EventSpan:
    """The event that is looked at, alone, or with all that came after ``since``."""

    stream: str
    revision: int
    since: int | None = None


class Tab(Protocol):
    """One tab: what it wants to know of a look, and how it shows the answer."""

    @property
    def page(self) -> QWidget:
        """What is shown."""

    def question(self, look: EventSpan) -> Query[Any]:
        """What has to be asked for it."""

    def show_answer(self, answer: Any) -> None:
        """Show it."""

    def clear(self, note: str) -> None:
        """Show nothing, and say why."""


class RemarkedPage(QWidget):
    """A remark, where there is one, above the content."""

    def __init__(self, *content: QWidget, head: QWidget | None = None) -> None:
        super().__init__()
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.setContentsMargins(10, 8, 10, 8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.note)
        if head is not None:
            layout.addWidget(head)
        for number, widget in enumerate(content):
            layout.addWidget(widget, 1 if number == 0 else 0)
        self.say("")

    def say(self, note: str) -> None:
        """Say it, or nothing."""
        self.note.setText(note)
        self.note.setVisible(bool(note))
