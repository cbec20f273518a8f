"""Journey 3: the table shows all books; typing narrows it, a click on a header sorts it."""

from uuid import uuid4

import pytest
from PySide6.QtCore import Qt

from desk.domain.commands import CreateBook, DeleteBook
from tests.journeys.books import put_books
from tests.journeys.conftest import Windows
from tests.journeys.window import RealWindow


@pytest.fixture
def desk(shared: Windows) -> RealWindow:
    """One window for both: the four books are found again, by their titles."""
    return shared.again()


def click_header(desk: RealWindow, column: int) -> None:
    header = desk.window.part.view.table.horizontalHeader()
    x = header.sectionViewportPosition(column) + header.sectionSize(column) // 2
    point = header.viewport().rect().center()
    point.setX(x)
    desk.qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=point)


def test_typing_narrows_by_prefix_without_case_or_accents_and_a_click_on_a_header_sorts(desk: RealWindow) -> None:
    put_books(desk)
    desk.until(lambda: "4 books" in desk.window.status.books.text())
    desk.search("etran")
    desk.until(lambda: desk.titles == ["L'Étranger"])
    desk.search("AUST pri")
    desk.until(lambda: desk.titles == ["Pride and Prejudice"])
    desk.search("978014143")
    desk.until(lambda: desk.titles == ["Emma", "Pride and Prejudice"])
    desk.search("0-14-143")
    desk.until(lambda: desk.titles == ["Emma", "Pride and Prejudice"])
    desk.search('"-nothing*')
    desk.until(lambda: desk.titles == [])
    desk.qtbot.keyClick(desk.window.part.view.search, Qt.Key.Key_Escape)
    desk.until(lambda: desk.count() == 4)
    assert desk.titles == ["Crime and Punishment", "Emma", "L'Étranger", "Pride and Prejudice"]
    click_header(desk, 3)
    desk.until(lambda: desk.titles == ["Pride and Prejudice", "Emma", "L'Étranger", "Crime and Punishment"])
    click_header(desk, 3)
    desk.until(lambda: desk.titles == ["L'Étranger", "Emma", "Pride and Prejudice", "Crime and Punishment"])
    click_header(desk, 0)


def test_selection_search_and_sort_survive_changes_of_rows(desk: RealWindow) -> None:
    ids = put_books(desk)
    desk.search("austen")
    desk.until(lambda: desk.count() == 2)
    desk.select("Pride and Prejudice")
    new = CreateBook(book_id=uuid4(), isbn="9780141439662", title="Persuasion", authors=("Jane Austen",))
    desk.session.commands.execute(new).result(60)
    desk.until(lambda: desk.titles == ["Emma", "Persuasion", "Pride and Prejudice"])
    assert desk.window.part.view.search.text() == "austen"
    assert desk.window.part.chosen.book_id == ids["Pride and Prejudice"]
    rows = desk.window.part.view.table.selectionModel().selectedRows()
    assert [index.row() for index in rows] == [2]
    desk.session.commands.execute(DeleteBook(book_id=new.book_id, reason="an example")).result(60)
    desk.search("")
    desk.until(lambda: desk.count() == len(ids))
