"""Hop 9: the History panel: timeline, table and inspector of one stream, growing while it is looked at."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QByteArray, Qt, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QLabel, QStackedLayout, QWidget

from desk.application.inspection.event_as_test import GetEventAsTest
from desk.application.queries import GetInspection
from desk.application.timeline.lanes import LaneBy
from desk.application.timeline.rows import EventRow
from desk.application.timeline.scale import Mode
from desk.domain.streams import book_id_of
from desk.gui.frame.workspace import Escape, StreamPlace, Workspace
from desk.gui.tables.event_table import EventActions, EventTable, Failed, TakeEvent
from desk.gui.tables.shared_room import SharedRoom
from desk.gui.timeline.axis_and_table import HistoryParts
from desk.gui.timeline.axis_notes import AxisNotes
from desk.gui.timeline.bookmarks import HistoryBookmarks
from desk.gui.timeline.bringing_back import is_correctable, other_way
from desk.gui.timeline.cause_arrows import CauseArrows
from desk.gui.timeline.change_flash import ChangeFlash
from desk.gui.timeline.controller import HistoryController
from desk.gui.timeline.filtering import HistoryFilter
from desk.gui.timeline.header import HistoryHeader
from desk.gui.timeline.history_keys import HistoryKeys
from desk.gui.timeline.inspector import TABS, Inspector
from desk.gui.timeline.legend import Legend
from desk.gui.timeline.loading import HistoryLoader
from desk.gui.timeline.model import SINCE, TYPE, USER, EventTableModel
from desk.gui.timeline.picture_dialog import PictureDialog
from desk.gui.timeline.playback import Playback
from desk.gui.timeline.playhead_place import PlayheadPlace
from desk.gui.timeline.pointing import Pointing
from desk.gui.timeline.transport import TransportBar
from desk.gui.widgets.axis.canvas import TimelineCanvas
from desk.gui.widgets.axis.overview import Overview
from desk.gui.widgets.boxes import column
from desk.gui.widgets.controls import quiet


class HistoryPanel(QWidget):
    """The history of one stream. While it is hidden it reads nothing.

    Its playhead follows the newest event as long as it stands there; from anywhere else nothing moves it.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        session, bridge, theme, icons = workspace.ports, workspace.bridge, workspace.theme, workspace.icons
        self.workspace = workspace
        self.setObjectName("history")
        self.setAccessibleName(self.tr("History"))
        self._session, self._bridge, self._theme = session, bridge, theme
        self.stream, self._title = "", ""
        """The stream that is shown, or on its way, and what people call it."""
        self.model = EventTableModel(self)
        self.controller = HistoryController(self.model, self)
        self.playback = Playback(self.controller, self)
        self.canvas = TimelineCanvas(self.model, self.controller.selection, theme)
        self.model.icon_of = lambda kind: self.canvas.timeline_style.icon(kind)
        self.overview = Overview(self.canvas)
        self.filter = HistoryFilter(workspace, self.controller)
        self.legend = Legend(workspace, self.canvas, self.model, self.filter)
        self.header = HistoryHeader(self.canvas, icons)
        self.transport = TransportBar(workspace, self.controller, self.playback)
        self.table = EventTable(self.model, self.model.columns, self.tr("Events"))
        self.table.setSelectionModel(self.controller.selection)
        self._room = SharedRoom(self.table, (TYPE,), self.model.longest, spare=(USER, SINCE))
        self.table.installEventFilter(self.canvas)
        self._playhead = PlayheadPlace(workspace, self.controller, self.table, self.transport)
        self.inspector = Inspector(workspace)
        self._keys = HistoryKeys(self._acts(), self)
        for widget in (self.canvas, self.table):
            widget.installEventFilter(self._keys)
        self.notes = AxisNotes(workspace, self.model, self.canvas)
        self.arrows = CauseArrows(workspace, self.controller, self.canvas)
        self.bookmarks = HistoryBookmarks(workspace, self.controller, self.canvas)
        self.bookmarks.changed.connect(self.overview.update)
        self.overview.flagged = self.bookmarks.rows
        self._flashing = ChangeFlash(workspace, self.controller, self.playback, self.table, self.inspector)
        self._pointing = Pointing(workspace, self.controller, self.canvas)
        self.loader = HistoryLoader(session, bridge, self.model, self._arrive, self)
        self.row_actions = EventActions(self.table, self.model, self._read, bridge)
        self._new = 0
        self._lay_out()
        self.setFocusProxy(self.canvas)
        self._connect()
        self._tell()
        self._follow(workspace.place)

    def _lay_out(self) -> None:
        picture = QWidget()
        column(self.overview, (self.canvas, 1), self.legend, on=picture, spacing=0)
        self.whole = HistoryParts(picture, self.table, self.inspector)
        self.parts = self.whole.axis_and_table
        self.message = quiet(QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True))
        body = QWidget()
        self._pages = QStackedLayout(body)
        self._pages.addWidget(self.message)
        self._pages.addWidget(self.whole)
        column(self.header, self.transport, (body, 1), on=self, spacing=0)

    def _connect(self) -> None:
        self.row_actions.said.connect(self.workspace.say)
        self.controller.moved.connect(self._look)
        self.controller.compared.connect(self._compare)
        self.canvas.mark_wanted.connect(self._mark)
        self.model.modelReset.connect(self._restart)
        self.model.rowsInserted.connect(self._room.fit)
        self.loader.changed.connect(self._tell)
        self.loader.shown.connect(self._begin)
        self.inspector.wanted.connect(self._go_to)
        self.inspector.left.connect(lambda: self.setFocus(Qt.FocusReason.ShortcutFocusReason))
        self.inspector.test_wanted.connect(self._copy_as_test)
        self.inspector.value_wanted.connect(self._bring_back)
        self.inspector.pin_wanted.connect(self.filter.pin)
        self.inspector.pin_toggled.connect(self.filter.toggle_pin)
        self.filter.changed.connect(self._tell)
        self._theme.changed.connect(self.table.viewport().update)
        self.header.newest.clicked.connect(self._go_newest)
        for button, part in zip(self.header.parts, (self.parts.axis, self.table, self.inspector), strict=True):
            button.clicked.connect(lambda _checked=False, part=part: self.whole.choose(part))
        self.whole.changed.connect(self._show_parts)
        self.workspace.as_at_first.connect(self._put_back)
        self.workspace.place_changed.connect(self._follow)
        self.workspace.moment_changed.connect(lambda _moment: self._tell())
        self.transport.past_wanted.connect(lambda: self.workspace.actions["past.whole"].trigger())

    @property
    def revision(self) -> int | None:
        """The revision that the playhead is at."""
        return self.controller.revision

    def show_stream(self, stream: str, title: str = "") -> None:
        """Show a stream, under a title for people; nothing happens where it is shown already."""
        self._title = title or stream
        if stream == self.stream:
            self._tell()
            return
        self.stream = stream
        if self.isVisible():
            self.loader.load(stream)

    def stop(self) -> None:
        """Read no more; to be called before the session closes."""
        self._playhead.leave()
        self.loader.stop()
        self.notes.stop()
        self.arrows.stop()
        self.playback.stop()
        self.row_actions.rows.stop()

    def save_state(self) -> QByteArray:
        """What is to be remembered: the scale, where the inspector stands, and how large the parts are."""
        state = {"scale": self.canvas.view.mode.value, "lanes": self.legend.by.value, **self.whole.save()}
        return QByteArray(json.dumps(state).encode())

    def restore_state(self, saved: QByteArray) -> None:
        """The inverse of :meth:`save_state`; what makes no sense is passed over."""
        try:
            state = json.loads(bytes(saved.data()))
            mode, lanes = Mode(state["scale"]), LaneBy(state.get("lanes", LaneBy.NONE.value))
            self.whole.restore(state)
        except (ValueError, KeyError, TypeError):
            return
        self.header.modes[mode].click()
        self.legend.choose_lanes(lanes)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.stream and self.loader.state.stream != self.stream:
            self.loader.load(self.stream)
        elif self.stream:
            self.loader.resume()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.loader.stop()
        self.playback.stop()

    def _restart(self) -> None:
        self._new = 0
        self._room.fit()
        self.inspector.clear()

    @Slot(object)
    def _follow(self, place: StreamPlace | None) -> None:
        """Look where the workspace looks."""
        if place is None:
            return
        self.show_stream(place.stream, place.title)
        is_read = self.loader.state.stream == self.model.full.stream == place.stream
        self._playhead.want(place.revision, is_read=is_read)

    def _begin(self) -> None:
        self._playhead.begin()
        self._tell()

    def _arrive(self, rows: tuple[EventRow, ...]) -> None:
        came = self.model.append(rows)
        self.filter.arrived()
        if came and not self._playhead.follows:
            self._new += came
        if self._playhead.follows:
            self.controller.grown()
        self._tell()

    @Slot()
    def _look(self) -> None:
        span = self.controller.span
        if span is None:
            self.inspector.clear()
            return
        self._playhead.tell()
        if self.controller.is_at_head:
            self._new = 0
        self._tell()
        self.inspector.look_at(span)

    @Slot()
    def _compare(self) -> None:
        mark = self.controller.mark
        self.canvas.set_marked(None if mark is None else self.controller.row_of(mark))
        end = None if mark is None else partial(self.controller.set_mark, None)
        self.workspace.can_escape(Escape.COMPARISON, end)
        if self.controller.span is not None:
            self.inspector.look_at(self.controller.span)

    @Slot(int)
    def _mark(self, row: int) -> None:
        revision = self.model.history.revisions[row]
        self.controller.set_mark(None if revision == self.controller.mark else revision)

    @Slot(str, object)
    def _bring_back(self, key: str, value: object) -> None:
        """Open the form that corrects a book, filled with an earlier value; other fields have commands of their own."""
        book_id = book_id_of(self.model.history.stream)
        if book_id is not None and is_correctable(key):
            self.workspace.want_correction(book_id, {key: value})
        else:
            self.workspace.say(other_way(key, value) or self.tr("No command of Desk's own changes this."))

    def move_inspector(self) -> None:
        """To the right of axis and table, or back beside the table."""
        self.whole.put_inspector(right=not self.whole.is_right)

    @Slot()
    def _put_back(self) -> None:
        """The inspector as at first; where another place is put back, it is none of it."""
        if self.isVisible():
            self.whole.put_inspector(right=False)

    def make_picture(self) -> None:
        """Ask what picture or page is wanted."""
        if len(self.model.history):
            PictureDialog(self.workspace, self.canvas, self._title, self).open()
        else:
            self.workspace.say(self.tr("There is no history to be made a picture of."))

    def _acts(self) -> dict[str, Callable[[], object]]:
        """What the keys do, by the names of their table."""
        go, play, bar = self.controller, self.playback, self.transport
        return {
            "previous": lambda: go.step(-1),
            "next": lambda: go.step(1),
            "previous-command": lambda: go.step_command(-1),
            "next-command": lambda: go.step_command(1),
            "first": lambda: go.go(0),
            "last": lambda: go.go(go.last),
            "mark": go.toggle_mark,
            "grow-left": lambda: go.grow_span(-1),
            "grow-right": lambda: go.grow_span(1),
            "follow": go.toggle_follow,
            "play": play.toggle,
            "slower": lambda: play.change_pace(-1),
            "faster": lambda: play.change_pace(1),
            "loop": play.toggle_loop,
            "reverse": play.toggle_direction,
            "go-to": lambda: bar.ask(bar.revision),
            "go-to-moment": lambda: bar.ask(bar.moment),
            "bookmark": lambda: self.bookmarks.edit(),
            "previous-bookmark": lambda: self.bookmarks.step(-1),
            "next-bookmark": lambda: self.bookmarks.step(1),
            "next-touch": lambda: self.filter.step(1),
            "previous-touch": lambda: self.filter.step(-1),
            "pin": lambda: self.filter.toggle_pin(self.inspector.chosen_key),
            "inspect": self.inspector.go_in,
            "as-test": self._copy_as_test,
            "back": self._go_back,
            **{name: partial(self.show_page, name) for name in TABS},
        }

    def show_page(self, page: str) -> bool:
        """Show a tab of the inspector, in place of the axis where there is no room for both, or a scale of the axis;
        whether there is one.
        """
        scales = {mode.value: button for mode, button in self.header.modes.items()}
        if page in scales:
            scales[page].click()
            self.whole.choose(self.parts.axis)
        elif page in TABS:
            self.whole.show_inspector()
            self.setFocus()
            self.inspector.show_tab(TABS.index(page))
        return page in TABS or page in scales

    def _go_back(self) -> bool:
        """One step towards what is now; False where nothing is left to be taken back."""
        if self.playback.plays:
            self.playback.stop()
        elif self.controller.mark is not None:
            self.controller.set_mark(None)
        elif self.workspace.moment is None and not self.controller.is_at_head:
            self.controller.go(self.controller.last)
        else:
            return False
        return True

    def _read(self, row: int, take: TakeEvent, failed: Failed) -> None:
        query = GetInspection(self.model.history.stream, self.model.history.revisions[row])
        self._bridge.call(self._session.queries.ask(query), lambda found: take(found.event), failed, self)

    def _show_parts(self) -> None:
        """There is room for axis, table and inspector, or for some of them; the keys go to what is seen."""
        head, both, beside = self.header, self.parts.has_room_for_both, self.whole.has_room_beside
        offered = [*(() if both else (head.axis,)), *(() if both and beside else (head.table,))]
        chosen = head.table if both or self.parts.chosen is not self.parts.axis else head.axis
        inspector_alone = not beside and self.whole.shows_inspector
        head.offer_parts(offered if beside else (*offered, head.details), head.details if inspector_alone else chosen)
        tabs = self.inspector.tabBar()
        tabs.removeEventFilter(self._keys)
        seen = (one for one in (self.canvas, self.table) if one.isVisibleTo(self.whole))
        self.setFocusProxy(focus := next(seen, tabs))
        focus.installEventFilter(self._keys)

    def _go_newest(self) -> None:
        self.controller.go(self.controller.last)
        self.setFocus()

    @Slot(str, int)
    def _go_to(self, stream: str, revision: int) -> None:
        """Go to another event, of this stream or another: a step of the trail, so that one can come back."""
        self.workspace.look_at(stream, revision)

    def _copy_as_test(self) -> None:
        """The event at the playhead, as a test, on the clipboard."""

        def put(text: str) -> None:
            QApplication.clipboard().setText(text)
            self.workspace.say(self.tr("The event was copied as a test."))

        def say_why_not(error: Exception) -> None:
            self.workspace.say(self.tr("Nothing was copied: {why}").format(why=error))

        if self.controller.revision is not None:
            question = GetEventAsTest(self.model.history.stream, self.controller.revision)
            self._bridge.call(self._session.queries.ask(question), put, say_why_not, self)

    def _tell(self) -> None:
        state, count = self.loader.state, len(self.model.full)
        if self.workspace.moment is not None:
            state = replace(state, live=False)
        self.header.show_state(self._title, self.model.full.revisions, self._new, state, len(self.model.history))
        if not self.stream:
            self.message.setText(self.tr("Select a book to see its history."))
        elif not count:
            waiting = self.tr("Reading…") if state.busy else self.tr("There are no events.")
            self.message.setText(state.problem or state.missing or waiting)
        self._pages.setCurrentIndex(1 if count and self.stream else 0)
