"""The panels that come with Desk, and what ties them to the chosen book."""

from uuid import UUID

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QWidget

from desk.domain.streams import book_stream
from desk.gui.main_window import MainWindow
from desk.gui.panels import Panel, PanelContext
from desk.gui.timeline.panel import HistoryPanel

BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea


def panels() -> tuple[Panel, ...]:
    """History and Streams, both below the catalogue."""
    return (_history(),)


def _history() -> Panel:
    return Panel(
        "history",
        _tr("History"),
        "history",
        "Ctrl+3",
        BOTTOM,
        _build_history,
        _shut_history,
        keys=(
            ("Left, Right", _tr("Previous, next event")),
            ("Home, End", _tr("First, last event")),
            ("+, -, 0", _tr("Zoom in, out, show everything")),
        ),
    )


def _build_history(context: PanelContext) -> QWidget:
    panel = HistoryPanel(context.session, context.bridge, context.theme, context.icons)
    chosen = context.chosen

    def follow(book_id: UUID | None) -> None:
        if book_id is None:
            panel.clear()
        else:
            panel.show_stream(book_stream(book_id), chosen.card.row.title if chosen.card else "")

    def name() -> None:
        if chosen.card is not None:
            panel.show_stream(book_stream(chosen.card.row.book_id), chosen.card.row.title)

    chosen.book_changed.connect(follow)
    chosen.card_changed.connect(name)
    follow(chosen.book_id)
    return panel


def _shut_history(widget: QWidget) -> None:
    if isinstance(widget, HistoryPanel):
        widget.stop()


def _tr(text: str) -> str:
    return QCoreApplication.translate("panels", text)


def equip(window: MainWindow) -> None:
    """Connect what the window only announces: the import and the demo catalogue."""
