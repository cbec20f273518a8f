"""Hop 9: one stream, category or all of the store, page by page and live; one tab of the Streams place."""

from collections.abc import Sequence
from functools import cached_property, partial
from typing import Final

from PySide6.QtCore import QByteArray, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QStackedLayout, QWidget

from desk.application.event_links import what_is_hidden
from desk.application.queries import Source, StreamPage
from desk.application.streampages import place_of
from desk.cqrs.store import Recorded
from desk.gui.frame.panel import HISTORY
from desk.gui.frame.text_size import scaled
from desk.gui.frame.workspace import Workspace
from desk.gui.streams.bar import StreamBar, nothing_shown
from desk.gui.streams.detail import EventDetail
from desk.gui.streams.export import ExportDialog
from desk.gui.streams.filter_bar import CHANGED, PATH, FilterChip
from desk.gui.streams.filtering import Filtering
from desk.gui.streams.go_to import GoToDialog
from desk.gui.streams.kept import KeptStreams
from desk.gui.streams.model import BASE_COLUMNS, KEPT, StreamTableModel
from desk.gui.streams.path_columns import PathColumns
from desk.gui.streams.reading import PageReader
from desk.gui.streams.row_menu import RowMenu
from desk.gui.streams.table_playhead import TablePlayhead
from desk.gui.streams.type_legend import TypeLegend
from desk.gui.streams.type_marks import look_of_types
from desk.gui.tables.event_table import EventTable, Failed, TakeEvent
from desk.gui.widgets.boxes import column, row, split
from desk.gui.widgets.controls import add_keys, quiet

SIDE_BY_SIDE: Final = 640
"""Pixels of normal text from which on the event stands beside the table."""


class StreamTab(QWidget):
    """Looks at what is stored, whoever stored it. While it is hidden it reads nothing.

    Signals:
        named: another source is shown.
        goal_wanted: (str) a link of the event was followed.
        schema_wanted: (str) what the payloads of this type look like.
        marked: (Recorded) this event is to be compared with others.
        compared: (tuple of Recorded and bool) this one with the marked one: their states (True), or they themselves.
    """

    named = Signal()
    goal_wanted = Signal(str)
    schema_wanted = Signal(str)
    marked = Signal(object)  # Recorded
    compared = Signal(object)  # tuple[Recorded, bool]

    def __init__(self, workspace: Workspace, kept: KeptStreams) -> None:
        super().__init__()
        session, bridge, theme, icons = workspace.ports, workspace.bridge, workspace.theme, workspace.icons
        self.workspace = workspace
        self._kept = kept
        self.setAccessibleName(self.tr("Stream"))
        look = look_of_types(theme, kept, self)
        self.model = StreamTableModel(look, self)
        self.table = EventTable(self.model, self.model.columns, self.tr("Events of the stream"))
        self.detail = EventDetail(theme, bridge, icons)
        self.bar = StreamBar(icons, kept)
        self.reader = PageReader(session, bridge, self)
        self.filtering = Filtering(session, bridge, self.model, lambda: self.reader.state.source, self)
        self.legend = TypeLegend(look, kept, self.filtering)
        self.columns = PathColumns(self.table, self.model, self.detail.data_view, workspace, kept)
        self.row_actions = RowMenu(self.table, self.model, self._read, workspace, kept)
        self.copying = self.row_actions.copying
        self._playhead = TablePlayhead(self, workspace, self.table, lambda: self.model.events, leads_away=False)
        self._backwards = self._begins = True
        self._wanted = ""
        self._goal: int | None = None
        """The place to be selected once its page is there."""
        self._lay_out()
        self._connect()
        self._tell()

    def _lay_out(self) -> None:
        self.parts = split(self.table, self.detail, sizes=[680, 420])
        self.limits = quiet(QLabel(wordWrap=True))
        self.limits.setContentsMargins(10, 0, 10, 4)
        self.limits.hide()
        self.message = quiet(QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter))
        body, empty = QWidget(), QWidget()
        column(None, self.message, row(None, self.filtering.everywhere, None), None, on=empty)
        self._pages = QStackedLayout(body)
        self._pages.addWidget(empty)
        self._pages.addWidget(self.parts)
        # The legend above the filters: what a click adds to those moves nothing that it was made on.
        column(self.bar, self.limits, self.legend, self.filtering.bar, (body, 1), on=self, spacing=0)
        self.setFocusProxy(self.bar.field)

    def _connect(self) -> None:
        bar, reader = self.bar, self.reader
        bar.chosen.connect(self.open_source)
        bar.oldest.clicked.connect(self.go_oldest)
        bar.older.clicked.connect(self.go_older)
        bar.newer.clicked.connect(self.go_newer)
        bar.newest.clicked.connect(self.go_newest)
        bar.new.clicked.connect(self.go_newest)
        bar.live.clicked.connect(self._switch_live)
        bar.go.clicked.connect(self.ask_where)
        bar.filter.clicked.connect(self.filtering.toggle)
        self.filtering.began.connect(self.detail.clear)
        self.filtering.began.connect(self._tell)
        self.filtering.ended.connect(self._show_pages)
        self.filtering.changed.connect(self._tell_filtered)
        reader.changed.connect(self._tell)
        reader.page_read.connect(self._show_page)
        reader.arrived.connect(self._arrive)
        self.table.selectionModel().currentRowChanged.connect(self._look)
        self.table.doubleClicked.connect(lambda index: self._want_history(index.row()))
        menu = self.row_actions
        menu.history_wanted.connect(self._want_history)
        menu.goal_wanted.connect(self.goal_wanted)
        menu.schema_wanted.connect(self.schema_wanted)
        menu.marked.connect(self.marked)
        menu.compared.connect(self.compared)
        menu.export_wanted.connect(self.export)
        self.detail.wanted.connect(self.goal_wanted)
        self.detail.data_view.offers += [
            (self.tr("Show only what &changed it"), partial(self.filtering.put, CHANGED)),
            (self.tr("Show only events that &have it"), partial(self.filtering.put, PATH)),
        ]
        self.table.installEventFilter(self)
        self.table.verticalScrollBar().valueChanged.connect(self._scrolled)
        pages = {"Home": bar.oldest, "PgUp": bar.older, "PgDown": bar.newer, "End": bar.newest, "Space": bar.live}
        add_keys(self, {f"Ctrl+{key}": button.click for key, button in pages.items()})
        add_keys(self, {"Ctrl+G": self.ask_where, "Ctrl+Shift+F": self.filtering.toggle})

    # What can be done with it

    def open_source(self, text: str, revision: int | None = None, chips: Sequence[FilterChip] = ()) -> None:
        """Show a stream, ``$all``, or a category as ``book-*``, or what a filter wants of it; remembered."""
        self.bar.show_name(text)
        self.filtering.forget(chips)
        self._wanted, self._goal = text, revision
        self.named.emit()
        if self.isVisible():
            self._open()

    def go_oldest(self) -> None:
        """To the first page."""
        self._backwards = False
        self.reader.oldest()

    def go_older(self) -> None:
        """One page back."""
        if self.filtering.is_on:
            self.filtering.look_further()
        elif self.model.events:
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

    def go_to(self, place: int) -> None:
        """To the event at a revision (a stream) or position (else), where it stands among others."""
        self._goal = place
        self.reader.around(place)

    def go_to_event(self, event: Recorded) -> None:
        """To an event of the stream that is open, or is about to be."""
        self._goal = event.revision
        if not self._wanted:
            self.reader.around(event.revision)

    @cached_property
    def asking(self) -> GoToDialog:
        """The dialog that asks where to go; made when it is first needed."""
        asking = GoToDialog(self.reader, self)
        asking.found.connect(self.go_to)
        return asking

    def look(self) -> None:
        """Look everywhere at the stream that is shown, if it is one."""
        source = self.reader.state.source
        if source is not None and source.stream is not None:
            self.workspace.look_at(source.stream)
        self._playhead.follow()

    def ask_where(self) -> None:
        """Ask somebody where to go."""
        if self.reader.state.source is not None:
            self.asking.ask(self.reader.state.source)

    def stop(self) -> None:
        """Read no more; to be called before the session closes."""
        self._playhead.stop()
        self.filtering.pause()
        self.reader.pause()
        self.row_actions.rows.stop()

    @property
    def name(self) -> str:
        """What is shown, or will be when it is seen: a stream, a category as ``book-*``, or ``$all``; may be empty."""
        return self._wanted or str(self.reader.state.source or "")

    def arrangement(self) -> tuple[str, str]:
        """How wide its parts and columns are, for the next one."""
        widths = (str(self.table.columnWidth(column)) for column in range(BASE_COLUMNS))
        return bytes(self.parts.saveState().toHex().data()).decode(), ",".join(widths)

    def arrange(self, parts: str, columns: str) -> None:
        """The inverse. Raises ValueError."""
        self.parts.restoreState(QByteArray(bytes.fromhex(parts)))
        for number, width in enumerate(columns.split(",")[:BASE_COLUMNS]):
            if number and width.strip("0").isdecimal():  # the first takes what is left, one that was left out its own
                self.table.setColumnWidth(number, int(width))
        self._turn()

    # Within

    def _show_pages(self) -> None:
        """In place of hits, also where those were live: the newest page is read anew."""
        self._backwards = True
        self.reader.newest()

    def _tell_filtered(self) -> None:
        """The hit that is looked at elsewhere is chosen, else the newest, until somebody chooses another."""
        if self.filtering.is_on and self.model.events and not self.table.selectionModel().hasSelection():
            self._playhead.begin(len(self.model.events) - 1)
        self._tell()

    def _open(self) -> None:
        name, self._wanted = self._wanted, ""
        source = Source.parse(name)
        self._kept.look_at(str(source))
        self._backwards = self._begins = True
        self.model.stream = source.stream or ""
        self.model.show(())
        self.columns.show(source)
        self.reader.open(source, self._goal)
        self.look()
        self.filtering.begin()

    def _place(self, event: Recorded) -> int:
        return place_of(self.reader.state.source or Source(), event)

    def _switch_live(self) -> None:
        self.reader.set_live(live=self.bar.live.isChecked())
        if self.reader.state.live:
            self.table.scrollToBottom()

    def _show_page(self, page: StreamPage) -> None:
        if self.filtering.is_on:
            return  # hits stay; the page only told where the stream ends, for what comes live
        self.model.show(page.events)
        self._tell()
        if page.events:
            row = len(page.events) - 1 if self._backwards else 0
            choose = self._playhead.begin if self._begins else self._playhead.go
            if self._goal is not None:
                goal, self._goal, choose = self._goal, None, self.table.select
                row = min(range(len(page.events)), key=lambda row: abs(self._place(page.events[row]) - goal))
                if self._place(page.events[row]) != goal:
                    words = self.tr("At {place} there is no event that is shown here: the nearest one is selected.")
                    self.workspace.say(words.format(place=f"{goal:,}"))
            choose(row)
            self._begins = False
        else:
            self.detail.clear()

    def _arrive(self, events: tuple[Recorded, ...]) -> None:
        """At the bottom the table goes with what comes; elsewhere it stays where it is, and counts."""
        events = self.filtering.wanted_of(events)
        if not events:
            return
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
            source = self.reader.state.source
            if source is not None and source.resolve_links:
                self.detail.explain_link(self.workspace.ports.queries.ask)

    def _read(self, row: int, take: TakeEvent, _failed: Failed) -> None:
        take(self.model.events[row])

    def export(self) -> None:
        """Ask for a file, and write all of the source, or all that the filter wants, to it."""
        source = self.reader.state.source
        if source is not None:
            exporting = ExportDialog(self.workspace, source, self.filtering.reader.wanted, self)
            self.destroyed.connect(exporting.stop)
            exporting.ask_where()

    def _want_history(self, row: int) -> None:
        if 0 <= row < len(self.model.events):
            event = self.model.events[row]
            self.workspace.look_at(event.stream, event.revision)
            self.workspace.companion_wanted.emit(HISTORY)

    def _tell(self) -> None:
        state, count = self.reader.state, len(self.model.events)
        self.bar.show_state(state, self.model.events, filtered=self.filtering.is_on)
        limits = what_is_hidden(state.extent)
        self.limits.setText(limits)
        self.limits.setVisible(bool(limits))
        self.message.setText(self.filtering.say_nothing() if self.filtering.is_on else nothing_shown(state, self.tr))
        self._pages.setCurrentIndex(1 if count else 0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter on the table asks for the history, as a double click does; Up and Down go on beyond a page."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and not event.modifiers():
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._want_history(self.table.currentIndex().row())
                return True
            return self._turn_page(Qt.Key(event.key()))
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc, which the line of filters has not taken, ends its conditions, one at a time."""
        if event.key() == Qt.Key.Key_Escape and self.filtering.take_back():
            if not self.filtering.is_on:
                self.table.setFocus()
            self.workspace.say_what_is_left()
        else:
            super().keyPressEvent(event)

    def _turn_page(self, key: Qt.Key) -> bool:
        row, bar = self.table.currentIndex().row(), self.bar
        ends = {Qt.Key.Key_Up: (0, bar.older), Qt.Key.Key_Down: (len(self.model.events) - 1, bar.newer)}
        end, button = ends.get(key, (None, bar.newer))
        if row == end:
            button.click()
        return row == end and button.isEnabled()

    def _turn(self) -> None:
        """Where there is little room an event stands below the table."""
        wide = self.width() >= scaled(SIDE_BY_SIDE)
        if wide is not (self.parts.orientation() is Qt.Orientation.Horizontal):
            self.parts.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)
            self.parts.setSizes([680, 420] if wide else [420, 580])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._turn()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.reader.resume()
        self.filtering.resume()
        if self._wanted:
            self._open()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.filtering.pause()
        self.reader.pause()
