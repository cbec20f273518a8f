"""The Change tab: field, before, after, and who had set what was there before; a click goes there."""

from functools import partial

from PySide6.QtCore import QModelIndex, QPoint, Slot
from PySide6.QtWidgets import QMenu

from desk.application.history import Inspection, ValueChange
from desk.application.queries import GetInspection
from desk.gui.frame.theme import Theme
from desk.gui.timeline.fields import Cell, FieldRow, FieldTable
from desk.gui.timeline.tabs.tab import InspectorTab
from desk.gui.timeline.value_diff import cell_of, compared_cells
from desk.gui.widgets.controls import MenuOffer, give_rows_menu, passing_menu
from desk.gui.widgets.field_words import FieldWords, setter, setter_in_full

AFTER, SET_BY = 2, 3


class ChangeTab(InspectorTab):
    """What an event, or several, changed."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(GetInspection)
        headings = (self.tr("Field"), self.tr("Before"), self.tr("After"), self.tr("Set before by"))
        self.table = FieldTable(theme, headings, self.tr("What changed, and who had set what was there before"))
        self.lay_out((self.table, 1))
        self.table.clicked.connect(self._click)
        self.table.activated.connect(self._open)
        give_rows_menu(self.table, self._menu)
        self._changes: tuple[ValueChange, ...] = ()

    def show_answer(self, answer: Inspection) -> None:
        self._changes = answer.changes
        many = answer.compared is not None
        nothing = self.tr("Nothing differs.") if many else self.tr("This event changed none of the fields shown.")
        self.say("" if answer.changes else answer.note or nothing)
        words = FieldWords({field.key: field.value for field in answer.state})
        self.table.show_rows([_row(change, words) for change in answer.changes])

    def clear(self, note: str) -> None:
        self._changes = ()
        super().clear(note)
        self.table.show_rows(())

    @property
    def chosen_key(self) -> str:
        """The field in whose row one is, or the first."""
        row = max(self.table.currentIndex().row(), 0)
        return self._changes[row].key if row < len(self._changes) else ""

    @Slot(QModelIndex)
    def _click(self, index: QModelIndex) -> None:
        if index.column() == SET_BY:
            self._open(index)

    @Slot(QModelIndex)
    def _open(self, index: QModelIndex) -> None:
        set_by = self._changes[index.row()].set_by
        if set_by is not None:
            self.wanted.emit(self.stream, set_by.revision)

    @Slot(QPoint)
    def _menu(self, at: QPoint) -> None:
        index = self.table.indexAt(at)
        if index.isValid():
            self.menu_at(index.row()).popup(self.table.viewport().mapToGlobal(at))

    def menu_at(self, row: int) -> QMenu:
        """What can be done with the change in a row."""
        change, offers = self._changes[row], list[MenuOffer]()
        key, set_by = change.key, change.set_by
        back = partial(self.value_wanted.emit, key, change.before)
        offers.append((self.tr("&Bring back what was before…"), back))
        if set_by is not None:
            there = partial(self.wanted.emit, self.stream, set_by.revision)
            offers.append((self.tr("&Go to {event}").format(event=setter_in_full(set_by)), there))
        offers.append((self.tr("&Only events that touched this field"), partial(self.pin_wanted.emit, key)))
        return passing_menu(self.table, offers)


def _row(change: ValueChange, words: FieldWords) -> FieldRow:
    says = partial(words.value, change.key)
    if change.before is not None and change.after is not None:
        cells = compared_cells(change.before, change.after, says)
    else:
        cells = cell_of(change.before, says), cell_of(change.after, says)
    link = Cell(setter(change.set_by), tip=setter_in_full(change.set_by), link=True)
    return (Cell(words.whole(change.key)), *cells, link)
