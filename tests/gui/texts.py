"""The texts that are seen in a window, with the size in pixels of each: widgets' own, and those painted by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QFont, QGuiApplication, QPainter
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QGroupBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QTableView,
    QWidget,
)

Seen = tuple[str, float, str]
"""A text, the pixels of its font, and what shows it."""


def seen_texts(window: QWidget) -> list[Seen]:
    """Every visible text within a window, also what is painted by hand."""
    found = [each for widget in window.findChildren(QWidget) if _is_seen(widget) for each in _texts_of(widget)]
    with painted() as texts:
        window.grab()
    return [each for each in (*found, *texts) if each[0].strip()]


@contextmanager
def painted() -> Iterator[list[Seen]]:
    """The texts that Python code paints meanwhile."""
    texts: list[Seen] = []
    real = QPainter.drawText

    def draw(painter: QPainter, *given: Any) -> Any:
        texts.append((next(each for each in given if isinstance(each, str)), _painted(painter), "painted"))
        return real(painter, *given)

    QPainter.drawText = draw  # type: ignore[method-assign, assignment]
    try:
        yield texts
    finally:
        QPainter.drawText = real  # type: ignore[method-assign]


def _is_seen(widget: QWidget) -> bool:
    return widget.isVisible() and not widget.visibleRegion().isEmpty()


def _texts_of(widget: QWidget) -> Iterator[Seen]:
    name, size = type(widget).__name__, _pixels(widget.font())
    match widget:
        case QHeaderView():
            return
        case QAbstractItemView():
            yield from _cells(widget)
        case QLabel() | QAbstractButton():
            icon_only = isinstance(widget, QAbstractButton) and not _shows_text(widget)
            yield ("" if icon_only else widget.text(), size, name)
        case QLineEdit():
            yield (widget.displayText() or widget.placeholderText(), size, name)
        case QPlainTextEdit():
            yield (widget.toPlainText(), size, name)
        case QComboBox():
            yield (widget.currentText(), size, name)
        case QGroupBox():
            yield (widget.title(), size, name)


def _shows_text(button: QAbstractButton) -> bool:
    style = getattr(button, "toolButtonStyle", None)
    return style is None or style() is not Qt.ToolButtonStyle.ToolButtonIconOnly


def _cells(view: QAbstractItemView) -> Iterator[Seen]:
    model = view.model()
    if model is None:
        return
    columns = model.columnCount() if not isinstance(view, QListView) else 1
    for row in range(min(model.rowCount(), 50)):
        for column in range(columns):
            index = model.index(row, column, QModelIndex())
            if not view.visualRect(index).intersects(view.viewport().rect()):
                continue
            own = index.data(Qt.ItemDataRole.FontRole)
            font = own if isinstance(own, QFont) else view.font()
            yield (str(index.data() or ""), _pixels(font), type(view).__name__)
    if isinstance(view, QTableView) and view.horizontalHeader().isVisible():
        header = view.horizontalHeader()
        for column in range(columns):
            if not header.isSectionHidden(column):
                text = model.headerData(column, Qt.Orientation.Horizontal)
                yield (str(text or ""), _pixels(header.font()), "QHeaderView")


def _painted(painter: QPainter) -> float:
    return _pixels(painter.font()) * painter.worldTransform().m22()


def _pixels(font: QFont) -> float:
    if font.pixelSize() > 0:
        return font.pixelSize()
    return font.pointSizeF() * QGuiApplication.primaryScreen().logicalDotsPerInch() / 72
