"""The layout of the Streams place's tabs; of those with a tree a sentence and what can be done stand above it."""

from collections.abc import Iterable

from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QTreeWidget, QVBoxLayout, QWidget

from desk.gui.frame.text_size import scaled


def lay_out_tree(
    tab: QWidget, said: QLabel, control: QAbstractButton, tree: QTreeWidget, widths: Iterable[int]
) -> None:
    """Fill a tab, whose focus is the tree's; ``widths`` are those of the columns, in pixels at normal text."""
    for column, width in enumerate(widths):
        tree.setColumnWidth(column, scaled(width))
    said.setWordWrap(True)
    top = QHBoxLayout()
    top.setContentsMargins(10, 6, 8, 6)
    top.addWidget(said, 1)
    top.addWidget(control)
    layout = stack(tab, tree, grows=tree)
    layout.insertLayout(0, top)
    tab.setFocusProxy(tree)


def stack(owner: QWidget, *widgets: QWidget, grows: QWidget) -> QVBoxLayout:
    """Put widgets below each other without gaps; what room is left one of them gets."""
    layout = QVBoxLayout(owner)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    for widget in widgets:
        layout.addWidget(widget, int(widget is grows))
    return layout
