"""Journey: a reader waits for a book, the copy that comes back is set aside, and lent to whoever it stands for."""

from functools import partial

from PySide6.QtCore import Qt

from desk.domain.commands import AddCopy
from desk.gui.books.lines import DETAIL, STATE
from tests.journeys.books import put_books
from tests.journeys.window import RealWindow


def fill_and_send(desk: RealWindow, action: str, **texts: str) -> None:
    form = desk.form(action)
    for name, text in texts.items():
        desk.type_into(form, name, text)
    desk.submit(form)


def waiting(desk: RealWindow, readers: int) -> bool:
    return desk.window.part.card.holds.count() == readers


def test_the_life_of_a_hold(desk: RealWindow) -> None:
    emma = put_books(desk)["Emma"]
    desk.session.commands.execute(AddCopy(book_id=emma)).result(60)
    desk.select("Emma")
    card = desk.window.part.card
    fill_and_send(desk, "copy.lend", patron="R-1")
    for number, reader in enumerate(("r-2", "r-3"), 1):
        fill_and_send(desk, "hold.place", patron=reader)
        desk.until(partial(waiting, desk, number))
    assert [card.holds.item(row).text() for row in range(2)] == ["R-2", "R-3"]
    assert "next in line" in card.holds.item(0).data(DETAIL)
    assert not desk.window.actions_by_name["copy.renew"].isEnabled()
    desk.submit(desk.form("copy.return"))
    assert card.aside.text.text().startswith("Copy 1 is set aside for R-2 until ")
    assert "set aside for R-2" in desk.window.status.said.text()
    desk.until(lambda: card.copies.item(0).data(STATE) == "onHoldShelf")
    desk.until(lambda: card.holds.item(0).data(STATE) == "ready")
    form = desk.form("copy.lend")
    assert form.line("patron").read() == "R-2"
    desk.submit(form)
    desk.until(lambda: card.copies.item(0).data(DETAIL).startswith("R-2, due "))
    desk.until(lambda: card.holds.count() == 1)
    desk.qtbot.mouseClick(
        card.holds.viewport(), Qt.MouseButton.LeftButton, pos=card.holds.visualItemRect(card.holds.item(0)).center()
    )
    desk.submit(desk.form("hold.cancel"))
    desk.until(lambda: card.holds.isHidden())
    assert [event.type for event in desk.store.read_stream(f"book-{emma}")][2:] == [
        "CopyAdded",
        "CopyLent",
        "HoldPlaced",
        "HoldPlaced",
        "CopyReturned",
        "CopySetAside",
        "CopyLent",
        "HoldFulfilled",
        "HoldCancelled",
    ]
