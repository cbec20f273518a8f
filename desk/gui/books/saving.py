"""Hop 8: which books are being saved: from the moment a command is sent until the read model shows what it did."""

from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from desk.application.catalogue import Announcement


class Saving(QObject):
    """Counts, for each book, what is under way.

    Signals:
        changed: a book began or ended being saved (UUID).
    """

    changed = Signal(object)  # UUID

    def __init__(self) -> None:
        super().__init__()
        self._sent: dict[UUID, int] = {}
        self._awaited: dict[UUID, int] = {}
        self._shown = -1

    def is_saving(self, book_id: UUID) -> bool:
        """Whether the row does not yet show what was asked for."""
        return book_id in self._sent or book_id in self._awaited

    def __len__(self) -> int:
        return len(self._sent.keys() | self._awaited.keys())

    def begin(self, book_id: UUID) -> None:
        """A command was sent."""
        self._sent[book_id] = self._sent.get(book_id, 0) + 1
        self.changed.emit(book_id)

    def stored(self, book_id: UUID, position: int | None) -> None:
        """It is stored up to this position (None: there was nothing to store); the read model may be behind."""
        self._take_off(book_id)
        if position is not None and position > self._shown:
            self._awaited[book_id] = max(position, self._awaited.get(book_id, -1))
        self.changed.emit(book_id)

    def given_up(self, book_id: UUID) -> None:
        """It came to nothing."""
        self._take_off(book_id)
        self.changed.emit(book_id)

    def announced(self, announcement: "Announcement") -> None:
        """The read model holds everything up to a position."""
        self._shown = max(self._shown, announcement.position)
        for book_id in [book_id for book_id, position in self._awaited.items() if position <= self._shown]:
            del self._awaited[book_id]
            self.changed.emit(book_id)

    def _take_off(self, book_id: UUID) -> None:
        left = self._sent.get(book_id, 0) - 1
        if left > 0:
            self._sent[book_id] = left
        else:
            self._sent.pop(book_id, None)
