"""Events in plain words, as far as they are known; those that a picture would show are asked for, once."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from desk.gui.widgets.controls import later

ASKING: Final = 60
"""Milliseconds without another frame before sentences are asked for."""


class EventSentences(QObject):
    """The sentences of one stream's events, by revision.

    Signals:
        wanted: events would be told in words if these were known (first and last revision).
        changed: more are known.
    """

    wanted = Signal(int, int)
    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._known: dict[int, str] = {}
        self._unsaid: set[int] = set()
        self._soon = later(self, ASKING, self._ask)

    def of(self, revision: int) -> str:
        """An event's sentence; empty while it is not known."""
        if revision not in self._known:
            self._unsaid.add(revision)
            self._soon.start()
        return self._known.get(revision, "")

    def take(self, sentences: Mapping[int, str]) -> None:
        """These are known."""
        self._known.update(sentences)
        self.changed.emit()

    def forget(self) -> None:
        """Another stream is shown."""
        self._known, self._unsaid = {}, set()

    @Slot()
    def _ask(self) -> None:
        missing, self._unsaid = sorted(self._unsaid - self._known.keys()), set()
        if missing:
            # Asked for once: an event that nobody answers for is shown by its type.
            self._known |= dict.fromkeys(missing, "")
            self.wanted.emit(missing[0], missing[-1])
