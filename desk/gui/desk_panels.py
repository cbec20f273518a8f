"""The panels that come with Desk, and what ties them to the chosen book and to each other."""

from functools import partial
from uuid import UUID

from PySide6.QtCore import QCoreApplication, QObject, Qt, Slot
from PySide6.QtWidgets import QWidget

from desk.domain.streams import book_stream
from desk.gui.operations.panel import TIMES, WIRING, OperationsPanel
from desk.gui.panels import Panel, PanelContext
from desk.gui.streams.panel import StreamsPanel
from desk.gui.timeline.panel import HistoryPanel

BELOW = Qt.DockWidgetArea.BottomDockWidgetArea


def desk_panels() -> tuple[Panel, ...]:
    """History below the catalogue, with the streams and operations as tabs beside it; for one window."""
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
        Panel(
            "operations",
            _tr("Operations"),
            "operations",
            "Ctrl+5",
            BELOW,
            ties.build_operations,
            ties.shut,
            tabbed_with="history",
        ),
    )


class PanelTies(QObject):
    """Shows the history of whichever book is chosen, or of the stream that is wanted in the Streams panel."""

    def __init__(self) -> None:
        super().__init__()
        self._context: PanelContext | None = None
        self._history: HistoryPanel | None = None
        self._operations: OperationsPanel | None = None

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

    def build_operations(self, context: PanelContext) -> QWidget:
        """The Operations panel; the badge in the status bar counts what wants attention there, and leads to it."""
        panel = OperationsPanel(context.session, context.bridge, context.theme)
        panel.restore_state(context.settings.panel_state(panel.objectName()))
        panel.said.connect(context.status.say)
        panel.counted.connect(self._count)
        context.status.attention_wanted.connect(self._show_operations)
        for action, page in (("view.times", TIMES), ("view.wiring", WIRING)):
            context.actions[action].triggered.connect(partial(self._show_page, page))
        self._operations = panel
        return panel

    def shut(self, widget: QWidget) -> None:
        """Read no more, and remember how the panel looked."""
        if isinstance(widget, HistoryPanel | StreamsPanel):
            widget.stop()
        if isinstance(widget, HistoryPanel | StreamsPanel | OperationsPanel) and self._context is not None:
            self._context.settings.set_panel_state(widget.objectName(), widget.save_state())

    @Slot(object)
    def _count(self, attention: object) -> None:
        if self._context is not None and isinstance(attention, dict):
            self._context.status.show_attention(sum(attention.values()))

    @Slot()
    def _show_operations(self) -> None:
        if self._operations is not None:
            self._show_page(self._operations.most_pressing)

    def _show_page(self, page: str) -> None:
        if self._operations is not None and self._context is not None:
            self._operations.show_page(page)
            self._context.actions["go.operations"].trigger()

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
