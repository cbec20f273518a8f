"""The main window: menus, tool bar, panels around the catalogue; it delegates everything else."""

from collections.abc import Iterable

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QCloseEvent
from PySide6.QtWidgets import QMainWindow

from desk.application.session import Session
from desk.gui.actions import Actions
from desk.gui.background import Bridge, start
from desk.gui.bars import about_box, add_menus, add_tools
from desk.gui.books.dialog import CommandDialog
from desk.gui.books.part import CataloguePart
from desk.gui.docks import Docks
from desk.gui.icons import Icons
from desk.gui.keys import KeyList
from desk.gui.known import describe_unknown
from desk.gui.panels import Panel, PanelContext
from desk.gui.plugins import PluginPanel
from desk.gui.repaints import Repaints
from desk.gui.settings import LAYOUT, Settings
from desk.gui.status import Status
from desk.gui.theme import Mode, Theme

CLOSING_NOTE_AFTER = 300
"""Milliseconds of closing after which the window says so."""


class MainWindow(QMainWindow):
    """Shown before the session is open; closes the session in the background.

    Signals:
        opened: the session is open (Session).
        import_wanted, demo_wanted: the user wants to import a file, or to load the demo catalogue.
        retry_wanted: opening failed, and the user wants to try again.
        stopping: the window is about to close without anybody who could be asked.
        gone: everything is closed; the program may end.
    """

    opened = Signal(object)  # Session
    import_wanted = Signal()
    demo_wanted = Signal()
    retry_wanted = Signal()
    stopping = Signal()
    gone = Signal()

    def __init__(self, bridge: Bridge, theme: Theme, icons: Icons, settings: Settings, panels: Iterable[Panel]) -> None:
        super().__init__()
        self.setObjectName("desk")
        self.session: Session | None = None
        self.bridge, self.theme, self.icons, self.settings = bridge, theme, icons, settings
        self.actions_by_name = Actions(icons, self)
        self.part = CataloguePart(bridge, theme, icons, self.actions_by_name, self)
        self.docks = Docks(self, self.actions_by_name, icons, tuple(panels))
        self.status = Status(self.statusBar(), bridge, self.part.saving, theme, icons, self.actions_by_name)
        self._opening = True
        self._closing = False
        self._closed = False
        self._note = QTimer(self)
        self._note.setSingleShot(True)
        self._note.timeout.connect(self._say_closing)
        self.setCentralWidget(self.part.view)
        self.docks.add_card(self.part.card)
        add_menus(self, self.actions_by_name)
        add_tools(self, self.actions_by_name)
        self._connect()
        self._first_state = QByteArray()
        self._restore()

    # ── opening ───────────────────────────────────────────────────────────────────────────────────────────────

    def open(self, session: Session) -> None:
        """Show this session from now on."""
        self.session, self._opening = session, False
        if self._closing:
            self._close_session()
            return
        self._name_window()
        # Before anything is asked: what changes between an answer and the first news would never be shown.
        session.listen(self.bridge.tell)
        self.part.open(session)
        self.status.open(session)
        Repaints(self.part.view.table.viewport(), self.bridge, session.diagnostics.repainted)
        context = PanelContext(
            session,
            self.bridge,
            self.theme,
            self.icons,
            self.settings,
            self.part.chosen,
            self.actions_by_name,
            self.status,
        )
        self.docks.open(context)
        self.opened.emit(session)

    def could_not_open(self, error: Exception) -> None:
        """Say what to do about it, in the place where the table would be."""
        self._opening = False
        self.part.view.say_opening(self.tr("The catalogue could not be opened"), str(error), can_retry=True)
        self.status.say(self.tr("Not open"))
        if self._closing:
            self._finish_closing()

    @Slot()
    def _name_window(self) -> None:
        if self.session is not None:
            self.setWindowTitle(self.tr("Catalogue on {store}").format(store=self.session.about.name))

    @Slot()
    def _retry(self) -> None:
        self._opening = True
        self.part.view.say_opening(self.tr("Opening the catalogue…"), "")
        self.retry_wanted.emit()

    @Slot()
    def come_forward(self) -> None:
        """A second start wants this window to be seen."""
        self.setWindowState((self.windowState() & ~Qt.WindowState.WindowMinimized) | Qt.WindowState.WindowActive)
        self.show()
        self.raise_()
        self.activateWindow()

    # ── building ──────────────────────────────────────────────────────────────────────────────────────────────

    def _connect(self) -> None:
        act = self.actions_by_name
        act["catalogue.import"].triggered.connect(self.import_wanted)
        act["catalogue.demo"].triggered.connect(self.demo_wanted)
        act["window.close"].triggered.connect(self.close)
        act["view.plugins"].triggered.connect(self.show_plugins)
        act["view.full"].toggled.connect(self._fill_screen)
        act["view.reset"].triggered.connect(self._reset_layout)
        act["help.keys"].triggered.connect(self.show_keys)
        act["help.about"].triggered.connect(self.show_about)
        for mode in Mode:
            act[f"theme.{mode}"].triggered.connect(self._choose_theme)
        self.part.said.connect(self.status.say)
        self.part.view.opening.pressed.connect(self._retry)
        self.status.counted.connect(self._counted)
        self.bridge.record_changed.connect(self._name_window)

    def _restore(self) -> None:
        self.setWindowTitle(self.tr("Catalogue"))
        self.resize(1320, 860)
        self._first_state = self.saveState(LAYOUT)
        if not self.settings.geometry.isEmpty():
            self.restoreGeometry(self.settings.geometry)
        if not self.settings.panels.isEmpty():
            self.restoreState(self.settings.panels, LAYOUT)
        self.actions_by_name[f"theme.{self.theme.mode}"].setChecked(True)
        self.part.restore(self.settings)

    # ── what actions do ───────────────────────────────────────────────────────────────────────────────────────

    @Slot()
    def show_plugins(self) -> None:
        """The plugins with their switches and figures."""
        if self.session is not None:
            PluginPanel(self.session, self).show()

    @Slot()
    def show_keys(self) -> None:
        """All keys."""
        KeyList(self.actions_by_name, self.docks.panels, self).show()

    @Slot()
    def show_about(self) -> None:
        """Name, version, licence."""
        about_box(self).open()

    @Slot()
    def _choose_theme(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.theme.set_mode(Mode(action.objectName().removeprefix("theme.")))
            self.settings.theme = self.theme.mode

    @Slot(bool)
    def _fill_screen(self, full: bool) -> None:
        if full:
            self.showFullScreen()
        else:
            self.showNormal()

    @Slot()
    def _reset_layout(self) -> None:
        self.settings.forget_layout()
        self.restoreState(self._first_state, LAYOUT)
        self.part.view.restore_columns(QByteArray())

    @Slot()
    def _counted(self) -> None:
        known, session = self.status.known, self.session
        if known.counts is not None and session is not None:
            unknown = ("", "") if known.complete else describe_unknown(session)
            self.part.view.set_known(*unknown, is_empty=known.is_empty)

    # ── closing ───────────────────────────────────────────────────────────────────────────────────────────────

    @Slot()
    def stop(self) -> None:
        """Close, and ask nothing: the system wants it, and nobody may be there."""
        self.stopping.emit()
        self._discard_forms()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close the session first; the window goes when that is done."""
        if self._closed:
            event.accept()
            return
        event.ignore()
        if self._closing:
            return
        forms = [form for form in self.findChildren(CommandDialog) if form.isVisible()]
        filled = [form for form in forms if form.would_lose]
        if filled:
            filled[0].ask_to_discard(self._discard_forms)
            return
        for form in forms:
            form.discard()
        self._closing = True
        self._remember()
        self._note.start(CLOSING_NOTE_AFTER)
        self.setEnabled(False)
        # While the session is still being opened, its arrival goes on from here.
        if self.session is not None or not self._opening:
            self._close_session()

    def _discard_forms(self) -> None:
        """Close, whatever is typed in an open form."""
        for form in self.findChildren(CommandDialog):
            form.discard()
        self.close()

    def _remember(self) -> None:
        self.settings.geometry = self.saveGeometry()
        self.settings.panels = self.saveState(LAYOUT)
        self.part.remember(self.settings)
        self.settings.save()

    def _close_session(self) -> None:
        session = self.session
        self.docks.shut()
        self.settings.save()
        self.part.close()
        self.status.close()
        if session is None:
            self._finish_closing()
        else:
            self.bridge.call(start(session.close, "closing"), self._session_closed, self._session_not_closed, self)

    def _session_closed(self, _: object) -> None:
        self._finish_closing()

    def _session_not_closed(self, error: Exception) -> None:
        self._finish_closing()
        raise error

    def _finish_closing(self) -> None:
        self._note.stop()
        self._closed = True
        # Not from within the first closing's event, where closing again means nothing.
        QTimer.singleShot(0, self._leave)

    @Slot()
    def _leave(self) -> None:
        self.close()
        self.gone.emit()

    @Slot()
    def _say_closing(self) -> None:
        self.status.say(self.tr("Closing: what is under way is finished first…"))
