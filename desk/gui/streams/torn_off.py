"""A tab of the Streams place in a window of its own, and what a tab is called."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QWidget

from desk.gui.frame.room import begin_search_around
from desk.gui.streams.view import StreamTab
from desk.gui.widgets.boxes import column
from desk.gui.widgets.controls import add_keys
from desk.gui.widgets.visible_text import visible

_LONGEST: Final = 32
"""Characters of a tab's title."""


class TornOff(QWidget):
    """``take_back`` is called with it when somebody closes it."""

    def __init__(self, view: StreamTab, parent: QWidget, take_back: Callable[["TornOff"], object]) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.view, self._take_back = view, take_back
        self._ended = False
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("{stream}: Streams").format(stream=visible(view.name)))
        column(view, on=self)
        add_keys(self, {"Ctrl+F": lambda: begin_search_around(self.focusWidget()) or view.filtering.ask_for_text()})
        self.resize(parent.size())
        view.show()
        self.show()

    def end(self) -> None:
        """The session closes: the window goes, and its tab with it."""
        self._ended = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._ended:
            self._take_back(self)
        super().closeEvent(event)


def tab_title(name: str) -> str:
    """As much of a name as a tab has room for."""
    name = visible(name)
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST // 2]}…{name[-_LONGEST // 2 + 1 :]}"
