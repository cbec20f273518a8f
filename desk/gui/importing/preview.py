"""Hop 1: the first rows of a file as they will be stored, and what is wrong with each wrong one.

While it is not known yet which column is which, they are shown as they stand in the file.
"""

from html import escape

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from desk.application.importing.checking import CheckedRow, Row, WrongRow
from desk.application.importing.columns import ColumnMapping, Field
from desk.application.importing.plan import ImportPreview
from desk.domain.details import details_of, spell
from desk.gui.frame.icons import Icons
from desk.gui.frame.theme import Theme
from desk.records import dataclass

FIELDS = tuple(field for field in Field if field is not Field.OTHER_ISBN)
LINE, REMARK, FIRST_FIELD = 0, 1, 2
_ANY_INDEX = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class _Line:
    """A row in words; ``wrong`` are the fields that are marked."""

    texts: tuple[str, ...]
    is_wrong: bool = False
    wrong: frozenset[Field] = frozenset()

    @property
    def remark(self) -> str:
        """What is wrong with it, or stored otherwise than it stands there; empty mostly."""
        return self.texts[REMARK]


class PreviewModel(QAbstractTableModel):
    """A hundred rows at most, in words made once."""

    def __init__(self, theme: Theme, icons: Icons, parent: QObject) -> None:
        super().__init__(parent)
        self._theme, self._icons = theme, icons
        self._lines: list[_Line] = []
        self._names: tuple[str, ...] = ()
        theme.changed.connect(self._repaint)

    def show(self, preview: ImportPreview | None) -> None:
        """Show its rows; none without one."""
        self.beginResetModel()
        self._names, self._lines = (), []
        if preview is not None and preview.plan.mapping.missing():
            self._names = ("", *preview.plan.header)
            self._lines = [_Line((str(record.line), "", *record.cells)) for record in preview.records]
        elif preview is not None:
            self._lines = [_line_of(row, preview.plan.mapping) for row in preview.rows]
        self.endResetModel()

    @property
    def is_raw(self) -> bool:
        """Whether the rows are shown as they stand in the file."""
        return bool(self._names)

    @property
    def wrong_rows(self) -> int:
        """How many of them cannot be imported."""
        return sum(line.is_wrong for line in self._lines)

    @property
    def has_remarks(self) -> bool:
        """Whether there is something to be said of any of them."""
        return any(line.remark for line in self._lines)

    def rowCount(self, parent: _ANY_INDEX | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._lines)

    def columnCount(self, parent: _ANY_INDEX | None = None) -> int:
        if parent is not None and parent.isValid():
            return 0
        return FIRST_FIELD + (len(self._names) - 1 if self._names else len(FIELDS))

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        if section == LINE:
            return self.tr("Line")
        if section == REMARK:
            return self.tr("Remark")
        return self._names[section - REMARK] if self._names else self.tr(FIELDS[section - FIRST_FIELD].label)

    def data(self, index: _ANY_INDEX, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        line, column = self._lines[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return line.texts[column] if column < len(line.texts) else ""
            case Qt.ItemDataRole.ToolTipRole:
                # As rich text it is broken into lines.
                return f"<p>{escape(line.remark)}</p>" if line.remark else None
            case Qt.ItemDataRole.ForegroundRole:
                return self._color(line, column)
            case Qt.ItemDataRole.DecorationRole if column == LINE and line.is_wrong:
                return self._icons.icon("warning", "problem")
        return None

    def _color(self, line: _Line, column: int) -> object:
        if self._names:
            return None
        if column == REMARK or (column != LINE and FIELDS[column - FIRST_FIELD] in line.wrong):
            return self._theme.color("problem" if line.is_wrong else "notice")
        return self._theme.color("muted") if line.is_wrong else None

    def _repaint(self) -> None:
        if self._lines:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._lines) - 1, self.columnCount() - 1))


def _line_of(row: Row, mapping: ColumnMapping) -> _Line:
    line = str(row.record.line)
    if isinstance(row, CheckedRow):
        return _Line((line, " ".join(row.notes), row.draft.isbn, *map(spell, details_of(row.draft).values())))
    wrong = frozenset(problem.field for problem in row.problems if problem.field)
    return _Line((line, row.reason, *_as_it_stands(row, mapping)), is_wrong=True, wrong=wrong)


def _as_it_stands(row: WrongRow, mapping: ColumnMapping) -> tuple[str, ...]:
    cells = row.record.cells

    def cell(field: Field) -> str:
        column = mapping.column(field)
        return cells[column] if column is not None and column < len(cells) else ""

    isbn = cell(Field.ISBN) or cell(Field.OTHER_ISBN)
    return (isbn, *(cell(field) for field in FIELDS[1:]))
