"""Hop 1: the first rows of a file as they will be stored, and what is wrong with each wrong one."""

from dataclasses import dataclass

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from desk.application.importing.checking import CheckedRow, Row, WrongRow
from desk.application.importing.columns import ColumnMapping, Field
from desk.gui.icons import Icons
from desk.gui.theme import Theme

FIELDS = tuple(field for field in Field if field is not Field.OTHER_ISBN)
LINE, FIRST_FIELD, REMARK = 0, 1, 1 + len(FIELDS)
_ANY_INDEX = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class _Line:
    """A row in words; ``wrong`` are the fields that are marked."""

    texts: tuple[str, ...]
    remark: str
    is_wrong: bool
    wrong: frozenset[Field]


class PreviewModel(QAbstractTableModel):
    """A hundred rows at most, in words made once."""

    def __init__(self, theme: Theme, icons: Icons, parent: QObject) -> None:
        super().__init__(parent)
        self._theme, self._icons = theme, icons
        self._lines: list[_Line] = []
        theme.changed.connect(self._repaint)

    def show(self, rows: tuple[Row, ...], mapping: ColumnMapping) -> None:
        """Show these rows."""
        self.beginResetModel()
        self._lines = [_line_of(row, mapping) for row in rows]
        self.endResetModel()

    @property
    def wrong_rows(self) -> int:
        """How many of them cannot be imported."""
        return sum(line.is_wrong for line in self._lines)

    def rowCount(self, parent: _ANY_INDEX | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._lines)

    def columnCount(self, parent: _ANY_INDEX | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else REMARK + 1

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        if section == LINE:
            return self.tr("Line")
        return self.tr("Remark") if section == REMARK else self.tr(FIELDS[section - FIRST_FIELD].label)

    def data(self, index: _ANY_INDEX, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        line, column = self._lines[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return line.remark if column == REMARK else line.texts[column]
            case Qt.ItemDataRole.ToolTipRole:
                return line.remark or None
            case Qt.ItemDataRole.ForegroundRole:
                return self._color(line, column)
            case Qt.ItemDataRole.DecorationRole if column == LINE and line.is_wrong:
                return self._icons.icon("warning", "problem")
        return None

    def _color(self, line: _Line, column: int) -> object:
        marked = column == REMARK or (column != LINE and FIELDS[column - FIRST_FIELD] in line.wrong)
        if marked:
            return self._theme.color("problem" if line.is_wrong else "notice")
        return self._theme.color("muted") if line.is_wrong else None

    def _repaint(self) -> None:
        if self._lines:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._lines) - 1, REMARK))


def _line_of(row: Row, mapping: ColumnMapping) -> _Line:
    if isinstance(row, CheckedRow):
        return _Line((str(row.record.line), *_stored(row)), " ".join(row.notes), is_wrong=False, wrong=frozenset())
    wrong = frozenset(problem.field for problem in row.problems if problem.field)
    return _Line((str(row.record.line), *_as_it_stands(row, mapping)), row.reason, is_wrong=True, wrong=wrong)


def _stored(row: CheckedRow) -> tuple[str, ...]:
    draft = row.draft
    return (
        draft.isbn,
        draft.title,
        "; ".join(draft.authors),
        draft.publisher or "",
        str(draft.published_year or ""),
        draft.language or "",
        "; ".join(draft.subjects),
    )


def _as_it_stands(row: WrongRow, mapping: ColumnMapping) -> tuple[str, ...]:
    cells = row.record.cells
    columns = (mapping.column(field) for field in FIELDS)
    return tuple(cells[column] if column is not None and column < len(cells) else "" for column in columns)
