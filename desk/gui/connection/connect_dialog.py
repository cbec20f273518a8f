"""Asks for another store to connect to, by its connection string."""

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QWidget

from desk.cqrs.errors import StoreError
from desk.gui.frame.icons import Icons
from desk.gui.frame.theme import Theme
from desk.gui.widgets.banner import Banner
from desk.gui.widgets.boxes import column
from desk.gui.widgets.scrolled import Scrolled, give_room


class ConnectDialog(QDialog):
    """``connect`` begins to open what was typed, and raises StoreError with a sentence where that names no store."""

    def __init__(self, connect: Callable[[str], object], theme: Theme, icons: Icons, parent: QWidget) -> None:
        super().__init__(parent)
        self._connect = connect
        self.setWindowTitle(self.tr("Open a connection"))
        self.line = QLineEdit()
        self.line.setPlaceholderText("esdb://localhost:2113?tls=false")
        words = self.tr("&Connection string of an EventStoreDB or KurrentDB; without one this computer's own:")
        label = QLabel(words, wordWrap=True)
        label.setBuddy(self.line)
        self.banner = Banner(theme, icons)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.buttons.addButton(self.tr("Connect"), QDialogButtonBox.ButtonRole.AcceptRole).setDefault(True)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        content = column(label, self.line, self.banner)
        column((Scrolled(content), 1), self.buttons, on=self, margins=None)
        give_room(self, 460)
        self.line.setFocus()
        self.finished.connect(self.deleteLater)

    def offer(self, store: str) -> None:
        """Begin with what a link says of a store, which is not all that may be needed."""
        self.line.setText(store)
        words = self.tr(
            "The link names hosts only. Add what else this store needs, such as tls=false behind a question mark,"
            " or NAME:PASSWORD@ before the host."
        )
        self.banner.say(words)
        self._grow()

    @Slot()
    def accept(self) -> None:
        """Connect, or say why what was typed names no store; it stays to be mended."""
        try:
            self._connect(self.line.text().strip())
        except StoreError as error:
            self.banner.say(str(error), icon="warning", color="notice")
            self._grow()
            self.line.setFocus()
        else:
            super().accept()

    def _grow(self) -> None:
        """What is said is seen whole."""
        column = self.layout()
        assert column is not None
        column.activate()
        self.resize(self.width(), max(self.height(), column.totalHeightForWidth(self.width())))
