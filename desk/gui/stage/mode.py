"""Stage mode: text for the last row, high contrast, nothing in the way, a halo round the pointer; and its end."""

from collections.abc import Callable
from typing import Final

import shiboken6
from PySide6.QtCore import QByteArray, QEvent, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QCursor,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QPainter,
    QPen,
    QPixmap,
    QPolygonF,
    QShowEvent,
)
from PySide6.QtWidgets import QApplication, QDialog, QDockWidget, QWidget

from desk.gui.frame.problems import MISTAKE
from desk.gui.frame.text_size import NORMAL, STEPS
from desk.gui.frame.theme import ThemeMode
from desk.gui.frame.window import MainWindow
from desk.gui.frame.workspace_view import WorkspaceView
from desk.gui.stage.bar import LEAST, StageBar
from desk.gui.widgets.controls import application
from desk.gui.widgets.masking import set_masked

LEAST_SIZE: Final = 175
"""Per cent of normal text, at least."""

_LOW: Final = 700
LEAST_ON_LOW: Final = 125
"""The same on a screen with fewer pixels of height: there the way of a command would not be seen whole."""

_SMALLEST: Final = 0.85
"""Of the font's size, the smallest text that anything in the window has."""

_ARROW: Final = ((0, 0), (0, 17), (4, 13), (7, 19), (10, 18), (7, 12), (12, 12))


class StageMode(QObject):
    """Of one window; off at first. ``take_key`` is asked whether it takes a key on its way to something.

    All events of the program are looked at here, and nowhere else: each look costs time.
    """

    def __init__(self, frame: MainWindow, take_key: Callable[[QObject, QKeyEvent], bool] = lambda *_: False) -> None:
        super().__init__(frame)
        self._frame, self._theme, self._take_key = frame, frame.theme, take_key
        self.bar = StageBar()
        self.is_on = False
        self._before: tuple[ThemeMode, int] = (self._theme.mode, self._theme.text_size)
        self._was_full = False
        self._hidden: list[QWidget] = []
        self._held_back: list[QDialog] = []
        self._titles: dict[QDockWidget, QWidget] = {}
        self._arranged: dict[WorkspaceView, tuple[QByteArray, set[QDockWidget]]] = {}

    def enter(self) -> None:
        """Large and plain, whatever workspace is shown."""
        if self.is_on:
            return
        self.is_on = True
        self._before = (self._theme.mode, self._theme.text_size)
        self._was_full = self._frame.isFullScreen()
        self._arranged = {view: (view.saveState(), _shown_docks(view)) for view in self._frame.views}
        self._frame.show_alone(alone=True)
        self._frame.addToolBar(Qt.ToolBarArea.BottomToolBarArea, self.bar)
        self.bar.show()
        if QGuiApplication.platformName() != "offscreen":
            self._frame.fill_screen(full=True)
        ground = ThemeMode.DARK if self._theme.is_dark else ThemeMode.LIGHT
        filled = self._frame.screen().size().height() if self._frame.isFullScreen() else self._frame.height()
        self._mask(masked=True)
        self._theme.set_look(ground, stage_size(filled), high_contrast=True)
        self._fit()
        application().installEventFilter(self)
        QApplication.setOverrideCursor(_halo(self._theme.color("state.pending")))

    def leave(self) -> None:
        """Everything as it was; of a window that closes only what is not its own."""
        if not self.is_on:
            return
        self.is_on = False
        application().removeEventFilter(self)
        QApplication.restoreOverrideCursor()
        if self._frame.is_closing:
            set_masked(masked=False)
            return
        self._frame.show_alone(alone=False)
        self._frame.removeToolBar(self.bar)
        for widget in self._hidden:
            if shiboken6.isValid(widget):
                widget.show()
        self._hidden.clear()
        for dock, title in self._titles.items():
            if shiboken6.isValid(dock):
                bare = dock.titleBarWidget()
                dock.setTitleBarWidget(title)
                title.show()
                bare.deleteLater()
        self._titles.clear()
        self._mask(masked=False)
        self._theme.set_look(*self._before)
        if not self._was_full and self._frame.isFullScreen():
            self._frame.fill_screen(full=False)
        self._let_come()
        QTimer.singleShot(0, self, self._arrange)  # when all has its size of before

    def _arrange(self) -> None:
        """Companions that had to give way to a stage's text stand where they stood, unless others are shown now."""
        arranged, self._arranged = self._arranged, {}
        for view, (state, shown) in arranged.items():
            if view in self._frame.views and not self.is_on and _shown_docks(view) == shown:
                view.restoreState(state)

    def change_ground(self) -> None:
        """Light for a lit room, dark for a dark one."""
        self._theme.set_mode(ThemeMode.LIGHT if self._theme.is_dark else ThemeMode.DARK)
        self._fit()  # a label's own font does not outlive a sheet that is set anew

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Tooltips stay away, and dialogs that nobody asked for; a key is pressed; the window has another size, or
        another workspace is shown in it.
        """
        # The events' classes are known at once, their types are not.
        if isinstance(event, QKeyEvent):
            return event.type() is QEvent.Type.KeyPress and self._take_key(watched, event)
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            return True
        if isinstance(event, QShowEvent) and isinstance(watched, QDialog):
            self._hold_back(watched)
        if watched is self._frame and event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._fit()
        return False

    def hold_back(self) -> None:
        """Dialogs of other workspaces than the one that is shown stay away until the end."""
        for dialog in self._frame.findChildren(QDialog):
            if dialog.isVisible():
                self._hold_back(dialog)

    def _hold_back(self, dialog: QDialog) -> None:
        """Unless somebody asked for it: what says a mistake, or belongs to another workspace, waits for the end."""
        others = (view for view in self._frame.views if view is not self._frame.shown)
        if dialog.objectName() != MISTAKE and not any(view.isAncestorOf(dialog) for view in others):
            return
        self._held_back.append(dialog)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        QTimer.singleShot(0, dialog, dialog.hide)  # it is just being shown

    def _let_come(self) -> None:
        held_back, self._held_back = self._held_back, []
        for dialog in held_back:
            if shiboken6.isValid(dialog):
                dialog.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen, on=False)
                dialog.show()

    def _mask(self, *, masked: bool) -> None:
        """Hide what nobody is to read, or no longer; whatever is looked at is shown anew."""
        set_masked(masked=masked)
        for view in self._frame.views:
            view.workspace.place_changed.emit(view.workspace.place)
            view.workspace.selection.card_changed.emit()

    def _fit(self) -> None:
        height = self._frame.height()
        self._theme.set_text_size(stage_size(height))
        self.bar.fit(height)
        if self._frame.views:
            self._clear_way(self._frame.shown)

    def _clear_way(self, view: WorkspaceView) -> None:
        """Take away what nobody needs on a stage: menus, the rail, titles of companions. Their keys stay."""
        for widget in (view.menuBar(), view.places.rail):
            if not widget.isHidden():
                widget.hide()
                self._hidden.append(widget)
        for dock in map(view.places.dock, view.places.companions):
            if dock not in self._titles:
                self._titles[dock] = dock.titleBarWidget()
                dock.setTitleBarWidget(QWidget())


def _shown_docks(view: WorkspaceView) -> set[QDockWidget]:
    return {dock for dock in view.findChildren(QDockWidget) if not dock.isHidden()}


def stage_size(height: int) -> int:
    """Per cent of normal text at which no text is smaller than a fiftieth of this height in pixels."""
    screen = QGuiApplication.primaryScreen()
    dots = screen.logicalDotsPerInch() if screen is not None else 96
    needed = -(-height // LEAST) / (10 * dots / 72) * NORMAL / _SMALLEST
    larger = [step for step in STEPS if step >= max(needed, LEAST_SIZE if height >= _LOW else LEAST_ON_LOW)]
    return larger[0] if larger else round(needed + 1)


def _halo(colour: QColor) -> QCursor:
    """An arrow in a ring that the last row sees."""
    size = 96
    picture = QPixmap(size, size)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    fill = QColor(colour)
    fill.setAlpha(70)
    painter.setBrush(fill)
    painter.setPen(QPen(colour, 5))
    painter.drawEllipse(4, 4, size - 8, size - 8)
    painter.translate(size / 2, size / 2)
    painter.scale(1.6, 1.6)
    painter.setPen(QPen(QColor("white"), 1.4))
    painter.setBrush(QColor("black"))
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in _ARROW]))
    painter.end()
    return QCursor(picture, size // 2, size // 2)
