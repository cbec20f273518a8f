"""Journey: a reader waits for a book, the copy that comes back is set aside, and lent to whoever it stands for.

And that is followed through the history by keys.
"""

from functools import partial
from uuid import uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from desk.domain.commands import AddCopy, LendCopy, PlaceHold, ReturnCopy
from desk.gui.books.lines import DETAIL, STATE
from desk.gui.timeline.tabs.causes import CausesTab
from desk.gui.timeline.tabs.command import CommandTab
from desk.gui.timeline.tabs.rows import RowsTab
from tests.journeys.books import put_books, send
from tests.journeys.conftest import Windows
from tests.journeys.test_history import history, lines, types
from tests.journeys.window import RealWindow


@pytest.fixture
def desk(shared: Windows) -> RealWindow:
    """One window for both: each has a book of its own."""
    return shared.again()


def fill_and_send(desk: RealWindow, action: str, **texts: str) -> None:
    form = desk.form(action)
    for name, text in texts.items():
        desk.type_into(form, name, text)
    desk.submit(form)


def press(desk: RealWindow, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key wherever the focus is."""
    focus = QApplication.focusWidget()
    assert focus is not None
    desk.qtbot.keyClick(focus, key, modifiers)


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


def test_a_hold_is_followed_from_its_placing_over_the_return_that_set_the_copy_aside_by_keys_alone(
    desk: RealWindow,
) -> None:
    book_id = put_books(desk)["Pride and Prejudice"]
    send(desk, AddCopy(book_id=book_id))
    send(desk, LendCopy(book_id=book_id, copy_no=1, loan_id=uuid4(), patron="R-7"))
    send(desk, PlaceHold(book_id=book_id, hold_id=uuid4(), patron="R-8"))
    send(desk, ReturnCopy(book_id=book_id, copy_no=1))
    send(desk, LendCopy(book_id=book_id, copy_no=1, loan_id=uuid4(), patron="R-8"))
    desk.select("Pride and Prejudice")
    panel = history(desk)
    desk.until(lambda: types(desk)[-1] in ("HoldFulfilled", "CopyLent") and types(desk).count("CopyLent") == 2)
    desk.frame.activateWindow()
    desk.until(desk.frame.isActiveWindow)
    desk.trigger("go.history")
    press(desk, Qt.Key.Key_Home)
    while types(desk)[panel.revision or 0] != "HoldPlaced":
        press(desk, Qt.Key.Key_Right)
    press(desk, Qt.Key.Key_A)
    tree = panel.inspector.tab_of(CausesTab).tree
    desk.until(lambda: any(item.text(0).startswith("CopySetAside") for item in lines(tree)))
    press(desk, Qt.Key.Key_Return)
    assert str(tree.currentIndex().data()).startswith("HoldPlaced")
    press(desk, Qt.Key.Key_Down)
    assert str(tree.currentIndex().data()) == "CopySetAside  (the same hold)"
    press(desk, Qt.Key.Key_Return)
    assert types(desk)[panel.revision or 0] == "CopySetAside"
    desk.until(lambda: any(item.text(0) == "ReturnCopy" for item in lines(tree)))
    told = [item.text(0) for item in lines(tree)]
    assert {"PlaceHold", "HoldPlaced", "ReturnCopy"} <= set(told)
    while not str(tree.currentIndex().data()).startswith("CopyReturned"):
        before = tree.currentIndex()
        press(desk, Qt.Key.Key_Down)
        assert tree.currentIndex() != before, told
    press(desk, Qt.Key.Key_Return)
    assert types(desk)[panel.revision or 0] == "CopyReturned"
    press(desk, Qt.Key.Key_Escape)
    assert QApplication.focusWidget() in (panel.canvas, panel.table)
    press(desk, Qt.Key.Key_M)
    command = panel.inspector.tab_of(CommandTab).tree
    desk.until(lambda: any(item.text(0) == "ReturnCopy" for item in lines(command)))
    told = [item.text(1) for item in lines(command)]
    assert {"CopyReturned", "CopySetAside"} <= set(told)
    press(desk, Qt.Key.Key_R)
    rows = panel.inspector.tab_of(RowsTab).table
    desk.until(lambda: any(row[0].text == "loans" for row in rows.fields.rows))
