"""What a user's hands do to a widget, with types (pytest-qt's own have none)."""

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

_NONE = Qt.KeyboardModifier.NoModifier
_LEFT = Qt.MouseButton.LeftButton


def press_key(widget: QWidget, key: Qt.Key, modifiers: Qt.KeyboardModifier = _NONE) -> None:
    """Press and release a key."""
    QTest.keyClick(widget, key, modifiers)


def click(widget: QWidget, at: QPoint) -> None:
    """Click with the left button."""
    QTest.mouseClick(widget, _LEFT, _NONE, at)


def double_click(widget: QWidget, at: QPoint) -> None:
    """Click twice. Qt's own function leaves the button pressed, for whatever the pointer is moved over next."""
    QTest.mouseClick(widget, _LEFT, _NONE, at)
    QTest.mouseDClick(widget, _LEFT, _NONE, at)
    QTest.mouseRelease(widget, _LEFT, _NONE, at)


def point(widget: QWidget, at: QPoint) -> None:
    """Move the pointer there."""
    QTest.mouseMove(widget, at)


def drag(widget: QWidget, begin: QPoint, end: QPoint) -> None:
    """Press, move in two steps, release."""
    QTest.mousePress(widget, _LEFT, _NONE, begin)
    QTest.mouseMove(widget, (begin + end) / 2)
    QTest.mouseMove(widget, end)
    QTest.mouseRelease(widget, _LEFT, _NONE, end)


def turn_wheel(widget: QWidget, at: QPoint, steps: int, modifiers: Qt.KeyboardModifier = _NONE) -> None:
    """Turn the wheel, away from oneself where positive."""
    where = QPointF(at)
    no_button, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    turned = QPoint(0, 120 * steps)
    event = QWheelEvent(where, widget.mapToGlobal(where), QPoint(), turned, no_button, modifiers, phase, False)
    QApplication.sendEvent(widget, event)


def leave(widget: QWidget) -> None:
    """Move the pointer out of the widget."""
    QApplication.sendEvent(widget, QEvent(QEvent.Type.Leave))
