"""Hop 1: the inputs that forms are made of, each with the domain's own check of its value."""

from collections.abc import Callable
from datetime import date
from functools import partial

from PySide6.QtCore import QCoreApplication, QDate, QEvent, QPointF, Qt
from PySide6.QtGui import QIcon, QKeyEvent, QMouseEvent, QTextCharFormat
from PySide6.QtWidgets import QApplication, QCalendarWidget, QComboBox, QDateEdit, QLineEdit, QToolButton

from desk.domain.commands import RULES
from desk.gui.books.fields import FieldLine
from desk.gui.frame.theme import Theme
from desk.gui.widgets.masking import is_masked
from desk.gui.widgets.placeholder import set_placeholder

_tr = partial(QCoreApplication.translate, "forms")


class DayEdit(QDateEdit):
    """A day whose calendar opens by Alt+Down or F4 too, as the list of a choice does."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt has no key for it: the arrow is pressed, which stands at the end of the line."""
        alt = event.key() == Qt.Key.Key_Down and event.modifiers() & Qt.KeyboardModifier.AltModifier
        if not alt and event.key() != Qt.Key.Key_F4:
            super().keyPressEvent(event)
            return
        across = 8 if self.isRightToLeft() else self.width() - 8
        at, left = QPointF(across, self.height() / 2), Qt.MouseButton.LeftButton
        for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease):
            QApplication.sendEvent(self, QMouseEvent(kind, at, self.mapToGlobal(at), left, left, event.modifiers()))


def text_line(
    theme: Theme,
    name: str,
    label: str,
    *,
    value: str = "",
    hint: str = "",
    parse: Callable[[str], object] | None = None,
) -> FieldLine:
    """A command's field as a line of text, checked by its rule, or by ``parse``, as it is typed; ``read`` gives it."""
    edit = QLineEdit(value)
    edit.setObjectName(name)
    if name == "patron" and is_masked():
        edit.setEchoMode(QLineEdit.EchoMode.Password)  # whoever it is lent to is nobody's business in a room
    line = FieldLine(name, label, edit, theme, read=edit.text, parse=parse or RULES[name], hint=hint)
    if line.is_required:
        set_placeholder(edit, _tr("required"))
    edit.textChanged.connect(line.touched)
    return line


def reader_line(theme: Theme) -> FieldLine:
    """The number of whoever gets a copy."""
    return text_line(theme, "patron", _tr("&Reader's number"), hint=reader_hint())


def reader_hint() -> str:
    """How readers' numbers look."""
    return _tr("Letters A to Z, digits and hyphens")


def day_line(theme: Theme, name: str, label: str, value: date, *, earliest: date, hint: str = "") -> FieldLine:
    """A day with a calendar. Its ``read`` gives a date."""
    edit = DayEdit(QDate(value.year, value.month, value.day))
    edit.setObjectName(name)
    edit.setCalendarPopup(True)
    _make_readable(edit.calendarWidget())
    edit.setDisplayFormat("ddd d MMM yyyy")
    edit.setMinimumDate(QDate(earliest.year, earliest.month, earliest.day))
    line = FieldLine(name, label, edit, theme, read=lambda: _day(edit.date()), hint=hint)
    edit.dateChanged.connect(line.touched)
    return line


def choice_line(theme: Theme, name: str, label: str, choices: tuple[tuple[object, str], ...]) -> FieldLine:
    """A choice among copies or holds: key and description. Its ``read`` gives the key."""
    box = QComboBox()
    box.setObjectName(name)
    for key, text in choices:
        box.addItem(text, key)
    line = FieldLine(name, label, box, theme, read=box.currentData)
    box.currentIndexChanged.connect(line.touched)
    return line


def _make_readable(calendar: QCalendarWidget) -> None:
    """Qt's red of weekends and its arrows can hardly be seen on dark grounds, and names of days are cut to dots."""
    calendar.setHorizontalHeaderFormat(QCalendarWidget.HorizontalHeaderFormat.SingleLetterDayNames)
    for weekend in (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday):
        calendar.setWeekdayTextFormat(weekend, QTextCharFormat())
    for name, drawing in (("prevmonth", "chevron-left"), ("nextmonth", "chevron-right")):
        button = calendar.findChild(QToolButton, f"qt_calendar_{name}")
        if button is not None:
            icon = QIcon(f"icons:{drawing}.svg")
            icon.addFile(f"icons:{drawing}.svg", mode=QIcon.Mode.Disabled)
            button.setIcon(icon)


def _day(day: QDate) -> date:
    return date(day.year(), day.month(), day.day())
