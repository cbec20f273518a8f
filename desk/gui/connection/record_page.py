"""What a person notes about a store: how it is called, its colour, and how careful one has to be with it."""

from functools import partial

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLabel, QLineEdit, QPushButton, QWidget

from desk.application.session import AboutPort, ConnectionRecord
from desk.gui.connection.mark import COLOURS
from desk.gui.frame.icons import Icons
from desk.gui.frame.theme import Theme
from desk.gui.widgets.background import GuiBridge, start
from desk.gui.widgets.banner import Banner
from desk.gui.widgets.boxes import column, row
from desk.gui.widgets.controls import quiet
from desk.gui.widgets.placeholder import set_placeholder

LONGEST = 60
"""Characters of a name."""


class RecordPage(QWidget):
    """Keeps what was changed when somebody says so; what another window changes meanwhile is not taken over.

    Signals:
        kept: the record is on the disk.
    """

    kept = Signal()

    def __init__(self, about: AboutPort, bridge: GuiBridge, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._about, self._bridge, self._theme = about, bridge, theme
        self._before = about.record
        self.name = QLineEdit(self._before.name)
        self.name.setMaxLength(LONGEST)
        set_placeholder(self.name, about.hosts or self.tr("this computer"))
        self.colour = QComboBox()
        self.production = QCheckBox(self.tr("&Production"))
        self.may_write = QCheckBox(self.tr("May be &written to by hand"))
        self.remark = QLabel(wordWrap=True)
        self.trouble = Banner(theme, icons)
        self.keeping = QPushButton(self.tr("&Keep"), autoDefault=False)
        self.said = QLabel()
        self._fill()
        self._lay_out()
        self.name.textChanged.connect(self._show)
        self.colour.currentIndexChanged.connect(self._show)
        self.production.toggled.connect(self._production_toggled)
        self.may_write.toggled.connect(self._show)
        self.keeping.clicked.connect(self.keep)
        self.name.returnPressed.connect(self.keep)
        theme.changed.connect(self._paint_colours)
        self._production_toggled(self._before.production)

    @property
    def record(self) -> ConnectionRecord:
        """What stands there."""
        return ConnectionRecord(
            " ".join(self.name.text().split()),
            str(self.colour.currentData()),
            production=self.production.isChecked(),
            may_write=self.may_write.isChecked(),
        )

    @property
    def is_changed(self) -> bool:
        """Whether something stands there that is not kept."""
        return self.record != self._before

    @Slot()
    def keep(self) -> None:
        """Write it down, on a thread of its own: the disk may be slow, or full."""
        if not self.is_changed or not self.isEnabled():
            return
        record = self.record
        self.trouble.clear()
        self.setEnabled(False)
        writing = start(partial(self._about.change_record, record), "record of the connection")
        self._bridge.call(writing, lambda _: self._was_kept(record), self._was_not_kept, self)

    def _was_kept(self, record: ConnectionRecord) -> None:
        self.setEnabled(True)
        self._before = record
        self._show()
        self.said.setText(self.tr("Kept."))
        self.kept.emit()

    def _was_not_kept(self, error: Exception) -> None:
        self.setEnabled(True)
        if not isinstance(error, OSError):
            raise error
        why = self.tr("This could not be kept: {why}. Make room in {directory}, or make it writable, and try again.")
        text = why.format(why=error.strerror or str(error), directory=self._about.directory)
        self.trouble.say(text, icon="warning", color="problem")

    @Slot(bool)
    def _production_toggled(self, production: bool) -> None:
        if production:
            self.may_write.setChecked(False)
        self.may_write.setEnabled(not production)
        self.remark.setText(
            self.tr("Not possible: a store in production is never written to by hand.")
            if production
            else self.tr("Appending to any stream, and deleting one. The catalogue's own commands need no leave.")
        )
        self._show()

    @Slot()
    def _show(self) -> None:
        self.keeping.setEnabled(self.is_changed)
        self.said.clear()

    @Slot()
    def _paint_colours(self) -> None:
        for number, name in enumerate(COLOURS, start=1):
            square = QPixmap(QSize(14, 14))
            square.fill(self._theme.color(f"store.{name}"))
            self.colour.setItemIcon(number, QIcon(square))

    def _fill(self) -> None:
        words = {
            "": self.tr("None"),
            "blue": self.tr("Blue"),
            "teal": self.tr("Teal"),
            "green": self.tr("Green"),
            "yellow": self.tr("Yellow"),
            "orange": self.tr("Orange"),
            "red": self.tr("Red"),
            "pink": self.tr("Pink"),
            "purple": self.tr("Purple"),
            "grey": self.tr("Grey"),
        }
        for name in ("", *COLOURS):
            self.colour.addItem(words[name], name)
        self._paint_colours()
        self.colour.setCurrentIndex(max(0, self.colour.findData(self._before.colour)))
        self.production.setChecked(self._before.production)
        self.may_write.setChecked(self._before.may_write)

    def _lay_out(self) -> None:
        quiet(self.remark)
        self.may_write.setAccessibleDescription(self.tr("Not possible for a store in production"))
        form = QFormLayout(verticalSpacing=10)
        form.addRow(self.tr("&Name"), self.name)
        form.addRow(self.tr("C&olour"), self.colour)
        form.addRow("", self.production)
        form.addRow("", self.may_write)
        form.addRow("", self.remark)
        below = row(None, self.said, self.keeping)
        column(form, self.trouble, None, below, on=self, margins=(14, 14, 14, 10), spacing=10)
