"""The window itself: it holds workspaces, one of which is shown, and closes when all of them are closed."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QMainWindow, QStackedWidget, QTabBar, QWidget

from desk.application.session import Session
from desk.gui.frame.action_specs import WINDOW_ACTIONS
from desk.gui.frame.icons import Icons
from desk.gui.frame.loading import loading
from desk.gui.frame.settings import Settings
from desk.gui.frame.theme import Theme
from desk.gui.frame.workspace import ConnectionWish
from desk.gui.frame.workspace_view import WorkspaceView
from desk.gui.widgets.background import GuiBridge, start
from desk.gui.widgets.boxes import column
from desk.gui.widgets.scrolled import FRAME

CLOSING_NOTE_AFTER = 300
"""Milliseconds of closing after which the window says so."""

FIRST_SIZE = QSize(1320, 860)
"""At the first start, where the screen has room for it."""

BEHIND = ("desk.gui.books.part", "desk.gui.frame.past", "desk.gui.frame.palette.palette")
"""What a view needs behind its first picture; loaded on a thread, so that nobody waits for it."""

OpenSession = Callable[[], Session]

Connect = Callable[[str], OpenSession]
"""What opens the store of a connection string, or (empty) this computer's own. Raises StoreError where it is none."""


class MainWindow(QMainWindow):
    """Begins with one workspace; another is opened beside it by :meth:`open_workspace`, and then shown.

    ``extend`` connects to each workspace what it does not know by itself, such as importing; ``connect`` opens another
    store that somebody asks for.

    Signals:
        fault_found: something failed behind the scenes in one of the workspaces (Fault).
        workspace_failed: a session could not be opened (Exception).
        log_wanted: somebody wants to see what is written down.
        closing: it closes, and does nothing more of what somebody asks for.
        gone: everything is closed; the program may end.
    """

    fault_found = Signal(object)  # Fault
    workspace_failed = Signal(object)  # Exception
    log_wanted: Signal = Signal()
    closing = Signal()
    gone = Signal()

    def __init__(
        self,
        theme: Theme,
        settings: Settings,
        extend: Callable[[WorkspaceView], object] = lambda _view: None,
        connect: Connect | None = None,
    ) -> None:
        super().__init__()
        self.setObjectName("desk")
        theme.dress(self)
        self.theme, self.settings, self._extend = theme, settings, extend
        self.icons = Icons(theme)
        self.bridge = GuiBridge()
        self.views: list[WorkspaceView] = []
        self._connect = connect
        self._opened: dict[WorkspaceView, str] = {}
        self.stack = QStackedWidget()
        self.tabs = QTabBar()
        self.tabs.setAccessibleName(self.tr("Connections"))
        self.tabs.setTabsClosable(True)
        self.tabs.hide()
        self._is_alone = False
        self.tabs.currentChanged.connect(self._show_number)
        self.tabs.tabCloseRequested.connect(self._close_number)
        inner = QWidget()
        column(self.tabs, (self.stack, 1), on=inner, spacing=0)
        self.setCentralWidget(inner)
        self.is_closing = self._closed = False  # about to go: nothing needs to be put back
        self._note = QTimer(self, singleShot=True)
        self._note.timeout.connect(self._say_closing)
        self.resize(FIRST_SIZE.boundedTo(self.screen().availableSize() - FRAME))
        if not settings.geometry.isEmpty():
            self.restoreGeometry(settings.geometry)

    # ── workspaces ────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def shown(self) -> WorkspaceView:
        """The workspace that is seen."""
        view = self.stack.currentWidget()
        assert isinstance(view, WorkspaceView)
        return view

    def open_workspace(
        self, open_session: OpenSession, settings: Settings | None = None, *, shown: bool = True
    ) -> WorkspaceView:
        """Open another workspace, whose session is opened on a thread of its own; it may have settings of its own.

        One that is not ``shown`` stands ready behind the present one.
        """
        view = self.add_workspace(settings, shown=shown)
        self.open_in(view, open_session)
        return view

    def open_in(self, view: WorkspaceView, open_session: OpenSession) -> None:
        """Open the session of a workspace that waits for it, on a thread of its own."""
        view.retry_wanted.connect(partial(self._open, view, open_session))
        self._open(view, open_session)

    def add_workspace(
        self, settings: Settings | None = None, *, store: str | None = None, shown: bool = True
    ) -> WorkspaceView:
        """Another workspace, which still waits for its session; ``store`` is what :meth:`connect_to` finds it by."""
        view = WorkspaceView(GuiBridge(), self.theme, self.icons, settings or self.settings, self.stack)
        self.views.append(view)
        if store is not None:
            self._opened[view] = store
        self.stack.addWidget(view)
        self.tabs.blockSignals(True)
        self.tabs.addTab(self.tr("Opening…"))
        self.tabs.blockSignals(False)
        view.bridge.fault_found.connect(self.fault_found)
        view.actions_by_name.add(WINDOW_ACTIONS, lambda: self)
        view.windowTitleChanged.connect(self._name)
        view.opened.connect(self._allow)
        view.closed.connect(partial(self._workspace_closed, view))
        view.workspace.connection_wanted.connect(partial(self._follow_elsewhere, view))
        self._extend(view)
        if shown:
            self.show_workspace(view)
            view.take_keys()  # one that stands ready takes them from nobody
        return view

    def show_workspace(self, view: WorkspaceView) -> None:
        """Show one of the workspaces; the others go on, and paint nothing."""
        self.stack.setCurrentWidget(view)
        self.tabs.setCurrentIndex(self.views.index(view))
        self._name()
        self._allow()

    def close_workspace(self, view: WorkspaceView) -> None:
        """Close one of them, after asking where something typed would be lost; another one is shown."""
        if view.may_close(partial(self.close_workspace, view)):
            view.close_session()

    def show_alone(self, *, alone: bool) -> None:
        """Whether only the workspace that is shown is spoken of: the others have no tabs, and are open all the same."""
        self._is_alone = alone
        self._allow()

    def ask_for_connection(self) -> None:
        """Ask which store to connect to, beside what is open."""
        from desk.gui.connection.connect_dialog import ConnectDialog

        ConnectDialog(self.connect_to, self.theme, self.icons, self).open()

    def _follow_elsewhere(self, here: WorkspaceView, wish: ConnectionWish) -> None:
        """Go where a link leads in another store: at once where that is open, else after asking how to connect."""

        def connect(store: str) -> None:
            self.connect_to(store)
            self.shown.go_to(wish.address)

        there = (view for view in self.views if view.session is not None and view.session.about.hosts == wish.hosts)
        if (open_already := next(there, None)) is not None:
            self.show_workspace(open_already)
            open_already.go_to(wish.address)
        elif self._connect is None:
            here.workspace.say(self.tr("This window looks at one store only."))
        else:
            from desk.gui.connection.connect_dialog import ConnectDialog

            dialog = ConnectDialog(connect, self.theme, self.icons, self)
            dialog.open()
            dialog.offer(f"esdb://{wish.hosts}")  # once it is open: then nothing is selected, to be typed over

    def connect_to(self, store: str) -> None:
        """Show the workspace of a store, in this window; it is opened unless it is open. Raises StoreError."""
        own = (view for view in self.views if not store and view.session is not None and view.session.about.embedded)
        open_already = next(own, None) or next((view for view, known in self._opened.items() if known == store), None)
        if open_already is not None:
            self.show_workspace(open_already)
        elif self._connect is not None:
            open_session = self._connect(store)
            self.open_in(self.add_workspace(store=store), open_session)

    def show_next(self) -> None:
        """The next of the connections that are open, round the end."""
        self.show_workspace(self.views[(self.views.index(self.shown) + 1) % len(self.views)])

    def close_shown(self) -> None:
        """Close the connection that is shown; another one is shown then."""
        self.close_workspace(self.shown)

    @Slot(int)
    def _show_number(self, number: int) -> None:
        if 0 <= number < len(self.views) and self.views[number] is not self.stack.currentWidget():
            self.show_workspace(self.views[number])

    @Slot(int)
    def _close_number(self, number: int) -> None:
        if len(self.views) > 1:
            self.close_workspace(self.views[number])

    @Slot()
    def _allow(self) -> None:
        """What is about several connections is possible while there are several, and they have tabs."""
        several = sum(not view.is_closing for view in self.views) > 1
        self.tabs.setVisible(several and not self._is_alone)
        for number, view in enumerate(self.views):
            self.tabs.setTabVisible(number, not view.is_closing)
            if view.session is not None:
                self.tabs.setTabText(number, view.session.about.name)
            actions = view.actions_by_name
            actions["view.motion"].setChecked(view.workspace.moves_little)  # another workspace may have changed it
            if self._connect is None:
                actions.refuse("window.connect", self.tr("This window looks at one store only."))
            for name in ("window.other", "window.leave"):
                actions.judge(name, "" if several else self.tr("No other connection is open."))

    def _open(self, view: WorkspaceView, open_session: OpenSession) -> None:
        def failed(error: Exception) -> None:
            view.could_not_open(error)
            self.workspace_failed.emit(error)

        load = loading(*BEHIND)

        def load_and_open() -> Session:
            load()
            view.bridge.post(view.furnish, view)
            return open_session()

        view.bridge.call(start(load_and_open, "opening"), view.open, failed, view)

    def _workspace_closed(self, view: WorkspaceView) -> None:
        # Not from within what the closing view is just doing.
        QTimer.singleShot(0, self, partial(self._remove, view))

    def _remove(self, view: WorkspaceView) -> None:
        view.bridge.close()
        if self.is_closing and len(self.views) == 1:
            self._finish_closing()
            return
        self._opened.pop(view, None)
        number = self.views.index(view)
        self.views.remove(view)
        self.tabs.removeTab(number)
        self.stack.removeWidget(view)
        self._allow()
        view.deleteLater()
        if self.is_closing:
            self._close_next()

    @Slot()
    def _name(self) -> None:
        self.setWindowTitle(self.shown.windowTitle())

    # ── the window ────────────────────────────────────────────────────────────────────────────────────────────

    @Slot()
    def come_forward(self) -> None:
        """A second start wants this window to be seen."""
        self.setWindowState((self.windowState() & ~Qt.WindowState.WindowMinimized) | Qt.WindowState.WindowActive)
        self.show()
        self.raise_()
        self.activateWindow()

    def fill_screen(self, *, full: bool) -> None:
        """Fill the whole screen, or no longer."""
        state, filled = self.windowState(), Qt.WindowState.WindowFullScreen
        self.setWindowState(state | filled if full else state & ~filled)  # and it stays maximised underneath

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Shift+F10 is the menu key's twin, which Qt knows on some systems only."""
        focus = QApplication.focusWidget()
        if event.key() == Qt.Key.Key_F10 and event.modifiers() == Qt.KeyboardModifier.ShiftModifier and focus:
            _open_menu_of(focus)
        else:
            super().keyPressEvent(event)

    # ── closing ───────────────────────────────────────────────────────────────────────────────────────────────

    @Slot()
    def stop(self) -> None:
        """Close, and ask nothing: the system wants it, and nobody may be there."""
        for view in self.views:
            view.stop()
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close the sessions first; the window goes when that is done."""
        if self._closed:
            event.accept()
            return
        event.ignore()
        if self.is_closing or not all(view.may_close(self.close) for view in self.views):
            return
        self.is_closing = True
        self.closing.emit()
        self.settings.geometry = self.saveGeometry()
        self._note.start(CLOSING_NOTE_AFTER)
        self._close_next()

    def _close_next(self) -> None:
        if self.views:
            self.views[-1].close_session()
        else:  # the last was closed before; not from within the delivery of what closes the window
            QTimer.singleShot(0, self, self._finish_closing)

    def _finish_closing(self) -> None:
        self._note.stop()
        for view in self.views:
            view.status.close()  # also what it said of the closing
        self._closed = True
        self.bridge.close()
        self.close()
        self.gone.emit()

    @Slot()
    def _say_closing(self) -> None:
        self.shown.status.say(self.tr("Closing: what is under way is finished first…"))


def _open_menu_of(focus: QWidget) -> None:
    """The context menu of what has the focus, as by the right mouse button; of a list that of its current row."""
    if isinstance(focus, QAbstractItemView) and focus.currentIndex().isValid():
        at, focus = focus.visualRect(focus.currentIndex()).center(), focus.viewport()
    else:
        at = focus.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle).center()
    by_key = QContextMenuEvent.Reason.Keyboard
    QApplication.sendEvent(focus, QContextMenuEvent(by_key, at, focus.mapToGlobal(at)))
