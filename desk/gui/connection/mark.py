"""What a person has noted about the store, always in sight: its colour, its name, and that it is in production."""

from typing import Final

from PySide6.QtCore import QRect, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from desk.application.isolation import isolated
from desk.application.session import ConnectionRecord
from desk.gui.frame.theme import Theme
from desk.gui.widgets.boxes import row

COLOURS: Final = ("blue", "teal", "green", "yellow", "orange", "red", "pink", "purple", "grey")
"""What a store can be marked with; the themes have each of them as ``store.blue`` and so on."""

WIDEST: Final = 150
"""Pixels that a store's name may take."""
_PADDING: Final = 8
_STRIPE: Final = 5


def colour_of(theme: Theme, record: ConnectionRecord) -> QColor | None:
    """The colour of a store in the present theme; None where it has none, or one that nobody knows any more."""
    return theme.color(f"store.{record.colour}") if record.colour in COLOURS else None


class RecordMark(QWidget):
    """Hidden where nothing is noted."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._record = ConnectionRecord("")
        self.name = _Chip()
        self.production = _Chip()
        row(self.name, self.production, on=self, margins=(4, 0, 4, 0), spacing=6)
        theme.changed.connect(self._show)
        self._show()

    def show_record(self, record: ConnectionRecord) -> None:
        """Another record."""
        self._record = record
        self._show()

    @Slot()
    def _show(self) -> None:
        record, colour = self._record, colour_of(self._theme, self._record)
        self.name.show_text(record.name, stripe=colour)
        self.name.setVisible(bool(record.name) or colour is not None)
        self.name.setToolTip(self.tr("This store: {name}").format(name=record.name) if record.name else "")
        self.production.show_text(
            self.tr("PRODUCTION") if record.production else "", ground=self._theme.color("problem")
        )
        self.production.setVisible(record.production)
        self.production.setToolTip(self.tr("This store is in production: nothing is appended to it by hand."))
        self.setVisible(self.name.isVisibleTo(self) or record.production)


class _Chip(QWidget):
    """A short text on a rounded ground, perhaps with a stripe of colour before it."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self._stripe: QColor | None = None
        self._ground: QColor | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str, *, stripe: QColor | None = None, ground: QColor | None = None) -> None:
        """Other words; ``ground`` is a strong colour, on which they stand in the colour of the window's ground."""
        self.text, self._stripe, self._ground = text, stripe, ground
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold if ground is not None else QFont.Weight.Normal)
        self.setFont(font)
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the text, up to a bound."""
        words = min(WIDEST, self.fontMetrics().horizontalAdvance(isolated(self.text))) if self.text else 0
        sides = 2 * _PADDING if self.text else 0
        return QSize(words + sides + (_STRIPE + 3 if self._stripe is not None else 0), self.fontMetrics().height() + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, stripe and text."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self._ground is not None:
            painter.setBrush(self._ground)
            painter.drawRoundedRect(self.rect(), 4, 4)
        left = 0
        if self._stripe is not None:
            painter.setBrush(self._stripe)
            painter.drawRoundedRect(QRect(0, 1, _STRIPE, self.height() - 2), 2, 2)
            left = _STRIPE + 3
        if not self.text:
            return
        box = self.rect().adjusted(left + _PADDING, 0, -_PADDING, 0)
        role = QPalette.ColorRole.WindowText if self._ground is None else QPalette.ColorRole.Base
        painter.setPen(self.palette().color(role))
        shown = self.fontMetrics().elidedText(isolated(self.text), Qt.TextElideMode.ElideRight, box.width() + 1)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
