"""A JSON document as a tree of rows, made as they are looked at: a mebibyte has half a million of them."""

from array import array
from typing import Any, Final

from PySide6.QtCore import QAbstractItemModel, QCoreApplication, QModelIndex, QObject, QPersistentModelIndex, Qt

from desk.application.json_document import (
    ARRAY,
    BOOLEAN,
    NO_NUMBER,
    NULL,
    NUMBER,
    OBJECT,
    ROOT,
    STRING,
    JsonDocument,
)
from desk.gui.frame.theme import Theme
from desk.gui.widgets.visible_text import visible

Index = QModelIndex | QPersistentModelIndex

NAME, VALUE, KIND = range(3)
PREVIEW: Final = 300
"""Characters of a value that its row shows."""
FETCHED: Final = 256
"""Rows of one value that are made at a time."""

_NOWHERE: Final = QModelIndex()
_TOP: Final = -1
"""What the rows are below that are below no other."""
_DISPLAY: Final = Qt.ItemDataRole.DisplayRole
_COLOUR: Final = Qt.ItemDataRole.ForegroundRole
_COLOURS: Final = {STRING: "json.string", NUMBER: "json.number", BOOLEAN: "json.word", NULL: "json.word"}
_MEMBERS: Final = 4
"""Names in the preview of an object."""


class JsonTreeModel(QAbstractItemModel):
    """Rows below the document's root; a document that is a single value is one row. Ids of rows are its numbers."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document: JsonDocument | None = None
        self._theme = theme
        self._made: dict[int, array[int]] = {}
        self._kinds = {
            OBJECT: _tr("object"),
            ARRAY: _tr("array"),
            STRING: _tr("text"),
            NUMBER: _tr("number"),
            BOOLEAN: _tr("boolean"),
            NULL: _tr("null"),
            NO_NUMBER: _tr("not a number"),
        }
        theme.changed.connect(self._recolour)

    def show(self, document: JsonDocument | None) -> None:
        """Show another document, or none."""
        self.beginResetModel()
        self.document, self._made = document, {}
        self.endResetModel()
        if document is not None:
            self.fetchMore(_NOWHERE)

    def value_at(self, index: Index) -> int | None:
        """The number of a row's value."""
        return int(index.internalId()) if index.isValid() else None

    def index_of(self, value: int) -> QModelIndex:
        """The row of a value, made with those before it where it was not yet."""
        document = self.document
        if document is None or (value == ROOT and document.counts[ROOT]):
            return _NOWHERE
        row, inner = document.rows[value], ROOT if value == ROOT else document.parents[value]
        if row < len(self._made.get(_TOP if inner == ROOT else inner, ())):
            return self.createIndex(row, 0, value)  # without a look at all that it stands within
        above = self.index_of(inner) if value != ROOT else _NOWHERE
        while row >= self.rowCount(above):
            self.fetchMore(above)
        return self.createIndex(row, 0, value)

    # What Qt asks

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return len(self._made.get(_key(parent), ())) if parent.column() <= 0 else 0

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 3

    def hasChildren(self, parent: Index = _NOWHERE) -> bool:
        return parent.column() <= 0 and self._count(parent) > 0

    def canFetchMore(self, parent: Index) -> bool:
        return self.rowCount(parent) < self._count(parent)

    def fetchMore(self, parent: Index) -> None:
        document, first = self.document, self.rowCount(parent)
        fresh = min(FETCHED, self._count(parent) - first)
        if document is None or fresh <= 0:
            return
        made = self._made.setdefault(_key(parent), array("I"))
        inner = max(_key(parent), ROOT)
        child = document.after[made[-1]] if made else inner + (1 if document.counts[inner] else 0)
        self.beginInsertRows(parent, first, first + fresh - 1)
        for _ in range(fresh):
            made.append(child)
            child = document.after[child]
        self.endInsertRows()

    def index(self, row: int, column: int, parent: Index = _NOWHERE) -> QModelIndex:
        made = self._made.get(_key(parent), ())
        return self.createIndex(row, column, made[row]) if row < len(made) else _NOWHERE

    def parent(self, child: Index = _NOWHERE) -> QModelIndex:  # type: ignore[override]  # Qt has another without
        if not child.isValid() or self.document is None:
            return _NOWHERE
        above = self.document.parents[int(child.internalId())]
        return _NOWHERE if above == ROOT else self.createIndex(self.document.rows[above], 0, above)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == _DISPLAY:
            return (_tr("Name"), _tr("Value"), _tr("Type"))[section]
        return None

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        value = self.value_at(index)
        if value is None or self.document is None:
            return None
        if role == _DISPLAY:
            return (self._name, self._text, self._kind)[index.column()](self.document, value)
        if role == _COLOUR:
            return self._colour(self.document.kinds[value], index.column())
        return None

    # Within

    def _count(self, parent: Index) -> int:
        """The rows below a row, made or not; below none at least the document itself."""
        if self.document is None:
            return 0
        count = self.document.counts[max(_key(parent), ROOT)]
        return count if parent.isValid() else max(1, count)

    def _name(self, document: JsonDocument, value: int) -> str:
        return visible(document.name(value)[:PREVIEW]) if value != ROOT else ""

    def _text(self, document: JsonDocument, value: int) -> str:
        kind = document.kinds[value]
        if kind == OBJECT:
            return _members(document, value)
        if kind == ARRAY:
            return f"[{document.counts[value]:,}]" if document.counts[value] else "[]"
        text = visible(document.content(value, PREVIEW))
        return f"{text}…" if document.length(value) > PREVIEW + 2 else text

    def _kind(self, document: JsonDocument, value: int) -> str:
        return self._kinds[document.kinds[value]]

    def _colour(self, kind: int, column: int) -> Any:
        if column == NAME:
            return self._theme.color("json.key")
        name = _COLOURS.get(kind) if column == VALUE else None
        return self._theme.color(name) if name else self._theme.color("muted")

    def _recolour(self) -> None:
        self.layoutChanged.emit()


def _key(parent: Index) -> int:
    return int(parent.internalId()) if parent.isValid() else _TOP


def _members(document: JsonDocument, value: int) -> str:
    names = [name for name, _ in zip(document.children(value), range(_MEMBERS), strict=False)]
    shown = ", ".join(visible(document.name(name)[:40]) for name in names)
    more = document.counts[value] - len(names)
    return f"{{{shown}, … {more:,} more}}" if more else f"{{{shown}}}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("JsonTree", text)
