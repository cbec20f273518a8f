"""Journey 4: a book is taken in, corrected, lent, renewed, given back, lost, found and deleted, all in the window."""

import re

import pytest
from PySide6.QtCore import Qt

from tests.journeys.conftest import Windows
from tests.journeys.window import RealWindow


@pytest.fixture
def desk(shared: Windows) -> RealWindow:
    """One window for all: each makes a book of its own."""
    return shared.again()


def take_in(desk: RealWindow, isbn: str, title: str) -> None:
    form = desk.form("book.new")
    desk.type_into(form, "isbn", isbn)
    desk.type_into(form, "title", title)
    desk.type_into(form, "authors", "Jane Austen")
    desk.submit(form)
    desk.until(lambda: "listed" in row(desk, title))


def row(desk: RealWindow, title: str) -> list[str]:
    return desk.cells(desk.titles.index(title))


def test_a_wrong_isbn_is_said_beside_its_field_and_a_right_one_is_a_row_which_is_said_from_then_on(
    desk: RealWindow,
) -> None:
    before = desk.count()
    form = desk.form("book.new")
    desk.type_into(form, "isbn", "0306406153")
    desk.type_into(form, "title", "Emma")
    desk.type_into(form, "authors", "Jane Austen")
    desk.qtbot.mouseClick(form.submit, Qt.MouseButton.LeftButton)
    assert "does not fit the others" in form.line("isbn").remark.text().lower()
    assert form.isVisible()
    form.discard()
    assert desk.count() == before, "nothing was sent"
    take_in(desk, "0-306-40615-2", "Emma")
    assert row(desk, "Emma")[:4] == ["Emma", "Jane Austen", "9780306406157", ""], "as it is written everywhere"
    desk.until(lambda: f"{before + 1} book" in desk.window.status.books.text())
    form = desk.form("book.new")
    desk.type_into(form, "isbn", "9780306406157")
    desk.until(lambda: "Emma" in form.line("isbn").remark.text())
    assert re.search(r'href="book:[0-9a-f-]{36}"', form.line("isbn").remark.text())
    form.discard()


def test_the_life_of_a_copy(desk: RealWindow) -> None:
    take_in(desk, "9780141439662", "Lady Susan")
    desk.select("Lady Susan")
    stream = f"book-{desk.window.part.chosen.book_id}"
    assert not desk.window.actions_by_name["copy.lend"].isEnabled()
    desk.submit(desk.form("copy.add"))
    desk.until(lambda: "1 / 1" in row(desk, "Lady Susan"))
    form = desk.form("copy.lend")
    desk.type_into(form, "patron", "p-17")
    desk.submit(form)
    desk.until(lambda: "0 / 1" in row(desk, "Lady Susan"))
    desk.until(lambda: not desk.window.actions_by_name["copy.lend"].isEnabled())
    assert "on loan" in desk.window.actions_by_name["copy.lend"].toolTip()
    desk.submit(desk.form("copy.renew"))
    desk.submit(desk.form("copy.return"))
    desk.until(lambda: "1 / 1" in row(desk, "Lady Susan"))
    desk.submit(desk.form("copy.lost"))
    desk.until(lambda: "0 / 1" in row(desk, "Lady Susan"))
    desk.submit(desk.form("copy.return"))
    desk.until(lambda: "1 / 1" in row(desk, "Lady Susan"))
    form = desk.form("copy.withdraw")
    desk.type_into(form, "reason", "worn out")
    desk.submit(form)
    form = desk.form("book.delete")
    desk.type_into(form, "reason", "not wanted")
    desk.submit(form)
    desk.until(lambda: "Lady Susan" not in desk.titles)
    assert [event.type for event in desk.store.read_stream(stream)] == [
        "BookCreated",
        "BookListed",
        "CopyAdded",
        "CopyLent",
        "LoanRenewed",
        "CopyReturned",
        "CopyLost",
        "CopyFound",
        "CopyWithdrawn",
        "BookDeleted",
    ]


def test_details_are_corrected(desk: RealWindow) -> None:
    take_in(desk, "9780141439587", "Sanditon")
    desk.select("Sanditon")
    form = desk.form("book.correct")
    desk.type_into(form, "title", "Sanditon: A Novel")
    desk.submit(form)
    desk.until(lambda: "Sanditon: A Novel" in desk.titles and "Sanditon" not in desk.titles)


def test_what_another_client_appends_shows_in_table_and_card(desk: RealWindow) -> None:
    take_in(desk, "9780141439792", "The Watsons")
    desk.select("The Watsons")
    chosen = desk.window.part.chosen
    stream = f"book-{chosen.book_id}"
    from esdbclient import EventStoreDBClient
    from esdbclient import NewEvent as Proposed

    client = EventStoreDBClient(desk.store_uri)
    data = f'{{"bookId":"{chosen.book_id}","copyNo":1}}'.encode()
    client.append_to_stream(stream, current_version=1, events=[Proposed(type="CopyAdded", data=data)])
    client.close()
    desk.until(lambda: "1 / 1" in row(desk, "The Watsons"))
    desk.until(lambda: chosen.card is not None and len(chosen.card.copies) == 1)
    desk.until(lambda: desk.window.actions_by_name["copy.lend"].isEnabled())
