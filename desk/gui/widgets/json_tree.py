"""A payload to look into: JSON as a tree that folds, with search and paths; what is no JSON as bytes beside text."""

import threading
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from itertools import islice, takewhile
from typing import Final

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QTextOption
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QStackedWidget,
    QTreeView,
    QWidget,
)

from desk.application.json_document import JsonDocument, document_of
from desk.gui.frame.text_size import scaled
from desk.gui.frame.theme import Theme, mono_font
from desk.gui.widgets.background import GuiBridge, start
from desk.gui.widgets.boxes import column, row, split
from desk.gui.widgets.controls import give_rows_menu, giving_way, passing_menu
from desk.gui.widgets.hex_view import HexView
from desk.gui.widgets.json_tree_model import KIND, NAME, JsonTreeModel
from desk.gui.widgets.masking import masked_json
from desk.gui.widgets.placeholder import set_placeholder

AT_ONCE: Final = 8 * 1024
"""Bytes that are read on the window's thread; more are read on another one."""
OPENED: Final = 60
"""Rows that are unfolded at first."""
UNFOLDED: Final = 600
"""Rows that are unfolded at once: of more, each within the one before, the window would be held up."""
FOUND: Final = 1_000
"""So many hits of a search are gone through."""
SHOWN: Final = 256 * 1024
"""Characters of a single text that are shown below the tree; copying takes the whole of it."""
_ROOMY: Final = 190
"""Pixels of normal text from which on there is room for a path and a search below the values."""
_SHORT: Final = 60
"""Characters of a text that its row shows well enough."""
_BLOCK: Final = 2_000
"""Characters after which a line is broken: a line is laid out whole, and one of a mebibyte takes half a second."""


class JsonTree(QWidget):
    """A read-only payload with a line above it where something has to be said about it.

    Signals:
        shown: what was given is on the screen now; a large payload takes a moment.
    """

    shown = Signal()

    def __init__(self, theme: Theme, bridge: GuiBridge) -> None:
        super().__init__()
        self._bridge = bridge
        self._raw = b""
        self._generation = 0
        self._unfolding = False
        self._hits: list[int] = []
        self._end_search = threading.Event()
        self.offers: list[tuple[str, Callable[[str], None]]] = []
        """What can be done with a path, beside copying it: words of a menu, and what is called with the path."""
        self.note = QLabel(wordWrap=True)
        self.note.setContentsMargins(8, 6, 8, 6)
        self.model = JsonTreeModel(theme, self)
        self.tree = _tree(self.model)
        self.tree.setAccessibleName(self.tr("Payload"))
        self.whole = _text()
        self.whole.setAccessibleName(self.tr("The whole of the text"))
        self.path = giving_way(QLabel(textInteractionFlags=Qt.TextInteractionFlag.TextSelectableByMouse))
        self.path.setAccessibleName(self.tr("Path of the value"))
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        set_placeholder(self.search, self.tr("Find (Ctrl+F)"))
        self.search.setAccessibleName(self.tr("Find in the payload"))
        self.hits = QLabel()
        self._lay_out()
        self._connect()
        self.clear()

    def _lay_out(self) -> None:
        self._pages = QStackedWidget()
        for page in (split(self.tree, self.whole, sizes=[300, 120], vertical=True), QWidget()):
            self._pages.addWidget(page)
        self._foot = QWidget()
        row((self.path, 3), self.hits, (self.search, 2), on=self._foot, margins=(8, 3, 6, 3))
        column(self.note, (self._pages, 1), self._foot, on=self, spacing=0)

    def _connect(self) -> None:
        self.tree.selectionModel().currentChanged.connect(self._look)
        give_rows_menu(self.tree, self._open_menu)
        self.tree.verticalScrollBar().valueChanged.connect(self._fetch_in_sight)
        self.tree.verticalScrollBar().rangeChanged.connect(self._fetch_in_sight)
        self.search.textChanged.connect(self._find)
        self.search.returnPressed.connect(self.find_next)
        standard, tree = QKeySequence.StandardKey, self.tree
        for owner, text, keys, act in (
            (tree, self.tr("&Copy value"), QKeySequence(standard.Copy), self.copy_value),
            (tree, self.tr("Copy &path"), QKeySequence("Ctrl+Alt+C"), self.copy_path),
            (tree, self.tr("&Unfold all within"), QKeySequence("*"), self._unfold),
            (self, self.tr("Find &next"), QKeySequence("F3"), self.find_next),
            (self, self.tr("Find p&revious"), QKeySequence("Shift+F3"), partial(self.find_next, step=-1)),
        ):
            action = owner.addAction(text, keys)
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.triggered.connect(lambda _checked=False, act=act: act())

    @cached_property
    def hex(self) -> HexView:
        """The bytes of what is no JSON."""
        view = HexView()
        self._pages.addWidget(view)
        return view

    @property
    def raw(self) -> bytes:
        """The bytes as they are stored, for copying and saving."""
        return self._raw

    def clear(self, note: str = "") -> None:
        """Show nothing, and say why."""
        self._generation += 1
        self._raw = b""
        self._show_page(1, note)

    def show_bytes(self, data: bytes) -> None:
        """Show a payload, whatever it is; a large one a moment later."""
        self.clear()
        self._raw = data
        data = masked_json(data)
        if not data:
            self._show_page(1, self.tr("There is no data."))
        elif len(data) <= AT_ONCE:
            self._show(self._generation, document_of(data))
        else:
            self._show_page(1, self.tr("Reading {count} bytes…").format(count=f"{len(data):,}"))
            reading = start(partial(document_of, data), "reading-json")
            self._bridge.call(reading, partial(self._show, self._generation), None, self)

    # What can be done with it

    def begin_search(self) -> None:
        """Go to the field in which one types what to look for."""
        self._foot.setVisible(self._pages.currentIndex() == 0)
        self.search.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_foot()

    def _show_foot(self) -> None:
        """Where there is little room it goes to the values, unless something is looked for."""
        is_used = bool(self.search.text()) or self.search.hasFocus()
        self._foot.setVisible(self._pages.currentIndex() == 0 and (is_used or self.height() >= scaled(_ROOMY)))

    def find_next(self, *, step: int = 1) -> None:
        """Go to the next hit of the search, or (``step`` -1) to the one before."""
        if self._hits:
            now = self.model.value_at(self.tree.currentIndex())
            at = self._hits.index(now) + step if now in self._hits else 0
            self._go_to(self._hits[at % len(self._hits)])

    def copy_value(self) -> None:
        """The value as it is: a text without quotes, an object as JSON, just as it is written."""
        document, value = self.model.document, self.model.value_at(self.tree.currentIndex())
        if document is not None and value is not None:
            QApplication.clipboard().setText(document.content(value))

    def copy_path(self) -> None:
        """Where the value stands, as ``$.customer.city``."""
        QApplication.clipboard().setText(self._path())

    # Within

    def _show(self, generation: int, document: JsonDocument | None) -> None:
        if generation != self._generation:
            return
        if document is None:
            self.hex.show_bytes(masked_json(self._raw))
            self._show_page(2, self.tr("These {count} bytes are no JSON.").format(count=f"{len(self._raw):,}"))
        else:
            self.model.show(document)
            repaired = self.tr("Some bytes are no UTF-8; they stand here as �.") if document.repaired else ""
            self._show_page(0, repaired)
            self._unfold_some(document)
            self.whole.hide()
            self._find(self.search.text())
        self.shown.emit()

    def _show_page(self, page: int, note: str) -> None:
        if page != 0:
            self.model.show(None)
            self._hits = []
        if page != 2 and "hex" in self.__dict__:
            self.hex.clear()
        self.path.clear()
        self._pages.setCurrentIndex(page)
        self._show_foot()
        self.note.setText(note)
        self.note.setVisible(bool(note))

    def _unfold_some(self, document: JsonDocument) -> None:
        """From the top, level by level, as long as the rows are few."""
        self._unfolding = True
        room, level, unfolded = OPENED, [0], []
        while (room := room - sum(document.counts[value] for value in level)) >= 0 and level:
            level = [child for value in level for child in document.children(value)]
            unfolded += [value for value in level if document.counts[value] and document.counts[value] <= room]
        self._expand(unfolded)
        self._unfolding = False
        self.tree.resizeColumnToContents(NAME)
        self.tree.setColumnWidth(NAME, min(self.tree.columnWidth(NAME), max(scaled(90), self.tree.width() // 2)))
        self.tree.resizeColumnToContents(KIND)

    def _fetch_in_sight(self, *_: int) -> None:
        """Make more rows where the last of those made is in sight: by itself a tree does so at its end alone."""
        if self._unfolding:
            return
        index, bottom = self.tree.indexAt(QPoint(0, 0)), self.tree.viewport().height()
        while index.isValid() and self.tree.visualRect(index).top() < bottom:
            parent = index.parent()
            if index.row() == self.model.rowCount(parent) - 1 and self.model.canFetchMore(parent):
                self.model.fetchMore(parent)
            index = self.tree.indexBelow(index)

    def _unfold(self) -> None:
        """All that is within the row, as far as some hundred rows; the last of them can be unfolded likewise."""
        document, value = self.model.document, self.model.value_at(self.tree.currentIndex())
        if document is None or value is None:
            return
        self.tree.collapse(self.tree.currentIndex())
        self._expand([n for n in range(value, min(document.after[value], value + UNFOLDED)) if document.counts[n]])

    def _expand(self, values: Sequence[int]) -> None:
        """From the innermost outwards: what stands within something folded costs no layout of its own."""
        indexes = [self.model.index_of(value) for value in values]
        for index in reversed(indexes):
            self.tree.expand(index)

    def _look(self, current: QModelIndex) -> None:
        document, value = self.model.document, self.model.value_at(current)
        if document is None or value is None:
            return
        path = self._path()
        self.path.setText(path)
        self.path.setToolTip(path[:FOUND])
        is_long = not document.counts[value] and document.length(value) > _SHORT
        self.whole.setPlainText(_in_lines(document.content(value, SHOWN)) if is_long else "")
        self.whole.setVisible(is_long)

    def _path(self) -> str:
        document, value = self.model.document, self.model.value_at(self.tree.currentIndex())
        return "" if document is None or value is None else document.path(value)

    def _find(self, text: str) -> None:
        self._end_search.set()
        self._hits = []
        self.hits.clear()
        document = self.model.document
        if document is None or not text:
            return
        self._end_search = threading.Event()
        show = partial(self._show_hits, self._generation, text)
        if len(self._raw) <= AT_ONCE:
            show(list(islice(document.find(text), FOUND)))
        else:
            search = start(partial(_search, document, text, self._end_search), "finding-in-json")
            self._bridge.call(search, show, None, self)

    def _show_hits(self, generation: int, text: str, hits: list[int]) -> None:
        if generation != self._generation or text != self.search.text():
            return
        self._hits = hits
        many = self.tr("more than {n}").format(n=f"{FOUND:,}")
        self.hits.setText(many if len(hits) == FOUND else f"{len(hits):,}")
        if hits:
            self._go_to(hits[0])

    def _go_to(self, value: int) -> None:
        index = self.model.index_of(value)
        self.tree.setCurrentIndex(index)
        self.tree.scrollTo(index)

    def _open_menu(self, at: QPoint) -> None:
        menu, path = passing_menu(self.tree), self._path()
        menu.addActions(self.tree.actions())
        if path and self.offers:
            menu.addSeparator()
            for words, act in self.offers:
                menu.addAction(words).triggered.connect(lambda _checked=False, act=act: act(path))
        menu.popup(self.tree.viewport().mapToGlobal(at))


def _search(document: JsonDocument, text: str, end: threading.Event) -> list[int]:
    return list(islice(takewhile(lambda _: not end.is_set(), document.find(text)), FOUND))


def _in_lines(text: str) -> str:
    return "\n".join(line[at : at + _BLOCK] for line in text.split("\n") for at in range(0, len(line) or 1, _BLOCK))


def _tree(model: JsonTreeModel) -> QTreeView:
    tree = QTreeView(uniformRowHeights=True)
    tree.setModel(model)
    tree.setFont(mono_font())
    tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    tree.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    tree.setIndentation(scaled(16))
    tree.setTextElideMode(Qt.TextElideMode.ElideRight)
    header = tree.header()
    header.setStretchLastSection(False)
    header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
    header.setResizeContentsPrecision(0)  # the rows in sight: each other one costs calls into Python
    return tree


def _text() -> QPlainTextEdit:
    text = QPlainTextEdit(readOnly=True)
    text.setFont(mono_font())
    text.setFrameShape(QFrame.Shape.NoFrame)
    # Breaking at words takes a minute for one word of a mebibyte.
    text.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
    text.hide()
    return text
