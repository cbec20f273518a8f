"""Several streams side by side on one axis of time, on swim lanes, with all their events below; one tab of Streams."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QWidget,
)

from desk.application.queries import Source
from desk.application.swim_lanes import LaneEvent, SwimLanes
from desk.application.timeline.words import moment_text
from desk.cqrs.store import Recorded
from desk.gui.frame.text_size import scaled
from desk.gui.frame.workspace import Workspace, announce
from desk.gui.streams.detail import EventDetail
from desk.gui.streams.kept import KeptStreams
from desk.gui.streams.lanes_model import LanesModel, short_name
from desk.gui.streams.lanes_reading import LanesReader
from desk.gui.streams.model import PLACE, TYPE
from desk.gui.streams.table_playhead import TablePlayhead
from desk.gui.streams.titles import StreamTitles
from desk.gui.streams.type_marks import look_of_types
from desk.gui.streams.view import SIDE_BY_SIDE
from desk.gui.tables.event_table import EventActions, EventTable, Failed, TakeEvent
from desk.gui.tables.shared_room import SharedRoom
from desk.gui.widgets.axis.canvas import TimelineCanvas
from desk.gui.widgets.axis.overview import Overview
from desk.gui.widgets.axis.scale_buttons import mode_buttons, zoom_buttons
from desk.gui.widgets.boxes import column, row, split
from desk.gui.widgets.controls import alternatives, later
from desk.gui.widgets.counting import counted
from desk.gui.widgets.wrapping import WrappingRow

_ROOM_FOR_CHOICES: Final = 1150
"""Pixels of normal text from which on the sentence and the buttons stand on one line."""
_ROOM_FOR_BOTH: Final = (480, 620)
"""Pixels of normal text from which on axis and events are both shown, with the event beside the table, or below it."""


class LanesTab(QWidget):
    """While it is hidden it reads nothing.

    Signals:
        event_wanted: (Recorded) this event should be seen in its stream.
        goal_wanted: (str) a link of the event was followed.
    """

    event_wanted = Signal(object)  # Recorded
    goal_wanted = Signal(str)

    def __init__(
        self, workspace: Workspace, kept: KeptStreams, titles: StreamTitles, sources: Iterable[Source]
    ) -> None:
        super().__init__()
        session, bridge, theme, icons = workspace.ports, workspace.bridge, workspace.theme, workspace.icons
        self._workspace, self._session = workspace, session
        self.lanes = SwimLanes(sources, lambda name: short_name(titles.of(name)))
        self._titles = titles
        self.name = self.tr("Side by side: {names}").format(names=", ".join(map(str, self.lanes.sources)))
        self.setAccessibleName(self.name)
        self.model = LanesModel(self.lanes, look_of_types(theme, kept, self), self)
        self.table = EventTable(self.model, self.model.columns, self.tr("Events of all streams, by time"))
        self._room = SharedRoom(self.table, (PLACE, TYPE), self.model.longest)
        self.canvas = TimelineCanvas(self.model, self.table.selectionModel(), theme)
        self.canvas.set_lanes(self.lanes.streams)
        self.overview = Overview(self.canvas)
        self.detail = EventDetail(theme, bridge, icons)
        self.said = QLabel(wordWrap=True)
        self.older = QPushButton(self.tr("&Older"))
        self.older.setToolTip(self.tr("Read further back in the streams of which least has been read"))
        self.modes = mode_buttons(self.canvas)
        self.by = alternatives(
            self,
            (self.tr("By stream"), self.tr("A lane for each of the streams")),
            (
                self.tr("By correlation"),
                self.tr("A lane for each story, across streams; the more room the axis has, the fewer share the last"),
            ),
        )
        for button, lanes in zip(self.by, (self.lanes.streams, self.lanes.correlations), strict=True):
            button.clicked.connect(partial(self.canvas.set_lanes, lanes))
        self.by[0].setChecked(True)
        self.sides = alternatives(
            self,
            (self.tr("Axis"), self.tr("The events on their lanes")),
            (self.tr("Events"), self.tr("The table of all events")),
            (self.tr("Event"), self.tr("The event that is chosen")),
        )
        self._sharing = later(self, 0, self._share)  # what is shown while Qt lays out would be laid out within that
        for button, side in zip(self.sides, (self.canvas, self.table, self.detail.tabs), strict=True):
            button.clicked.connect(self._share)
            button.clicked.connect(side.setFocus)
        self.sides[0].setChecked(True)
        self.reader = LanesReader(session, bridge, self.lanes, self)
        self.row_actions = EventActions(self.table, self.model, self._read, bridge)
        self._chosen: Recorded | None = None
        self._playhead = TablePlayhead(self, workspace, self.table, lambda: self.lanes.events, leads_away=True)
        self._lay_out(zoom_buttons(self.canvas, icons))
        self._connect()
        self._say()

    def _lay_out(self, zooms: tuple[QToolButton, ...]) -> None:
        self._sides, self._by, self._modes, self._zooms = groups = [QWidget() for _ in range(4)]
        for group, buttons in zip(groups, (self.sides, self.by, self.modes.values(), zooms), strict=True):
            row(*buttons, on=group, spacing=0)
        choices = WrappingRow(self._by, self._modes, self._zooms, at_right=True)
        self._top = row((row((self.said, 1), self.older, self._sides), 1), (choices, 1), margins=(10, 4, 8, 4))
        self._axis = axis = QWidget()
        column(self.overview, (self.canvas, 1), on=axis, spacing=0)
        self.below = split(self.table, self.detail, sizes=[680, 420])
        self._parts = split(axis, self.below, sizes=[260, 300], vertical=True)
        column(self._top, (self._parts, 1), on=self, spacing=0)
        self.setFocusProxy(self.canvas)

    def _connect(self) -> None:
        self._titles.changed.connect(self._call_anew)
        for changed in (self.model.modelReset, self.model.rowsInserted, self._titles.changed):
            changed.connect(self._room.fit)
        self.reader.found.connect(self._put)
        self.reader.changed.connect(self._say)
        self.older.clicked.connect(self.reader.read_older)
        self.table.selectionModel().currentRowChanged.connect(self._look)
        self.table.doubleClicked.connect(self._open)
        self.table.installEventFilter(self.canvas)
        for widget in (self.table, self.canvas):
            widget.installEventFilter(self)
        self.detail.wanted.connect(self.goal_wanted)
        self.row_actions.said.connect(self._workspace.say)
        self.row_actions.add(self.tr("Show it in its &stream"), lambda _row: self._open())

    @property
    def title(self) -> str:
        """What it is called by people."""
        names = ", ".join(self._titles.of(str(source)) for source in self.lanes.sources)
        return self.tr("Side by side: {names}").format(names=names)

    @property
    def by_correlation(self) -> bool:
        """Whether each story has a lane."""
        return self.by[1].isChecked()

    def _call_anew(self) -> None:
        self.lanes.call_anew()
        self.canvas.set_lanes(self.canvas.wish.lanes)
        self.table.viewport().update()

    def stop(self) -> None:
        """Read no more; to be called before the session closes."""
        self._playhead.stop()
        self.reader.pause()
        self.row_actions.rows.stop()

    def _put(self, found: tuple[LaneEvent, ...]) -> None:
        """What was chosen stays so; who is at the newest event goes with what comes."""
        chosen, follows = self._chosen, self._chosen is None or self.canvas.current == len(self.lanes.events) - 1
        self.model.put(found)
        events = self.lanes.events
        self.canvas.show_complete(self.lanes.complete)
        if not events or (self.canvas.current is not None and not follows):
            return
        row = self._playhead.row if chosen is None else None
        if row is None and not follows:
            row = next((row for row, event in enumerate(events) if event is chosen), None)
        self._playhead.go(len(events) - 1 if row is None else row)

    def _look(self) -> None:
        event = self.model.event_at(self.table.currentIndex().row())
        if event is not None and event is not self._chosen:
            self._chosen = event
            self.detail.show_event(event)

    def look(self) -> None:
        """Look everywhere at what is chosen here, unless what is looked at has a lane."""
        if self._playhead.row is None:
            self._playhead.lead()

    def _open(self) -> None:
        if self._chosen is not None:
            self.event_wanted.emit(self._chosen)

    def _read(self, row: int, take: TakeEvent, _failed: Failed) -> None:
        take(self.lanes.events[row])

    def _say(self) -> None:
        reader = self.reader
        self.canvas.show_complete(self.lanes.complete)
        self.older.setVisible(bool(self.lanes.older()))
        self.older.setEnabled(not reader.busy)
        count = counted(len(self.lanes.events), self.tr("1 event"), self.tr("{n} events"))
        known = count if self.lanes.complete is not None or self.lanes.events else ""
        ending = reader.problem or (self.tr("live") if reader.live else "")
        text = " · ".join(part for part in (known, self.completeness(), ending) if part)
        if text != self.said.text():
            self.said.setText(text)
            announce(self.said, text)

    def completeness(self) -> str:
        """Between which times nothing can be missing, in words."""
        span = self.lanes.complete
        if span is None:
            return self.tr("reading…") if self.reader.busy else self.tr("Whether something is missing is not known.")
        begin, end = span
        now = self._session.moments.now().astimezone()
        if begin is None:
            return self.tr("Nothing can be missing before {end}").format(end=_moment(end, now))
        words = self.tr("Nothing can be missing from {begin} to {end}")
        return words.format(begin=_moment(begin, now), end=_moment(end, now))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter leads to the event's stream, as a double click does."""
        enter = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and event.key() in enter:
            self._open()
            return True
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room the buttons stand below the sentence, and the event below the table."""
        super().resizeEvent(event)
        self._sharing.start()
        beside = self.width() >= scaled(_ROOM_FOR_CHOICES)
        self._top.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
        wide = self.width() >= scaled(SIDE_BY_SIDE)
        if wide is not (self.below.orientation() is Qt.Orientation.Horizontal):
            self.below.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)
            self.below.setSizes([680, 420] if wide else [400, 600])
            self._parts.setSizes([260, 300] if wide else [150, 350])

    def minimumSizeHint(self) -> QSize:
        """That of the axis alone: what else is shown goes by the room that there is."""
        least = self._axis.minimumSizeHint().height() + self._top.minimumSize().height()
        return QSize(super().minimumSizeHint().width(), least)

    def _share(self) -> None:
        """Where there is not room for both, axis or events; with still less room the events, or the one chosen."""
        wide = self.width() >= scaled(SIDE_BY_SIDE)
        low = self.height() < scaled(_ROOM_FOR_BOTH[0 if wide else 1])
        least, events, event = low and not wide, *self.sides[1:]
        if event.isChecked() and not least:
            events.setChecked(True)
        event.setVisible(least)
        self.table.setVisible(not least or not event.isChecked())
        self.detail.setVisible(not least or event.isChecked())
        has_axis = not low or self.sides[0].isChecked()
        self._sides.setVisible(low)
        self.below.setVisible(not low or not has_axis)
        for part in (self._axis, self._by, self._modes):
            part.setVisible(has_axis)
        for part in (self.overview, self._zooms):  # wheel and keys do the same
            part.setVisible(has_axis and not least)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.reader.resume()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.reader.pause()


def _moment(seconds: float, now: datetime) -> str:
    """A time, with its date where that is not today."""
    return moment_text(seconds).removeprefix(f"{now:%Y-%m-%d} ")
