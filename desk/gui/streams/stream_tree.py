"""The tree of the explorer: sections that fold, with streams and categories below them."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem, QTreeWidgetItemIterator

from desk.gui.frame.text_size import scaled
from desk.gui.streams.titles import StreamTitles
from desk.gui.widgets.visible_text import visible

NAME: Final = Qt.ItemDataRole.UserRole
"""What opens when the item is chosen: a stream, or a category as ``book-*``; headings have none."""
CATEGORY: Final = Qt.ItemDataRole.UserRole + 1
"""The category that an item stands for, if it does."""
_NARROW: Final = 170
"""Pixels of normal text below which there is no room for names and counts."""


class StreamTree(QTreeWidget):
    """Two columns: names, and how many streams a category has."""

    def __init__(self, titles: StreamTitles) -> None:
        super().__init__()
        self._titles = titles
        titles.changed.connect(self._call_anew)
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setIndentation(scaled(14))
        self.setUniformRowHeights(True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setAccessibleName(self.tr("Streams of the store"))
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, header.ResizeMode.Stretch)
        header.setSectionResizeMode(1, header.ResizeMode.ResizeToContents)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room the names have all of it."""
        super().resizeEvent(event)
        self.setColumnHidden(1, event.size().width() < scaled(_NARROW))

    def add_section(self, title: str, *, unfolded: bool = True) -> QTreeWidgetItem:
        """A heading below which others stand."""
        item = QTreeWidgetItem(self, [title])
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        item.setExpanded(unfolded)
        font = item.font(0)
        font.setWeight(font.Weight.DemiBold)
        item.setFont(0, font)
        return item

    def fill(self, section: QTreeWidgetItem, names: Sequence[str], *, shown: bool) -> None:
        """Put streams below a section; what stands there already stays. Without any, or not ``shown``, it is hidden."""
        if names != [item.data(0, NAME) for item in children_of(section)]:
            current = self.currentItem()
            chosen = current.data(0, NAME) if current is not None and current.parent() is section else None
            section.takeChildren()
            section.addChildren([self.stream_item(name) for name in names])
            if chosen is not None:
                self.highlight(chosen)
        section.setHidden(not names or not shown)

    def count_rest(self, section: QTreeWidgetItem, rest: int) -> None:
        """Say that there are so many more."""
        if rest > 0:
            words = self.tr("… {n} more: type a part of the name")
            more = QTreeWidgetItem(section, [words.format(n=f"{rest:,}")])
            more.setFlags(Qt.ItemFlag.NoItemFlags)

    def stream_item(self, name: str) -> QTreeWidgetItem:
        """An item for a stream."""
        item = QTreeWidgetItem([self._titles.of(name), ""])
        item.setData(0, NAME, name)
        item.setToolTip(0, visible(name))
        return item

    def _call_anew(self) -> None:
        items = QTreeWidgetItemIterator(self)
        while (item := items.value()) is not None:
            if item.data(0, NAME) and not item.data(0, CATEGORY):
                item.setText(0, self._titles.of(item.data(0, NAME)))
            items += 1

    def highlight(self, name: str) -> None:
        """Have a stream highlighted wherever it stands, and none where it does not; nothing is scrolled."""
        current, bar = self.currentItem(), self.verticalScrollBar()
        if current is not None and current.data(0, NAME) == name:
            return
        sections = (self.topLevelItem(row) for row in range(self.topLevelItemCount()))
        seen = (section for section in sections if section is not None and not section.isHidden())
        items = (item for section in seen for item in children_of(section))
        item, before = next((item for item in items if item.data(0, NAME) == name), None), bar.value()
        self.setCurrentIndex(QModelIndex() if item is None else self.indexFromItem(item))
        bar.setValue(before)

    def go_to_first(self) -> None:
        """To the first stream that is seen: what stands above it is a heading."""
        sections = (self.topLevelItem(row) for row in range(self.topLevelItemCount()))
        item = next((section for section in sections if section is not None and not section.isHidden()), None)
        while item is not None and not item.data(0, NAME):
            item = self.itemBelow(item)
        if item is not None:
            self.setCurrentItem(item)
        self.setFocus()


def children_of(section: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    """What stands below it."""
    return [child for row in range(section.childCount()) if (child := section.child(row)) is not None]
