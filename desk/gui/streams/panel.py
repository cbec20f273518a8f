"""Hop 9: the Streams panel: any stream, category or all of the store, page by page and live."""

import json

from PySide6.QtCore import QByteArray, QEvent, QObject, Qt
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QLabel, QSplitter, QStackedLayout, QVBoxLayout, QWidget

from desk.application.queries import Source, StreamPage
from desk.application.streampages import place_of
from desk.cqrs.store import Recorded
from desk.gui.frame.panel import HISTORY
from desk.gui.frame.workspace import Workspace
from desk.gui.streams.bar import StreamBar
from desk.gui.streams.detail import EventDetail
from desk.gui.streams.model import KEPT, StreamTableModel
from desk.gui.streams.reading import Reading, StreamReader
from desk.gui.tables.event_table import EventActions, EventTable, Failed, TakeEvent


class StreamsPanel(QWidget):
    """Looks at what is stored, whoever stored it. While it is hidden it reads nothing."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        session, bridge, theme, icons = workspace.session, workspace.bridge, workspace.theme, workspace.icons
        assert session is not None
        self.workspace = workspace
        self.setObjectName("streams")
        self.setAccessibleName(self.tr("Streams"))
        self.model = StreamTableModel(self)
        self.table = EventTable(self.model, self.model.columns, self.tr("Events of the stream"))
        self.detail = EventDetail(theme, bridge, icons)
        self.bar = StreamBar(icons)
        self.reader = StreamReader(session, bridge, self)
        self.row_actions = EventActions(self.table, self.model, self._read, bridge)
        self._backwards = True
        self._wanted = ""
        self._lay_out()
        self._connect()
        self._tell()

    def _lay_out(self) -> None:
        self.parts = QSplitter(Qt.Orientation.Horizontal)
        self.parts.addWidget(self.table)
        self.parts.addWidget(self.detail)
        self.parts.setSizes([680, 420])
        self.parts.setChildrenCollapsible(False)
        self.message = QLabel()
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setWordWrap(True)
        self.message.setForegroundRole(self.message.foregroundRole().PlaceholderText)
        body = QWidget()
        self._pages = QStackedLayout(body)
        self._pages.addWidget(self.message)
        self._pages.addWidget(self.parts)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addWidget(body, 1)
        self.setFocusProxy(self.bar.field)

    def _connect(self) -> None:
        bar, reader = self.bar, self.reader
        bar.chosen.connect(self.open_source)
        self.workspace.source_wanted.connect(self.open_source)
        bar.oldest.clicked.connect(self.go_oldest)
        bar.older.clicked.connect(self.go_older)
        bar.newer.clicked.connect(self.go_newer)
        bar.newest.clicked.connect(self.go_newest)
        bar.new.clicked.connect(self.go_newest)
        bar.live.clicked.connect(self._switch_live)
        reader.changed.connect(self._tell)
        reader.page_read.connect(self._show_page)
        reader.arrived.connect(self._arrive)
        self.table.selectionModel().currentRowChanged.connect(self._look)
        self.table.doubleClicked.connect(self._want_history)
        self.row_actions.said.connect(self.workspace.say)
        self.row_actions.add(self.tr("Open its &history"), self._want_history_of)
        self.table.installEventFilter(self)
        self.table.verticalScrollBar().valueChanged.connect(self._scrolled)
        for keys, act in (
            ("Ctrl+Home", bar.oldest.click),
            ("Ctrl+PgUp", bar.older.click),
            ("Ctrl+PgDown", bar.newer.click),
            ("Ctrl+End", bar.newest.click),
            ("Ctrl+Space", bar.live.click),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    # What can be done with it

    def open_source(self, text: str) -> None:
        """Show a stream, ``$all``, or a category as ``book-*``; remembered for the next time."""
        self.bar.field.setText(text)
        self._wanted = text
        if self.isVisible():
            self._open()

    def go_oldest(self) -> None:
        """To the first page."""
        self._backwards = False
        self.reader.oldest()

    def go_older(self) -> None:
        """One page back."""
        if self.model.events:
            self._backwards = True
            self.reader.older(self._place(self.model.events[0]))

    def go_newer(self) -> None:
        """One page on."""
        if self.model.events:
            self._backwards = False
            self.reader.newer(self._place(self.model.events[-1]))

    def go_newest(self) -> None:
        """To the end: to what came live, or to the newest page."""
        self._backwards = True
        if self.reader.state.live and self.reader.at_end and self.model.events:
            self.table.scrollToBottom()
            self.table.select(len(self.model.events) - 1)
            self.reader.seen()
        else:
            self.reader.newest()

    def stop(self) -> None:
        """Read no more; to be called before the session closes."""
        self.reader.pause()
        self.row_actions.rows.stop()

    def save_state(self) -> QByteArray:
        """What is to be remembered: widths and recent sources."""
        state = {
            "recent": list(self.bar.recent),
            "parts": bytes(self.parts.saveState().toHex().data()).decode(),
            "columns": bytes(self.table.horizontalHeader().saveState().toHex().data()).decode(),
        }
        return QByteArray(json.dumps(state).encode())

    def restore_state(self, saved: QByteArray) -> None:
        """The inverse of :meth:`save_state`; what makes no sense is passed over."""
        try:
            state = json.loads(bytes(saved.data()))
            recent = tuple(str(name) for name in state["recent"])
            parts, columns = bytes.fromhex(state["parts"]), bytes.fromhex(state["columns"])
        except (ValueError, KeyError, TypeError):
            return
        self.bar.remember(recent)
        self.parts.restoreState(QByteArray(parts))
        self.table.horizontalHeader().restoreState(QByteArray(columns))

    # Within

    def _open(self) -> None:
        name, self._wanted = self._wanted, ""
        source = Source.parse(name)
        self.bar.remember((str(source), *self.bar.recent))
        self._backwards = True
        self.model.show(())
        self.reader.open(source)

    def _place(self, event: Recorded) -> int:
        return place_of(self.reader.state.source or Source(), event)

    def _switch_live(self) -> None:
        self.reader.set_live(live=self.bar.live.isChecked())
        if self.reader.state.live:
            self.table.scrollToBottom()

    def _show_page(self, page: StreamPage) -> None:
        self.model.show(page.events)
        if page.events:
            row = len(page.events) - 1 if self._backwards else 0
            self.table.select(row)
            self.table.scrollTo(self.model.index(row, 0))
        else:
            self.detail.clear()
        self._tell()

    def _arrive(self, events: tuple[Recorded, ...]) -> None:
        """At the bottom the table goes with what comes; elsewhere it stays where it is, and counts."""
        if self.table.at_bottom:
            self._keep_detail(len(self.model.events) + len(events) - KEPT)
            self.model.append(events)
            self.table.scrollToBottom()
        elif len(self.model.events) + len(events) <= KEPT:
            self.model.append(events)
            self.reader.count_new(len(events))
        else:
            self.reader.lose_end()
            self.reader.count_new(len(events))
        self._tell()

    def _keep_detail(self, surplus: int) -> None:
        """Before the selected row is dropped: the selection goes, what is read of it stays."""
        if 0 <= self.table.currentIndex().row() < surplus:
            shown = self.detail.event_shown
            self.table.clearSelection()
            self.table.setCurrentIndex(self.model.index(-1, -1))
            if shown is not None:
                self.detail.show_event(shown)

    def _scrolled(self) -> None:
        if self.reader.state.new and self.reader.at_end and self.table.at_bottom:
            self.reader.seen()

    def _look(self) -> None:
        row = self.table.currentIndex().row()
        if 0 <= row < len(self.model.events):
            self.detail.show_event(self.model.events[row])

    def _read(self, row: int, take: TakeEvent, _failed: Failed) -> None:
        take(self.model.events[row])

    def _want_history(self) -> None:
        self._want_history_of(self.table.currentIndex().row())

    def _want_history_of(self, row: int) -> None:
        if 0 <= row < len(self.model.events):
            event = self.model.events[row]
            self.workspace.look_at(event.stream, event.revision)
            self.workspace.want_companion(HISTORY)

    def _tell(self) -> None:
        state, count = self.reader.state, len(self.model.events)
        self.bar.show_state(state, count)
        self.message.setText(self._say(state))
        self._pages.setCurrentIndex(1 if count else 0)

    def _say(self, state: Reading) -> str:
        if state.source is None:
            return self.tr("Type a stream's name, a category as book-*, or $all.")
        if state.problem or state.missing:
            return state.problem or state.missing
        if state.busy:
            return self.tr("Reading…")
        return self.tr("There are no events in {source}.").format(source=state.source)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter on the table asks for the history, as a double click does."""
        enter = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and event.key() in enter:
            self._want_history()
            return True
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.reader.resume()
        if self._wanted:
            self._open()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.reader.pause()
