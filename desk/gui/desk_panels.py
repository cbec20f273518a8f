"""The panels that come with Desk, and what ties them to the chosen book."""

from uuid import UUID

from PySide6.QtCore import QCoreApplication, QObject, Qt, Slot
from PySide6.QtWidgets import QWidget

from desk.domain.streams import book_stream
from desk.gui.books.chosen import Chosen
from desk.gui.panels import Panel, PanelContext
from desk.gui.timeline.panel import HistoryPanel

BELOW = Qt.DockWidgetArea.BottomDockWidgetArea


def desk_panels() -> tuple[Panel, ...]:
    """History below the catalogue, and the streams as a tab beside it."""
    return (Panel("history", _tr("History"), "history", "Ctrl+3", BELOW, _history, _shut_history, _history_keys()),)


class HistoryOfChosen(QObject):
    """Shows the history of whichever book is chosen."""

    def __init__(self, panel: HistoryPanel, chosen: Chosen) -> None:
        super().__init__(panel)
        self._panel, self._chosen = panel, chosen
        chosen.book_changed.connect(self._show)
        chosen.card_changed.connect(self._name)
        self._show(chosen.book_id)

    @Slot(object)
    def _show(self, book_id: object) -> None:
        if isinstance(book_id, UUID):
            self._panel.show_stream(book_stream(book_id), self._title())
        else:
            self._panel.clear()

    @Slot()
    def _name(self) -> None:
        if self._chosen.book_id is not None:
            self._panel.show_stream(book_stream(self._chosen.book_id), self._title())

    def _title(self) -> str:
        return self._chosen.card.row.title if self._chosen.card else ""


def _history(context: PanelContext) -> QWidget:
    panel = HistoryPanel(context.session, context.bridge, context.theme, context.icons)
    HistoryOfChosen(panel, context.chosen)
    return panel


def _shut_history(widget: QWidget) -> None:
    if isinstance(widget, HistoryPanel):
        widget.stop()


def _history_keys() -> tuple[tuple[str, str], ...]:
    return (
        ("Left, Right", _tr("Previous or next event")),
        ("Home, End", _tr("First or last event")),
        ("+, -, 0", _tr("Zoom in, zoom out, show all")),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("panels", text)
