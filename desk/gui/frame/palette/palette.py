"""The palette over the window: type a part of a name, and do or go to what bears it."""

from concurrent.futures import Future
from functools import partial
from typing import Final
from uuid import UUID

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QListView, QWidget

from desk.application.books_by_name import FoundBook, GetBooksByName
from desk.application.catalogue import Interrupted
from desk.application.queries import Source
from desk.cqrs.errors import StoreError
from desk.gui.frame.palette.delegate import PaletteDelegate, row_height
from desk.gui.frame.palette.lines import PaletteLine, PaletteLines, action_lines, book_lines, in_order, stream_lines
from desk.gui.frame.palette.recent import Kind, Recent
from desk.gui.frame.panel import CATALOGUE, HISTORY, STREAMS
from desk.gui.frame.workspace import Workspace, announce
from desk.gui.widgets.boxes import column
from desk.gui.widgets.placeholder import set_placeholder

_WIDEST: Final = 90
"""Letters of the widest palette."""
_MARGIN: Final = 20
"""Pixels of the window that stay in sight on either side."""
_ROWS: Final = 12
_STEPS: Final[dict[int, int]] = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1}
_PAGES: Final[dict[int, int]] = {Qt.Key.Key_PageDown: _ROWS - 1, Qt.Key.Key_PageUp: 1 - _ROWS}
_STAYS: Final = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)
"""Why the line may lose the focus for a while, without anybody having gone elsewhere."""


class TypingLine(QLineEdit):
    """The keys that walk the list are the palette's.

    Signals:
        stepped, paged: the user wants so many lines down (int), round the ends or no further than them.
        chosen, left: Enter, and Esc.
        abandoned: the focus has gone elsewhere.
    """

    stepped = Signal(int)
    paged = Signal(int)
    chosen = Signal()
    left = Signal()
    abandoned = Signal()

    def event(self, event: QEvent) -> bool:
        """Before Qt goes to the next widget by Tab."""
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self._take(event):
            return True
        if isinstance(event, QFocusEvent) and event.lostFocus() and event.reason() not in _STAYS:
            self.abandoned.emit()
        return super().event(event)

    def _take(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key in _STEPS:
            self.stepped.emit(_STEPS[key])
        elif key in _PAGES:
            self.paged.emit(_PAGES[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            return False
        return True


class Shade(QWidget):
    """Lies over a whole view, and is not seen.

    Signals:
        pressed: somebody clicks on it.
    """

    pressed = Signal()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()
        self.pressed.emit()


class Palette(QWidget):
    """Lies over its view while it is open: a click beside it closes it. It hides what is below, which is not painted.

    Actions and places are there at once; books come from the read model, off this thread, and only the answer to
    what is typed now is taken.
    """

    def __init__(self, workspace: Workspace, view: QWidget) -> None:
        super().__init__(view)
        self._workspace, self._actions, self._view = workspace, workspace.actions, view
        self._recent = Recent(workspace, self)
        self._generation = 0
        self._answer: Future[tuple[FoundBook, ...]] | None = None
        self._books: tuple[FoundBook, ...] = ()
        self._has_walked = self._enter_waits = False
        self._before: QWidget | None = None
        self.shade = Shade(view)
        self.line = TypingLine()
        self.list = QListView()
        self.note = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.lines = PaletteLines(self)
        self._lay_out()
        self._connect()
        self.shade.hide()
        self.hide()
        view.installEventFilter(self)

    def _lay_out(self) -> None:
        self.setObjectName("palette")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.line.setAccessibleName(self.tr("Find an action, place, book or stream"))
        set_placeholder(self.line, self.tr("An action, a place, a book or a stream"))
        self.list.setAccessibleName(self.tr("What bears such a name"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setModel(self.lines)
        self.list.setItemDelegate(PaletteDelegate(self._workspace.icons, self.list))
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column(self.line, (self.list, 1), self.note, on=self, margins=(8, 8, 8, 8))

    def _connect(self) -> None:
        self.line.textChanged.connect(self._typed)
        self.line.stepped.connect(self._step)
        self.line.paged.connect(self._page)
        self.line.chosen.connect(self._enter)
        self.line.left.connect(self.dismiss)
        self.line.abandoned.connect(self._shut)
        self.shade.pressed.connect(self.dismiss)
        self.list.clicked.connect(self._choose_current)
        self.list.selectionModel().currentChanged.connect(self._say_current)
        self._workspace.theme.changed.connect(self.list.viewport().update)

    @property
    def is_asking(self) -> bool:
        """Whether the books for what is typed are still to come."""
        return self._answer is not None

    # Opening and closing

    @Slot()
    def open(self) -> None:
        """Begin anew, with what was gone to lately; where it is open already, close it."""
        if self.isVisible():
            self.dismiss()
            return
        self._before = QApplication.focusWidget()
        self._books = ()  # those of the last time are of another text
        self.line.clear()
        self._place()
        for widget in (self.shade, self):
            widget.show()
            widget.raise_()
        self.line.setFocus(Qt.FocusReason.PopupFocusReason)
        self._typed()

    @Slot()
    def dismiss(self) -> None:
        """Close it, and go back to where one was."""
        self._shut()
        if self._before is not None and shiboken6.isValid(self._before) and self._before.isVisible():
            self._before.setFocus(Qt.FocusReason.PopupFocusReason)

    @Slot()
    def _shut(self) -> None:
        self._generation += 1
        self._forget_answer()
        self.shade.hide()
        self.hide()

    def _place(self) -> None:
        room = self._view.rect()
        self.shade.setGeometry(room)
        wide = min(self.fontMetrics().averageCharWidth() * _WIDEST, room.width() - 2 * _MARGIN)
        rows = _ROWS * row_height(self.list.fontMetrics()) + 3 * self.note.fontMetrics().height()
        high = min(self.line.sizeHint().height() + rows + 32, room.height() - 2 * _MARGIN)
        top = max(_MARGIN, min(room.height() // 10, room.height() - high - _MARGIN))
        self.setGeometry((room.width() - wide) // 2, top, wide, high)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """All of it, so that what lies below is not painted with each key: with a style sheet's border it would be."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().mid())
        painter.fillRect(self.rect().adjusted(1, 1, -1, -1), self.palette().window())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay over the view when its size changes."""
        if event.type() is QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    # Typing

    @Slot()
    def _typed(self) -> None:
        self._has_walked = self._enter_waits = False
        self._show_lines()
        self._ask()

    def _show_lines(self) -> None:
        """All that is known for what is typed. Who walked the list stays where he is."""
        typed, current = self.line.text(), self._current()
        lines = [
            *action_lines(self._actions, typed),
            *stream_lines(self._recent.streams, typed),
            *book_lines(self._books),
        ]
        self.lines.show(in_order(lines, self._recent.ages, typed=bool(typed.strip())))
        row = self.lines.row_of(current.key) if current is not None and self._has_walked else None
        self._go_to(row or 0)

    def _ask(self) -> None:
        self._generation += 1
        self._forget_answer()
        session = self._workspace.session
        if session is None:
            self._could_not_ask(self._generation, None)
            return
        self._answer = session.queries.ask(GetBooksByName(self.line.text(), self._recent.books))
        take, fail = partial(self._take, self._generation), partial(self._could_not_ask, self._generation)
        self._workspace.bridge.call(self._answer, take, fail, self)

    def _forget_answer(self) -> None:
        if self._answer is not None:
            self._answer.cancel()
            self._answer = None

    def _take(self, generation: int, books: tuple[FoundBook, ...]) -> None:
        """Books came; those of an earlier text are dropped."""
        if generation == self._generation:
            self._answer, self._books = None, books
            self._show_lines()
            self._enter_late()

    def _could_not_ask(self, generation: int, error: Exception | None) -> None:
        """The catalogue is not open yet."""
        if generation == self._generation:
            self._answer, self._books = None, ()
            self._show_lines()
            self._say(self.tr("Books can be found as soon as the catalogue is open."))
            self._enter_late()
        if not isinstance(error, Interrupted | StoreError | None):
            raise error

    # Walking

    def _current(self) -> PaletteLine | None:
        return self.lines.at(self.list.currentIndex().row())

    def _go_to(self, row: int) -> None:
        self.list.setCurrentIndex(self.lines.index(row, 0))
        self._say_current()

    @Slot(int)
    def _step(self, rows: int) -> None:
        """Down or up by one line, round the ends."""
        self._walk((self.list.currentIndex().row() + rows) % (self.lines.rowCount() or 1))

    @Slot(int)
    def _page(self, rows: int) -> None:
        self._walk(max(0, min(self.lines.rowCount() - 1, self.list.currentIndex().row() + rows)))

    def _walk(self, row: int) -> None:
        if self.lines.rowCount():
            self._has_walked = True
            self._go_to(row)

    @Slot()
    def _say_current(self) -> None:
        line = self._current()
        if line is not None:
            self._say(line.refusal or line.tip, line.accessible_text)
        elif not self.is_asking:
            self._say(self.tr("Nothing is called so."))
        else:
            self._say("")

    def _say(self, text: str, accessible_text: str = "") -> None:
        self.note.setText(text)
        announce(self.note, accessible_text or text)

    # Choosing

    @Slot()
    def _enter(self) -> None:
        """Do what the line says. Who types quickly means the best of all, so that the books are waited for."""
        if self.is_asking and not self._has_walked:
            self._enter_waits = True
        else:
            self._choose_current()

    def _enter_late(self) -> None:
        if self._enter_waits:
            self._enter_waits = False
            self._choose_current()

    @Slot()
    def _choose_current(self) -> None:
        line = self._current()
        if line is None:
            return
        if line.refusal:
            self._say(line.refusal)
            self._workspace.say(line.refusal)
            return
        self.dismiss()
        self._recent.note(line.key)
        match line.kind:
            case Kind.ACTION:
                self._actions[line.name].trigger()
            case Kind.BOOK:
                self._workspace.place_wanted.emit(CATALOGUE)
                self._workspace.book_wanted.emit(UUID(line.name))
            case Kind.STREAM:
                self._look_at(line.name)

    def _look_at(self, name: str) -> None:
        """Streams is built when it is shown first, and hears what is wanted from then on."""
        self._workspace.place_wanted.emit(STREAMS)
        self._workspace.source_wanted.emit(name)
        if Source.parse(name).stream is not None:
            self._workspace.look_at(name)
            self._workspace.companion_wanted.emit(HISTORY)
