"""Bookmarks of a history: flags on the axis with a note; set, changed and taken away by B, walked by [ and ]."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit

from desk.application.bookmarks import Bookmark
from desk.application.isolation import isolated
from desk.application.timeline.layout import TOP
from desk.gui.frame.text_size import scaled
from desk.gui.frame.workspace import Workspace
from desk.gui.timeline.controller import HistoryController
from desk.gui.widgets.axis.canvas import TimelineCanvas
from desk.gui.widgets.axis.shapes import write
from desk.gui.widgets.background import start
from desk.gui.widgets.boxes import column

LONGEST_NOTE: Final = 200
_FLAG: Final = 9.0


class HistoryBookmarks(QObject):
    """The bookmarks of the stream that is shown. What is kept is read and written on threads of its own.

    Signals:
        changed: there are others now.
    """

    changed = Signal()

    def __init__(self, workspace: Workspace, controller: HistoryController, canvas: TimelineCanvas) -> None:
        super().__init__(canvas)
        self._kept, self._now = workspace.ports.bookmarks, workspace.ports.moments.now
        self._bridge, self._say = workspace.bridge, workspace.say
        self._controller, self._canvas = controller, canvas
        self._stream = ""
        self.shown: dict[int, Bookmark] = {}
        """By revision, ascending."""
        controller.model.modelReset.connect(self._begin)
        canvas.under_painters.append(self._paint)

    def edit(self) -> None:
        """Ask for the note of a bookmark at the playhead; there may be one already."""
        revision = self._controller.revision
        if self._kept is None:
            self._say(self.tr("Bookmarks cannot be kept here."))
        elif revision is not None:
            BookmarkDialog(self, revision, self.shown.get(revision), self._canvas).open()

    def keep(self, revision: int, note: str) -> None:
        """Keep a bookmark at an event."""
        if self._kept is not None:
            bookmark = Bookmark(self._stream, revision, note.strip()[:LONGEST_NOTE], self._now())
            said = self.tr("Revision {number} is bookmarked; [ and ] walk through bookmarks.").format(number=revision)
            self._do(partial(self._kept.keep_bookmark, bookmark), said)

    def forget(self, revision: int) -> None:
        """Take the bookmark of an event away."""
        if self._kept is not None:
            said = self.tr("The bookmark at revision {number} is gone.").format(number=revision)
            self._do(partial(self._kept.forget_bookmark, self._stream, revision), said)

    def rows(self) -> Iterable[int]:
        """Those of their events that are shown."""
        return (row for row in map(self._controller.row_of, self.shown) if row is not None)

    def step(self, by: int) -> None:
        """Walk to the next bookmark whose event is shown, or to the one before."""
        places = [revision for revision in self.shown if self._controller.row_of(revision) is not None]
        here = self._controller.revision
        if here is None or not places:
            self._say(self.tr("There is no bookmark in this history; B sets one."))
            return
        at = bisect_right(places, here) if by > 0 else bisect_left(places, here) - 1
        if not 0 <= at < len(places):
            self._say(self.tr("There is no further bookmark."))
            return
        row = self._controller.row_of(places[at])
        if row is not None:
            self._controller.go(row)
        self._say(self.shown[places[at]].note)

    @Slot()
    def _begin(self) -> None:
        if self._controller.model.full.stream != self._stream:
            self._stream, self.shown = self._controller.model.full.stream, {}
            self._read()

    def _read(self) -> None:
        if self._kept is not None and self._stream:
            reading = partial(self._kept.bookmarks, self._stream)
            self._bridge.call(start(reading, "bookmarks"), partial(self._show, self._stream), self._fail, self)

    def _do(self, work: Callable[[], None], said: str) -> None:
        def done(_nothing: object) -> None:
            self._say(said)
            self._read()

        self._bridge.call(start(work, "bookmarks"), done, self._fail, self)

    def _show(self, stream: str, found: Iterable[Bookmark]) -> None:
        if stream == self._stream:
            self.shown = {bookmark.revision: bookmark for bookmark in found}
            self._canvas.update()
            self.changed.emit()

    def _fail(self, error: Exception) -> None:
        self._say(str(error))

    def _paint(self, painter: QPainter) -> None:
        """A flag above each bookmarked event, and its note as far as there is room up to the next."""
        canvas, style = self._canvas, self._canvas.timeline_style
        places = [(self._controller.row_of(revision), bookmark.note) for revision, bookmark in self.shown.items()]
        flags = [(canvas.left + canvas.view.x_of(row), note) for row, note in places if row is not None]
        width = canvas.area.width()
        for number, (x, note) in enumerate(flags):
            if not -_FLAG <= x <= width:
                continue
            painter.setPen(QPen(style.notice, 1.4))
            painter.drawLine(QPointF(x, TOP - 6), QPointF(x, canvas.scene.axis))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(style.notice)
            top = TOP - 6
            corners = [QPointF(x, top), QPointF(x + _FLAG, top + _FLAG / 2), QPointF(x, top + _FLAG)]
            painter.drawPolygon(QPolygonF(corners))
            end = flags[number + 1][0] if number + 1 < len(flags) else width
            room = QRectF(x + _FLAG + 2, top - 4, end - x - _FLAG - 6, style.words.height)
            if note and room.width() > 2 * _FLAG:
                text = style.cut(isolated(note), room.width())
                painter.fillRect(QRectF(room.left() - 1, room.top(), style.width(text) + 2, room.height()), style.paper)
                write(painter, room, text, style.ink, style.small, Qt.AlignmentFlag.AlignVCenter)


class BookmarkDialog(QDialog):
    """Asks for a note. Opened with ``open()``."""

    def __init__(
        self, bookmarks: HistoryBookmarks, revision: int, known: Bookmark | None, parent: TimelineCanvas
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Bookmark at revision {number}").format(number=revision))
        self.note = QLineEdit(known.note if known is not None else "")
        self.note.setMaxLength(LONGEST_NOTE)
        self.note.setMinimumWidth(scaled(320))
        label = QLabel(self.tr("&Note, which may be empty"))
        label.setBuddy(self.note)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel, self)
        buttons.accepted.connect(lambda: bookmarks.keep(revision, self.note.text()))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.remove = buttons.addButton(self.tr("&Take away"), QDialogButtonBox.ButtonRole.DestructiveRole)
        self.remove.setEnabled(known is not None)
        self.remove.clicked.connect(lambda: bookmarks.forget(revision))
        self.remove.clicked.connect(self.accept)
        column(label, self.note, buttons, on=self, margins=None)
