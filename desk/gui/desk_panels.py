"""The panels that come with Desk, and what ties them to the chosen book and to each other."""

from uuid import UUID

from PySide6.QtCore import QCoreApplication, QObject, Qt, Slot
from PySide6.QtWidgets import QWidget

from desk.domain.streams import book_stream
from desk.gui.panels import Panel, PanelContext
from desk.gui.streams.panel import StreamsPanel
from desk.gui.timeline.panel import HistoryPanel

BELOW = Qt.DockWidgetArea.BottomDockWidgetArea


def desk_panels() -> tuple[Panel, ...]:
    """History below the catalogue, and the streams as a tab beside it; for one window."""
    ties = PanelTies()
    return (
        Panel(
            "history",
            _tr("History"),
            "history",
            "Ctrl+3",
            BELOW,
            ties.build_history,
            ties.shut,
            (
                ("Left, Right", _tr("Previous or next event")),
                ("Home, End", _tr("First or last event")),
                ("+, -, 0", _tr("Zoom in, zoom out, show all")),
            ),
        ),
        Panel(
            "streams",
            _tr("Streams"),
            "streams",
            "Ctrl+4",
            BELOW,
            ties.build_streams,
            ties.shut,
            (
                ("Ctrl+Home, Ctrl+End", _tr("First or newest page")),
                ("Ctrl+PgUp, Ctrl+PgDown", _tr("Previous or next page")),
                ("Ctrl+Space", _tr("Follow live, or stop")),
                ("Return", _tr("History of the event's stream")),
            ),
            tabbed_with="history",
        ),
    )


class PanelTies(QObject):
    """Shows the history of whichever book is chosen, or of the stream that is wanted in the Streams panel."""

    def __init__(self) -> None:
        super().__init__()
        self._context: PanelContext | None = None
        self._history: HistoryPanel | None = None

    def build_history(self, context: PanelContext) -> QWidget:
        """The History panel, following the chosen book."""
        self._context = context
        panel = HistoryPanel(context.session, context.bridge, context.theme, context.icons)
        panel.restore_state(context.settings.panel_state(panel.objectName()))
        self._history = panel
        context.chosen.book_changed.connect(self._show_chosen)
        context.chosen.card_changed.connect(self._name_chosen)
        self._show_chosen(context.chosen.book_id)
        return panel

    def build_streams(self, context: PanelContext) -> QWidget:
        """The Streams panel; an event there leads to the history of its stream."""
        panel = StreamsPanel(context.session, context.bridge, context.theme, context.icons)
        panel.restore_state(context.settings.panel_state(panel.objectName()))
        panel.open_history.connect(self._show_stream)
        return panel

    def shut(self, widget: QWidget) -> None:
        """Read no more, and remember how the panel looked."""
        if isinstance(widget, HistoryPanel | StreamsPanel):
            widget.stop()
            if self._context is not None:
                self._context.settings.set_panel_state(widget.objectName(), widget.save_state())

    @Slot(object)
    def _show_chosen(self, book_id: object) -> None:
        if self._history is None or self._context is None:
            return
        if isinstance(book_id, UUID):
            card = self._context.chosen.card
            self._history.show_stream(book_stream(book_id), card.row.title if card else "")
        else:
            self._history.clear()

    @Slot()
    def _name_chosen(self) -> None:
        # The card comes after the choice; a stream that was wanted meanwhile stays.
        if self._context is None or self._history is None:
            return
        book_id = self._context.chosen.book_id
        if book_id is not None and self._history.stream == book_stream(book_id):
            self._show_chosen(book_id)

    @Slot(object)
    def _show_stream(self, stream: object) -> None:
        if self._history is not None and self._context is not None:
            self._history.show_stream(str(stream))
            self._context.actions["go.history"].trigger()


def _tr(text: str) -> str:
    return QCoreApplication.translate("panels", text)
