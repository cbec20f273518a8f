"""The layout of the Streams place's tabs with a tree: a sentence and what can be done above, the tree below."""

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
    layout = QVBoxLayout(tab)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    layout.addLayout(top)
    layout.addWidget(tree, 1)
    tab.setFocusProxy(tree)
