"""Journey 4: a book is taken in, corrected, lent, renewed, given back, lost, found and deleted, all in the window."""

import re

from PySide6.QtCore import Qt

from tests.journeys.window import RealWindow


def take_in(desk: RealWindow, isbn: str = "0-306-40615-2", title: str = "Emma") -> None:
    form = desk.form("book.new")
    desk.type_into(form, "isbn", isbn)
    desk.type_into(form, "title", title)
    desk.type_into(form, "authors", "Jane Austen")
    desk.submit(form)
    desk.until(lambda: title in desk.titles and "listed" in desk.cells(desk.titles.index(title)))


def test_a_wrong_isbn_is_said_beside_its_field_and_a_right_one_is_a_row_which_is_said_from_then_on(
    desk: RealWindow,
) -> None:
    form = desk.form("book.new")
    desk.type_into(form, "isbn", "0306406153")
    desk.type_into(form, "title", "Emma")
    desk.type_into(form, "authors", "Jane Austen")
    desk.qtbot.mouseClick(form.submit, Qt.MouseButton.LeftButton)
    assert "does not fit the others" in form.line("isbn").remark.text().lower()
    assert form.isVisible()
    form.discard()
    assert desk.count() == 0, "nothing was sent"
    take_in(desk)
    assert desk.cells(0)[:4] == ["Emma", "Jane Austen", "9780306406157", ""], "as it is written everywhere"
    desk.until(lambda: "1 book" in desk.window.status.books.text())
    form = desk.form("book.new")
    desk.type_into(form, "isbn", "9780306406157")
    desk.until(lambda: "Emma" in form.line("isbn").remark.text())
    assert re.search(r'href="book:[0-9a-f-]{36}"', form.line("isbn").remark.text())
    form.discard()


def test_the_life_of_a_copy(desk: RealWindow) -> None:
    take_in(desk)
    desk.select("Emma")
    assert not desk.window.actions_by_name["copy.lend"].isEnabled()
    desk.submit(desk.form("copy.add"))
    desk.until(lambda: "1 / 1" in desk.cells(0))
    form = desk.form("copy.lend")
    desk.type_into(form, "patron", "p-17")
    desk.submit(form)
    desk.until(lambda: "0 / 1" in desk.cells(0))
    desk.until(lambda: not desk.window.actions_by_name["copy.lend"].isEnabled())
    assert "on loan" in desk.window.actions_by_name["copy.lend"].toolTip()
    desk.submit(desk.form("copy.renew"))
    desk.submit(desk.form("copy.return"))
    desk.until(lambda: "1 / 1" in desk.cells(0))
    desk.submit(desk.form("copy.lost"))
    desk.until(lambda: "0 / 1" in desk.cells(0))
    desk.submit(desk.form("copy.return"))
    desk.until(lambda: "1 / 1" in desk.cells(0))
    form = desk.form("copy.withdraw")
    desk.type_into(form, "reason", "worn out")
    desk.submit(form)
    form = desk.form("book.delete")
    desk.type_into(form, "reason", "not wanted")
    desk.submit(form)
    desk.until(lambda: desk.count() == 0)
    stream = next(e.stream for e in desk.store.read_all() if e.type == "BookCreated")
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
    take_in(desk)
    desk.select("Emma")
    form = desk.form("book.correct")
    desk.type_into(form, "title", "Emma: A Novel")
    desk.submit(form)
    desk.until(lambda: desk.titles == ["Emma: A Novel"])


def test_what_another_client_appends_shows_in_table_and_card(desk: RealWindow) -> None:
    take_in(desk)
    desk.select("Emma")
    chosen = desk.window.part.chosen
    stream = f"book-{chosen.book_id}"
    from esdbclient import EventStoreDBClient
    from esdbclient import NewEvent as Proposed

    client = EventStoreDBClient(desk.store_uri)
    data = f'{{"bookId":"{chosen.book_id}","copyNo":1}}'.encode()
    client.append_to_stream(stream, current_version=1, events=[Proposed(type="CopyAdded", data=data)])
    client.close()
    desk.until(lambda: "1 / 1" in desk.cells(0))
    desk.until(lambda: chosen.card is not None and len(chosen.card.copies) == 1)
    desk.until(lambda: desk.window.actions_by_name["copy.lend"].isEnabled())
