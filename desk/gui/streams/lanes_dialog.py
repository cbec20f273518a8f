"""Asks which streams are to be seen side by side."""

from collections.abc import Callable, Iterable
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QWidget,
)

from desk.application.queries import Source
from desk.gui.widgets.boxes import column, row
from desk.gui.widgets.placeholder import set_placeholder
from desk.gui.widgets.visible_text import visible

MOST: Final = 8
"""More lanes nobody can compare."""
_NAME: Final = Qt.ItemDataRole.UserRole


class LanesDialog(QDialog):
    """A list in which those are checked that are open; others can be typed.

    Signals:
        chosen: (tuple of Source) these are to be seen.
    """

    chosen = Signal(object)  # tuple[Source, ...]

    def __init__(
        self,
        checked: Iterable[str],
        offered: Iterable[str],
        parent: QWidget,
        title_of: Callable[[str], str] = visible,
    ) -> None:
        super().__init__(parent)
        self._title_of = title_of
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Side by side"))
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Streams"))
        self.list.setMinimumSize(380, 180)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        label = QLabel(self.tr("&Streams on one axis of time, a lane for each"))
        label.setBuddy(self.list)
        self.field = QLineEdit()
        set_placeholder(self.field, self.tr("Another: its name, a category as book-*, or $all"))
        self.field.setAccessibleName(self.tr("Another stream"))
        self.add = QPushButton(self.tr("&Add"), autoDefault=False)
        self.said = QLabel()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.go = buttons.addButton(self.tr("S&how them"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.go.setDefault(True)
        more = row((self.field, 1), self.add)
        column(label, (self.list, 1), more, self.said, buttons, on=self, margins=None)
        for number, name in enumerate(dict.fromkeys(name for name in checked if name)):
            self._put(name, checked=number < MOST)
        for name in offered:
            self._put(name, checked=False)
        self.list.itemChanged.connect(self._tell)
        self.field.textChanged.connect(self._tell)
        self.add.clicked.connect(self._add_typed)
        buttons.accepted.connect(self._go)
        buttons.rejected.connect(self.reject)
        self._tell()

    @property
    def names(self) -> list[str]:
        """What is checked."""
        return [item.data(_NAME) for item in self._items() if item.checkState() is Qt.CheckState.Checked]

    @property
    def _typed(self) -> list[str]:
        return [str(Source.parse(self.field.text()))] if self.field.text().strip() else []

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(number) for number in range(self.list.count())]

    def _put(self, name: str, *, checked: bool) -> None:
        item = next((one for one in self._items() if one.data(_NAME) == name), None)
        if item is None:
            item = QListWidgetItem(self._title_of(name), self.list)
            item.setData(_NAME, name)
            item.setToolTip(visible(name))
            item.setCheckState(Qt.CheckState.Unchecked)
        if checked:
            item.setCheckState(Qt.CheckState.Checked)

    def _add_typed(self) -> None:
        for name in self._typed:
            self._put(name, checked=True)
            self.list.scrollToBottom()
            self.field.clear()

    def _tell(self) -> None:
        names = {*self.names, *self._typed}
        few = len(names) < 2 and all(Source.parse(name).stream is not None for name in names)
        self.go.setEnabled(not few and len(names) <= MOST)
        words = self.tr("Choose two or more; one category alone has lanes by correlation.") if few else ""
        self.said.setText(self.tr("At most {n} at a time.").format(n=MOST) if len(names) > MOST else words)

    def _go(self) -> None:
        self._add_typed()
        if self.go.isEnabled():
            self.chosen.emit(tuple(map(Source.parse, self.names)))
            self.accept()
