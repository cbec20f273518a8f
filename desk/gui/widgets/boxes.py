"""Rows and columns of widgets, each laid out in one statement."""

from typing import TypeAlias, TypeVar

from PySide6.QtWidgets import QBoxLayout, QLayout, QWidget

Part: TypeAlias = QWidget | QLayout | int | tuple[QWidget | QLayout | None, int] | None
"""A widget or layout, perhaps with its share of what room is left; pixels of nothing; None takes all that is left."""

Box = TypeVar("Box", bound=QBoxLayout)


def fill(box: Box, *parts: Part, margins: tuple[int, int, int, int] | None = None, spacing: int = -1) -> Box:
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
