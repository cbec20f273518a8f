"""The connection as one part of a window: the light, the mark of its record, and the dialog that the light opens."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from desk.application.session import Session
from desk.gui.connection.light import ConnectionLight
from desk.gui.connection.mark import RecordMark
from desk.gui.connection.watch import ConnectionWatch

if TYPE_CHECKING:  # loaded when it is opened first
    from desk.gui.connection.dialog import ConnectionDialog
    from desk.gui.frame.icons import Icons
    from desk.gui.frame.theme import Theme
    from desk.gui.widgets.background import GuiBridge


class ConnectionPart(QObject):
    """Whoever builds a window puts :attr:`light` and :attr:`mark` somewhere, and opens the session here."""

    def __init__(self, bridge: "GuiBridge", theme: "Theme", icons: "Icons", parent: QObject) -> None:
        super().__init__(parent)
        self._bridge, self._theme, self._icons = bridge, theme, icons
        self._session: Session | None = None
        self.watch = ConnectionWatch(bridge, self)
        self.light = ConnectionLight(self.watch, icons)
        self.mark = RecordMark(theme)
        self.dialog: ConnectionDialog | None = None
        self.light.clicked.connect(self.show_dialog)
        bridge.record_changed.connect(self.mark.show_record)

    def open(self, session: Session) -> None:
        """Show this session's connection from now on."""
        self._session = session
        self.mark.show_record(session.about.record)

    def close(self) -> None:
        """Show nothing new."""
        self._session = None
        self.watch.stop()
        if self.dialog is not None:
            self.dialog.discard()

    @Slot()
    def show_dialog(self) -> None:
        """Open the dialog; once at a time."""
        from desk.gui.connection.dialog import ConnectionDialog

        if self._session is None or self.dialog is not None:
            return
        self.dialog = ConnectionDialog(self._session, self._bridge, self.watch, self._theme, self._icons, self.light)
        self.dialog.finished.connect(self._forget_dialog)
        self.dialog.open()

    @Slot()
    def _forget_dialog(self) -> None:
        self.dialog = None
