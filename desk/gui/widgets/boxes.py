"""Rows and columns of widgets, each laid out in one statement."""

from typing import TypeAlias, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLayout, QSplitter, QVBoxLayout, QWidget

Part: TypeAlias = QWidget | QLayout | int | tuple[QWidget | QLayout | None, int] | None
"""A widget or layout, perhaps with its share of what room is left; pixels of nothing; None takes all that is left."""

Margins: TypeAlias = tuple[int, int, int, int]
NO_MARGINS: Margins = (0, 0, 0, 0)
Box = TypeVar("Box", bound=QBoxLayout)


def row(
    *parts: Part, on: QWidget | None = None, margins: Margins | None = NO_MARGINS, spacing: int = -1
) -> QHBoxLayout:
    """Parts beside each other, as the layout of a widget where one is given."""
    return fill(QHBoxLayout() if on is None else QHBoxLayout(on), *parts, margins=margins, spacing=spacing)


def column(
    *parts: Part, on: QWidget | None = None, margins: Margins | None = NO_MARGINS, spacing: int = -1
) -> QVBoxLayout:
    """Parts below each other, as the layout of a widget where one is given."""
    return fill(QVBoxLayout() if on is None else QVBoxLayout(on), *parts, margins=margins, spacing=spacing)


def split(*widgets: QWidget, sizes: list[int], vertical: bool = False) -> QSplitter:
    """Widgets that share the room as somebody wants it, at first by these sizes; none of them can be lost."""
    splitter = QSplitter(Qt.Orientation.Vertical if vertical else Qt.Orientation.Horizontal)
    for widget in widgets:
        splitter.addWidget(widget)
    splitter.setSizes(sizes)
    splitter.setChildrenCollapsible(False)
    return splitter


def fill(box: Box, *parts: Part, margins: Margins | None = None, spacing: int = -1) -> Box:
    """Put parts into a box one after the other; without margins or spacing it has those of the style."""
    if margins is not None:
        box.setContentsMargins(*margins)
    box.setSpacing(spacing)
    for part in parts:
        _add(box, part)
    return box


def _add(box: QBoxLayout, part: Part) -> None:
    if isinstance(part, int):
        box.addSpacing(part)
        return
    content, share = part if isinstance(part, tuple) else (part, 1 if part is None else 0)
    if content is None:
        box.addStretch(share)
    elif isinstance(content, QWidget):
        box.addWidget(content, share)
    else:
        box.addLayout(content, share)
