"""Rows on the clipboard: what a spreadsheet and a text editor get, how many, and that nobody waits for them."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from html.parser import HTMLParser

import pytest
from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox, QTableView
from pytestqt.qtbot import QtBot

from desk.cqrs.errors import StoreUnavailable
from desk.gui.tables.columns import Column, set_up_table
from desk.gui.tables.copying import ASK_ABOVE, HTML_UP_TO, RowCopying, RowTexts, copied, offer_menu, selected_rows
from desk.gui.widgets.background import GuiBridge
from tests.counting import counting_calls
from tests.gui.timeline.hands import press_key

CONTROL = Qt.KeyboardModifier.ControlModifier
ROOT = QModelIndex()


class Numbers(QAbstractTableModel):
    """A million rows that cost nothing until they are read."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count
        self.threads: set[threading.Thread] = set()
        self.pages = 0
        self.away = False

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = ROOT) -> int:
        return 0 if parent.isValid() else self.count

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = ROOT) -> int:
        return 0 if parent.isValid() else 3

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        return text_of(index.row(), index.column()) if role == Qt.ItemDataRole.DisplayRole else None

    def texts(self) -> RowTexts:
        return RowTexts(("Number", "Square", "Name"), self.read)

    def read(self, ranges: Iterable[range]) -> Iterator[Sequence[Sequence[str]]]:
        for part in ranges:
            if self.away:
                raise StoreUnavailable("The store is away.")
            self.threads.add(threading.current_thread())
            self.pages += 1
            yield [[text_of(row, column) for column in range(3)] for row in part]


def text_of(row: int, column: int) -> str:
    return (str(row), str(row * row), f"a\tb\n\u2068ש{row}\u2069 <&>")[column]


class Cells(HTMLParser):
    """The cells of an HTML table, as a program reads them that pastes it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.rows:
            self.rows[-1][-1] += data


class Copying:
    """A table with its copying, and what was said."""

    def __init__(self, qtbot: QtBot, bridge: GuiBridge, count: int) -> None:
        self.model, self.table, self.said = Numbers(count), QTableView(), list[str]()
        self.table.setModel(self.model)
        set_up_table(self.table, "Numbers", (Column("Number", 80), Column("Square", 80), Column("Name")))
        self.copying = RowCopying(self.table, self.model.texts, bridge)
        self.copying.said.connect(self.said.append)
        qtbot.addWidget(self.table)
        self.table.show()
        self.table.setFocus()

    def select(self, *ranges: tuple[int, int]) -> None:
        for first, last in ranges:
            part = QItemSelection(self.model.index(first, 0), self.model.index(last, 2))
            self.table.selectionModel().select(part, QItemSelectionModel.SelectionFlag.Select)

    def question(self) -> QMessageBox:
        box = self.table.findChild(QMessageBox)
        assert isinstance(box, QMessageBox)
        return box

    def answer(self, text: str) -> None:
        next(button for button in self.question().buttons() if button.text().replace("&", "") == text).click()


@pytest.fixture
def few(qtbot: QtBot, bridge: GuiBridge) -> Copying:
    return Copying(qtbot, bridge, 100)


@pytest.fixture
def many(qtbot: QtBot, bridge: GuiBridge) -> Copying:
    return Copying(qtbot, bridge, 1_000_000)


def test_the_selected_rows_are_copied_by_ctrl_c_as_text_with_a_header_and_as_a_table(
    qtbot: QtBot, few: Copying
) -> None:
    few.select((7, 7), (3, 4))
    press_key(few.table, Qt.Key.Key_C, CONTROL)
    qtbot.waitUntil(lambda: few.said == ["3 rows were copied."])
    data = QApplication.clipboard().mimeData()
    rows = [["Number", "Square", "Name"], *([str(n), str(n * n), f"a b ש{n} <&>"] for n in (3, 4, 7))]
    assert [line.split("\t") for line in data.text().splitlines()] == rows
    assert Cells(data.html()).rows == rows
    assert threading.main_thread() not in few.model.threads


def test_columns_are_copied_as_they_stand_without_hidden_ones(qtbot: QtBot, few: Copying) -> None:
    few.table.horizontalHeader().moveSection(1, 0)
    few.table.setColumnHidden(2, True)
    few.select((5, 5))
    few.copying.copy()
    qtbot.waitUntil(lambda: few.said == ["One row was copied."])
    assert QApplication.clipboard().text() == "Square\tNumber\n25\t5\n"


def test_without_a_selection_the_clipboard_keeps_what_it_has(few: Copying) -> None:
    QApplication.clipboard().setText("before")
    few.copying.copy()
    assert QApplication.clipboard().text() == "before"
    assert few.said == []


def test_where_rows_cannot_be_read_it_is_said_and_the_clipboard_keeps_what_it_has(qtbot: QtBot, few: Copying) -> None:
    QApplication.clipboard().setText("before")
    few.model.away = True
    few.select((0, 3))
    few.copying.copy()
    qtbot.waitUntil(lambda: few.said == ["Nothing was copied: The store is away."])
    assert QApplication.clipboard().text() == "before"


def test_more_than_ten_thousand_rows_are_copied_after_a_question_only(qtbot: QtBot, many: Copying) -> None:
    many.select((0, ASK_ABOVE - 1))
    many.copying.copy()
    qtbot.waitUntil(lambda: many.said == ["10,000 rows were copied."])
    assert many.table.findChild(QMessageBox) is None
    many.select((ASK_ABOVE, ASK_ABOVE))
    before = many.model.pages
    many.copying.copy()
    assert many.question().text() == "Copy 10,001 rows?"
    many.answer("Cancel")
    assert many.model.pages == before
    qtbot.waitUntil(lambda: many.table.findChild(QMessageBox) is None)
    many.copying.copy()
    many.answer("Copy")
    qtbot.waitUntil(lambda: many.said[1:] == ["10,001 rows were copied."])
    assert len(QApplication.clipboard().text().splitlines()) == 10_002


def test_the_window_does_not_wait_while_a_million_rows_are_read_and_a_newer_copy_ends_it(
    qtbot: QtBot, many: Copying
) -> None:
    many.table.selectAll()
    with counting_calls() as calls:
        many.table.grab()
        many.copying.copy()
        many.answer("Copy")
    assert calls.number < 10_000, "far fewer than rows"
    qtbot.waitUntil(lambda: many.model.pages > 20)
    assert threading.main_thread() not in many.model.threads
    many.table.clearSelection()
    many.select((1, 1))
    many.copying.copy()
    qtbot.waitUntil(lambda: many.said == ["One row was copied."])
    qtbot.waitUntil(lambda: all(not thread.is_alive() for thread in many.model.threads))
    assert many.model.pages < 9_900
    assert QApplication.clipboard().text().splitlines()[1].startswith("1\t1\t")


def test_a_closed_table_leaves_no_thread(qtbot: QtBot, many: Copying) -> None:
    many.table.selectAll()
    many.copying.copy()
    many.answer("Copy")
    qtbot.waitUntil(lambda: many.model.pages > 5)
    many.copying.stop()
    qtbot.waitUntil(lambda: all(not thread.is_alive() for thread in many.model.threads))
    assert many.said == []


def test_rows_are_told_as_ranges_from_above_to_below(few: Copying) -> None:
    few.select((50, 60), (10, 12), (13, 20), (15, 16))
    assert selected_rows(few.table) == (range(10, 21), range(50, 61))


def test_very_many_rows_are_text_alone() -> None:
    texts, rows = Numbers(0).texts(), [range(HTML_UP_TO + 1)]
    found = copied(texts, rows, (0,), lambda _: False)
    assert found is not None
    assert found.html is None
    assert bytes(found.text.data()).count(b"\n") == HTML_UP_TO + 2
    assert copied(texts, rows, (0,), lambda _: True) is None


def test_the_context_menu_offers_what_the_table_can_do(qtbot: QtBot, few: Copying) -> None:
    offer_menu(few.table)
    few.select((5, 5))
    few.table.customContextMenuRequested.emit(few.table.visualRect(few.model.index(5, 1)).center())
    menu = few.table.findChild(QMenu)
    assert isinstance(menu, QMenu)
    qtbot.waitUntil(menu.isVisible)
    assert menu.actions() == [few.copying.action]
    few.copying.action.trigger()
    menu.close()
    qtbot.waitUntil(lambda: few.said == ["One row was copied."])
