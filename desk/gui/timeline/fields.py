"""A table of short texts with what differs between two of them marked, such as a field before and after."""

from collections.abc import Sequence
from html import escape
from math import ceil
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QFontMetrics,
    QGuiApplication,
    QHelpEvent,
    QPainter,
    QPalette,
    QResizeEvent,
    QShowEvent,
    QTextDocument,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolTip,
)

from desk.application.command_events import ChangeKind
from desk.gui.frame.text_size import scaled
from desk.gui.frame.theme import Theme
from desk.gui.tables.shared_room import SharedRoom
from desk.gui.timeline.worddiff import Pieces
from desk.records import dataclass

Index = QModelIndex | QPersistentModelIndex
_ROOT: Final = QModelIndex()
_PIECES: Final = Qt.ItemDataRole.UserRole
_INSET: Final = 5
TIP_DISTANCE: Final = 52
"""Pixels of normal text between the place that a tip is shown at and the cell below it, without its text."""


@dataclass(frozen=True, slots=True)
class Chip:
    """An entry of a list; the sign says that it went, came, or moved."""

    text: str
    sign: str = ""

    @property
    def words(self) -> str:
        """Both, for whoever sees no colours."""
        return f"{self.sign} {self.text}".lstrip()


@dataclass(frozen=True, slots=True)
class Cell:
    """One value; ``pieces`` or ``chips`` say what of it differs, ``kind`` in which colour. A ``link`` leads somewhere.

    ``tip`` says more than ``text`` does; by default it is the text.
    """

    text: str
    pieces: Pieces = ()
    kind: ChangeKind = ChangeKind.ADDED
    strong: bool = False
    link: bool = False
    tip: str = ""
    chips: tuple[Chip, ...] = ()


FieldRow = tuple[Cell, ...]


class FieldModel(QAbstractTableModel):
    """Rows of cells."""

    def __init__(self, headers: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._headers = tuple(headers)
        self.rows: tuple[FieldRow, ...] = ()

    def show(self, rows: Sequence[FieldRow]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._headers)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        if role != Qt.ItemDataRole.DisplayRole or orientation is Qt.Orientation.Vertical:
            return None
        return self._headers[section]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        cell = self.rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return cell.text
        if role == Qt.ItemDataRole.ToolTipRole:
            return cell.tip or cell.text
        return cell if role == _PIECES else None


class TipsAbove(QStyledItemDelegate):
    """Says more of a cell above it, so that the one below, which is often the next to be clicked, is not covered."""

    def helpEvent(self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index) -> bool:
        tip = index.data(Qt.ItemDataRole.ToolTipRole)
        if event.type() is not QEvent.Type.ToolTip or not tip:
            return super().helpEvent(event, view, option, index)
        cell = view.visualRect(index)
        # Qt shows it a little below the place, and takes it away when the pointer leaves the cell.
        lines = QFontMetrics(QToolTip.font()).height() + scaled(TIP_DISTANCE)
        place = view.viewport().mapToGlobal(QPoint(event.pos().x(), cell.top() - lines))
        QToolTip.showText(place, str(tip), view.viewport(), cell)
        return True


class FieldDelegate(TipsAbove):
    """Paints texts with what differs upon a tint, and underlined or struck out.

    A column wants to be wide enough for one line; where it is narrower, there are several.
    """

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def html(self, cell: Cell, *, selected: bool) -> str:
        """The text with its marks."""
        if cell.chips:
            return " ".join(self._chip(chip, self._tint(cell.kind, selected=selected)) for chip in cell.chips)
        if not cell.pieces:
            text = escape(cell.text).replace("\n", "<br>")
            if cell.link:
                return (
                    text
                    if selected
                    else f'<u style="color:{QGuiApplication.palette().link().color().name()}">{text}</u>'
                )
            return f"<b>{text}</b>" if cell.strong else text
        tint = self._tint(cell.kind, selected=selected)
        line = "line-through" if cell.kind is ChangeKind.REMOVED else "underline"
        style = f"background-color:{tint}; text-decoration:{line};"
        return "".join(
            f'<span style="{style}">{escape(piece.text)}</span>' if piece.differs else escape(piece.text)
            for piece in cell.pieces
        ).replace("\n", "<br>")

    def _tint(self, kind: ChangeKind, *, selected: bool) -> str:
        color: QColor = self._theme.change_color(kind)
        return f"rgba({color.red()},{color.green()},{color.blue()},{0.35 if selected else 0.2})"

    def _chip(self, chip: Chip, tint: str) -> str:
        """An entry upon a ground of its own, which no line breaks."""
        ground = tint if chip.sign else "rgba(128,128,128,0.18)"
        words = escape(f" {chip.words} ").replace(" ", "&nbsp;")
        return f'<span style="background-color:{ground}">{words}</span>'

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        self.initStyleOption(option, index)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        option.text = ""
        style = option.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        document = self._document(option, index, option.rect.width(), selected=selected)
        context = QAbstractTextDocumentLayout.PaintContext()
        role = QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text
        context.palette.setColor(QPalette.ColorRole.Text, option.palette.color(role))
        painter.save()
        painter.translate(option.rect.left() + _INSET, option.rect.top())
        painter.setClipRect(QRectF(0, 0, option.rect.width(), option.rect.height()))
        document.documentLayout().draw(painter, context)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        self.initStyleOption(option, index)
        view = option.widget
        width = view.columnWidth(index.column()) if isinstance(view, QTableView) else option.rect.width()
        document = self._document(option, index, width, selected=False)
        height = int(document.size().height())
        document.setTextWidth(-1)
        return QSize(ceil(document.idealWidth()) + _INSET, height)

    def _document(self, option: QStyleOptionViewItem, index: Index, width: int, *, selected: bool) -> QTextDocument:
        document = QTextDocument()
        document.setDefaultFont(option.font)
        document.setDocumentMargin(5)
        document.setTextWidth(max(width - _INSET, 1))
        cell = index.data(_PIECES)
        document.setHtml(self.html(cell, selected=selected))
        return document


class FieldTable(QTableView):
    """A small read-only table whose rows are as high as their texts."""

    def __init__(self, theme: Theme, headers: Sequence[str], name: str) -> None:
        super().__init__()
        self.fields = FieldModel(headers, self)
        self.setModel(self.fields)
        self.setItemDelegate(FieldDelegate(theme, self))
        self.setAccessibleName(name)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._room = SharedRoom(self, (0, 1, 2))
        theme.changed.connect(self.viewport().update)

    def show_rows(self, rows: Sequence[FieldRow]) -> None:
        """Show other fields."""
        self.fields.show(rows)
        self._room.fit()
        self._give_heights()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._give_heights()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._give_heights()

    def _give_heights(self) -> None:
        if self.isVisible():
            self.resizeRowsToContents()
