"""The State tab: all fields as of an event, with those that it left alone folded away; values can be brought back."""

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QObject, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from desk.application.history import FieldValue, Inspection
from desk.application.queries import GetInspection
from desk.gui.tables.shared_room import SharedRoom
from desk.gui.timeline.bringing_back import is_correctable, other_way
from desk.gui.timeline.fields import TipsAbove
from desk.gui.timeline.tabs.tab import EventSpan, RemarkedPage
from desk.gui.widgets.field_words import FieldWords, setter, setter_in_full

NAME, VALUE, SET_BY = range(3)
_FIELD: Final = Qt.ItemDataRole.UserRole


class StateTab(QObject):
    """Fields, their values and who set them.

    Signals:
        wanted: the event that had set a field is to be gone to (int, its revision).
        value_wanted: a value is to be brought back (str, its key, and the value).
        pin_wanted: only events that touched a field are to be shown (str, its key).
    """

    wanted = Signal(int)
    pin_wanted = Signal(str)
    value_wanted = Signal(str, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.tree = QTreeWidget()
        self.tree.setAccessibleName(self.tr("State as of this event"))
        self.tree.setHeaderLabels([self.tr("Field"), self.tr("As of this event"), self.tr("Set by")])
        self.tree.setUniformRowHeights(True)
        self.tree.setRootIsDecorated(True)
        self.tree.setItemDelegate(TipsAbove(self.tree))
        self._room = SharedRoom(self.tree, (NAME, VALUE))
        self.tree.itemClicked.connect(self._click)
        self.tree.itemActivated.connect(self._open)
        self.tree.currentItemChanged.connect(self._offer)
        self.tree.itemExpanded.connect(lambda item: self._remember(item, unfolded=True))
        self.tree.itemCollapsed.connect(lambda item: self._remember(item, unfolded=False))
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._menu)
        self.back = QPushButton(self.tr("B&ring this value back…"))
        self.back.clicked.connect(self._bring_back)
        self.why = QLabel()
        self.why.setWordWrap(True)
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(8, 3, 8, 3)
        row.addWidget(self.back)
        row.addWidget(self.why, 1)
        self._bar = bar
        self._page = RemarkedPage(self.tree, bar)
        self._unfolded: set[str] = set()
        self._is_filling = False
        self.clear("")

    @property
    def page(self) -> QWidget:
        return self._page

    def question(self, look: EventSpan) -> GetInspection:
        return GetInspection(look.stream, look.revision, look.since)

    def show_answer(self, answer: Inspection) -> None:
        self._page.say(answer.note)
        changed = {change.key for change in answer.changes}
        words = FieldWords({field.key: field.value for field in answer.state})
        chosen = self.chosen
        self._is_filling = True
        self.tree.clear()
        self._fill(None, (field for field in answer.state if field.key in changed), words, strong=True)
        rest = [field for field in answer.state if field.key not in changed]
        if rest and not changed:
            self._fill(None, rest, words, strong=False)
        elif rest:
            head = self._group(None, "unchanged", self.tr("Unchanged ({count})").format(count=len(rest)))
            self._fill(head, rest, words, strong=False)
        self._choose(chosen.key if chosen else "")
        self._is_filling = False
        self._room.fit()
        self._offer()

    def clear(self, note: str) -> None:
        self._page.say(note)
        self.tree.clear()
        self._offer()

    @property
    def chosen(self) -> FieldValue | None:
        """The field in whose row one is."""
        item = self.tree.currentItem()
        return item.data(NAME, _FIELD) if item is not None else None

    @property
    def chosen_key(self) -> str:
        """Its key; empty where there is none."""
        return self.chosen.key if self.chosen is not None else ""

    def _fill(
        self, parent: QTreeWidgetItem | None, fields: Iterable[FieldValue], words: FieldWords, *, strong: bool
    ) -> None:
        groups: dict[str, QTreeWidgetItem] = {}
        for field in fields:
            title = words.group(field.key)
            if title and not strong and title not in groups:
                groups[title] = self._group(parent, title, title)
            name = words.whole(field.key) if strong else words.label(field.key)
            item = QTreeWidgetItem([name, words.value(field.key, field.value), setter(field.set_by)])
            item.setData(NAME, _FIELD, field)
            for column in (NAME, VALUE):
                item.setToolTip(column, item.text(column))
            item.setToolTip(SET_BY, setter_in_full(field.set_by))
            font = item.font(NAME)
            font.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
            for column in (NAME, VALUE):
                item.setFont(column, font)
            item.setForeground(SET_BY, self.tree.palette().link())
            self._add(None if strong else groups.get(title, parent), item)

    def _group(self, parent: QTreeWidgetItem | None, key: str, title: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem([title])
        item.setData(VALUE, _FIELD, key)
        self._add(parent, item)
        item.setExpanded(key in self._unfolded or (key != "unchanged" and parent is not None))
        return item

    def _add(self, parent: QTreeWidgetItem | None, item: QTreeWidgetItem) -> None:
        if parent is None:
            self.tree.addTopLevelItem(item)
        else:
            parent.addChild(item)

    def _choose(self, key: str) -> None:
        """The field that was chosen stays chosen while one walks."""
        waiting = [self.tree.topLevelItem(number) for number in range(self.tree.topLevelItemCount())]
        while key and waiting:
            item = waiting.pop()
            if item is None:
                continue
            field = item.data(NAME, _FIELD)
            if field is not None and field.key == key:
                self.tree.setCurrentItem(item)
                return
            waiting += [item.child(number) for number in range(item.childCount())]

    def _remember(self, item: QTreeWidgetItem, *, unfolded: bool) -> None:
        if not self._is_filling:
            (self._unfolded.add if unfolded else self._unfolded.discard)(item.data(VALUE, _FIELD))

    @Slot()
    def _offer(self) -> None:
        """Say what can be done with the chosen value."""
        field = self.chosen
        way = other_way(field.key, field.value) if field is not None else ""
        correctable = field is not None and is_correctable(field.key)
        self.back.setVisible(correctable)
        self.why.setText("" if correctable else way)
        self._bar.setVisible(correctable or bool(way))

    @Slot(QTreeWidgetItem, int)
    def _click(self, item: QTreeWidgetItem, column: int) -> None:
        if column == SET_BY:
            self._open(item)

    @Slot(QTreeWidgetItem, int)
    def _open(self, item: QTreeWidgetItem, _column: int = 0) -> None:
        field = item.data(NAME, _FIELD)
        if field is not None and field.set_by is not None:
            self.wanted.emit(field.set_by.revision)

    @Slot()
    def _bring_back(self) -> None:
        field = self.chosen
        if field is not None:
            self.value_wanted.emit(field.key, field.value)

    @Slot(QPoint)
    def _menu(self, at: QPoint) -> None:
        item = self.tree.itemAt(at)
        if item is None or item.data(NAME, _FIELD) is None:
            return
        self.tree.setCurrentItem(item)
        menu = QMenu(self.tree)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.back.text()).triggered.connect(self._bring_back)
        menu.addAction(self.tr("&Go to who set it")).triggered.connect(lambda: self._open(item))
        pin = menu.addAction(self.tr("&Only events that touched this field"))
        pin.triggered.connect(lambda: self.pin_wanted.emit(self.chosen_key))
        menu.popup(self.tree.viewport().mapToGlobal(at))
