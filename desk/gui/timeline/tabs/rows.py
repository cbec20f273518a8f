"""The Rows tab: what events wrote into the read model: table, column, before, after."""

from typing import Any

from desk.application.inspection.rows import GetRowsWritten, RowFate, RowsWritten, RowWritten
from desk.gui.frame.theme import Theme
from desk.gui.timeline.fields import Cell, FieldRow, FieldTable
from desk.gui.timeline.tabs.tab import InspectorTab
from desk.gui.timeline.value_diff import compared_cells
from desk.gui.widgets.field_words import NOTHING, plain


class RowsTab(InspectorTab):
    """One line for each column that is another one now, under a line for its row."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(GetRowsWritten)
        headings = (self.tr("Table, column"), self.tr("Before"), self.tr("After"))
        self.table = FieldTable(theme, headings, self.tr("What was written into the read model"))
        self.lay_out((self.table, 1))

    def show_answer(self, answer: RowsWritten) -> None:
        nothing = "" if answer.rows else self.tr("Nothing was written into the read model.")
        self.say(answer.note or nothing)
        self.table.show_rows([line for row in answer.rows for line in self._lines(row)])

    def clear(self, note: str) -> None:
        super().clear(note)
        self.table.show_rows(())

    def _lines(self, row: RowWritten) -> list[FieldRow]:
        fates = {
            RowFate.ADDED: self.tr("a new row"),
            RowFate.CHANGED: self.tr("a changed row"),
            RowFate.REMOVED: self.tr("a row that went"),
        }
        number = row.key.rpartition(", ")[2]
        name = f"{row.table} {number}" if number.isdecimal() and number != row.key else row.table
        head = (Cell(name, strong=True, tip=row.key), Cell(fates[row.fate], tip=row.key), Cell(""))
        return [head, *(_line(name, before, after) for name, before, after in row.columns)]


def _line(name: str, before: Any, after: Any) -> FieldRow:
    both = before is not None and after is not None
    return (
        Cell(f"    {name}"),
        *(compared_cells(before, after) if both else (Cell(_text(before)), Cell(_text(after)))),
    )


def _text(value: Any) -> str:
    return NOTHING if value is None else plain(value)
