"""The dialog behind the connection's light: how the connection is, and what is noted about the store."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTabWidget, QWidget

from desk.application.session import Session
from desk.gui.connection.record_page import RecordPage
from desk.gui.connection.state_page import StatePage
from desk.gui.connection.watch import ConnectionWatch
from desk.gui.frame.icons import Icons
from desk.gui.frame.theme import Theme
from desk.gui.widgets.background import GuiBridge
from desk.gui.widgets.boxes import column
from desk.gui.widgets.question import Question
from desk.gui.widgets.scrolled import Scrolled, give_room


class ConnectionDialog(QDialog):
    """Two pages. Closing asks where something that was noted is not kept yet."""

    def __init__(
        self, session: Session, bridge: GuiBridge, watch: ConnectionWatch, theme: Theme, icons: Icons, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Connection"))
        self.state = StatePage(session, watch, theme, icons)
        self.record = RecordPage(session.about, bridge, theme, icons)
        self.pages = QTabWidget()
        for page, title in ((self.state, self.tr("How it &is")), (self.record, self.tr("What is &noted"))):
            self.pages.addTab(Scrolled(column(page)), title)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        column((self.pages, 1), buttons, on=self, margins=(12, 10, 12, 12))
        give_room(self, 600, 430)
        (self.state.trying if self.state.trying.isEnabled() else self.state.copying).setFocus()

    def reject(self) -> None:
        """Close, unless that would lose something."""
        if not self.record.is_changed:
            super().reject()
            return
        Question(
            self,
            self.tr("What you noted is not kept yet"),
            self.tr("Closing now forgets it."),
            stay=self.tr("Stay"),
            go_on=self.tr("Forget it"),
            then=self.discard,
        )

    def discard(self) -> None:
        """Close, whatever is typed."""
        super().reject()
