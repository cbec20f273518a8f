"""Hop 9: the columns of a table, each described once: its heading, its width, and what its cells say."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from desk.gui.frame.text_size import rows_follow_text, scaled
from desk.gui.tables.copying import RowTexts
from desk.gui.widgets.controls import passing_menu
from desk.records import dataclass

ROW_HEIGHT: Final = 26
PADDING: Final = 28
"""Pixels of a cell that are no text."""

# Looking a member up in Qt's enumerations costs as much as all the rest of a cell.
_DISPLAY: Final = Qt.ItemDataRole.DisplayRole
_ALIGNMENT: Final = Qt.ItemDataRole.TextAlignmentRole
_TOOLTIP: Final = Qt.ItemDataRole.ToolTipRole
_DECORATION: Final = Qt.ItemDataRole.DecorationRole
LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``width`` is in pixels of normal text, or that of ``sample`` as a text; else what is left.

    ``text``, ``tip`` (what the mouse finds out; empty where the cell says it all) and ``icon`` are asked by row;
    ``about`` is what the mouse finds out at the heading.
    """

    title: str
    width: int = 0
    sample: str = ""
    numeric: bool = False
    text: Callable[[int], str] = lambda _row: ""
    tip: Callable[[int], str] = lambda _row: ""
    icon: Callable[[int], QIcon | None] = lambda _row: None
    about: str = ""


@dataclass(frozen=True, slots=True)
class TableColumns:
    """What a model answers of its cells and headings, made of its columns."""

    all: tuple[Column, ...]

    def __len__(self) -> int:
        return len(self.all)

    def heading(self, section: int, orientation: Qt.Orientation, role: int) -> Any:
        """A model's ``headerData``."""
        if orientation is Qt.Orientation.Vertical or not 0 <= section < len(self.all):
            return None
        if role == _DISPLAY:
            return self.all[section].title
        if role == _TOOLTIP:
            return self.all[section].about or None
        return _aligned(self.all[section]) if role == _ALIGNMENT else None

    def cell(self, row: int, column: int, role: int) -> Any:
        """A model's ``data``."""
        about = self.all[column]
        if role == _DISPLAY:
            return about.text(row)
        if role == _ALIGNMENT:
            return _aligned(about)
        if role == _TOOLTIP:
            return about.tip(row) or None
        return about.icon(row) if role == _DECORATION else None

    def texts(self) -> RowTexts:
        """What the cells say, for copying."""
        return RowTexts(
            tuple(column.title for column in self.all),
            lambda ranges: ([[column.text(row) for column in self.all] for row in part] for part in ranges),
        )


def set_up_table(table: QTableView, name: str, columns: Sequence[Column], row_height: int = ROW_HEIGHT) -> None:
    """Whole rows of one height that can be read and copied; ``name`` is for screen readers.

    The model has to be there already: a table without one has no columns to give widths to.
    """
    table.setAccessibleName(name)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setShowGrid(False)
    table.setAlternatingRowColors(True)
    table.setWordWrap(False)
    table.setTabKeyNavigation(False)
    rows = table.verticalHeader()
    rows.hide()
    rows_follow_text(table, row_height)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setStretchLastSection(False)
    header.setDefaultAlignment(LEFT)
    for number, column in enumerate(columns):
        if column.width or column.sample:
            sample = table.fontMetrics().horizontalAdvance(column.sample) + scaled(PADDING) if column.sample else 0
            table.setColumnWidth(number, max(scaled(column.width), sample))
        else:
            header.setSectionResizeMode(number, QHeaderView.ResizeMode.Stretch)
    part_from_selection(header)


def part_from_selection(header: QHeaderView) -> None:
    """Have a header know nothing of what is selected; to be called again when the table gets another selection model.

    To paint a heading Qt asks whether its whole column is selected: half a minute for a million selected rows.
    """
    header.setSelectionModel(QItemSelectionModel(header.model(), header))


def offer_columns(header: QHeaderView, *, always: int) -> None:
    """Offer by a context menu of the headings which columns are shown; one of them always is."""

    def open_menu(at: QPoint) -> None:
        menu = passing_menu(header)
        for number in range(header.count()):
            action = menu.addAction(str(header.model().headerData(number, Qt.Orientation.Horizontal)))
            action.setCheckable(True)
            action.setChecked(not header.isSectionHidden(number))
            action.setEnabled(number != always)
            action.toggled.connect(lambda shown, number=number: header.setSectionHidden(number, not shown))
        menu.popup(header.mapToGlobal(at))

    header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    header.customContextMenuRequested.connect(open_menu)


def _aligned(column: Column) -> int:
    return int(RIGHT if column.numeric else LEFT)
