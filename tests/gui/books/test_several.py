"""Several books are selected, one of them in hand; the selection outlives another order, news and another search."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desk.application.event_index import CatalogueMoment
from desk.cqrs.moments import Moments
from desk.domain.commands import CorrectBookDetails, LendCopy, ReturnCopy
from desk.gui.books.action_specs import BOOK_ACTIONS
from desk.gui.tables.copying import selected_rows
from tests.gui.books.conftest import CatalogueWindow
from tests.gui.fake_session import FakeSession

TITLES = ("Anna", "Berta", "Clara", "Dora", "Emma", "Frida")
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def ids(session: FakeSession) -> dict[str, UUID]:
    isbns = ("9783518366752", "9780451524935", "9780141439518", "9780261102217", "9780747532743", "9780060850524")
    return {title: session.add(title, isbn, copies=1) for title, isbn in zip(TITLES, isbns, strict=True)}


@pytest.fixture
def full(ids: dict[str, UUID], window: CatalogueWindow, qtbot: QtBot) -> CatalogueWindow:
    qtbot.waitUntil(lambda: window.part.model.rowCount() == len(TITLES))
    window.part.view.table.setFocus()
    return window


def rows_of(window: CatalogueWindow) -> list[str]:
    model = window.part.model
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def selected(window: CatalogueWindow) -> list[str]:
    titles = rows_of(window)
    return [titles[row] for part in selected_rows(window.part.view.table) for row in part]


def click(window: CatalogueWindow, qtbot: QtBot, title: str, keys: Qt.KeyboardModifier) -> None:
    table = window.part.view.table
    at = table.visualRect(window.part.model.index(rows_of(window).index(title), 0)).topLeft() + QPoint(20, 8)
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, keys, at)


def in_hand(window: CatalogueWindow, ids: dict[str, UUID]) -> str:
    return next(title for title, book_id in ids.items() if book_id == window.workspace.selection.book_id)


NONE = Qt.KeyboardModifier.NoModifier


def test_shift_selects_from_the_one_in_hand_and_ctrl_adds_and_takes_out_one(
    full: CatalogueWindow, ids: dict[str, UUID], qtbot: QtBot
) -> None:
    click(full, qtbot, "Berta", NONE)
    click(full, qtbot, "Dora", SHIFT)
    assert selected(full) == ["Berta", "Clara", "Dora"]
    assert in_hand(full, ids) == "Dora"
    click(full, qtbot, "Frida", CTRL)
    click(full, qtbot, "Clara", CTRL)
    assert selected(full) == ["Berta", "Dora", "Frida"]
    assert in_hand(full, ids) == "Berta", "what was taken out is not in hand"
    assert full.workspace.selection.selected.count == 3
    assert full.part.view.found.text() == "3 of 6 selected"


def test_what_is_overdue_is_selected_as_a_whole_leaves_when_it_is_returned_and_is_not_known_for_the_past(
    full: CatalogueWindow, ids: dict[str, UUID], session: FakeSession, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    loans = {title: uuid4() for title in TITLES[:3]}
    for title, loan_id in loans.items():
        session.change(LendCopy(book_id=ids[title], copy_no=1, loan_id=loan_id, patron="R-1"))
    view, model, tomorrow = full.part.view, full.part.model, session.moments.today() + timedelta(days=40)
    full.actions_by_name["catalogue.overdue"].trigger()
    qtbot.waitUntil(lambda: view.nothing.isVisible() and not model.is_asking)
    assert "Nothing is overdue" in view.nothing.headline.text()
    monkeypatch.setattr(Moments, "today", lambda _moments: tomorrow)
    model._clock.timeout.emit()
    qtbot.waitUntil(lambda: rows_of(full) == ["Anna", "Berta", "Clara"])
    full.actions_by_name["catalogue.all"].trigger()
    assert full.workspace.selection.selected.question == model.question
    session.change(ReturnCopy(book_id=ids["Berta"], copy_no=1, loan_id=loans["Berta"]))
    session.announce(ids["Berta"], reordered=True)
    qtbot.waitUntil(lambda: rows_of(full) == ["Anna", "Clara"])
    assert selected(full) == ["Anna", "Clara"]
    full.workspace.show_as_of(CatalogueMoment(0, session.moments.now()))
    qtbot.waitUntil(lambda: rows_of(full) == [])
    assert "Not known for the past" in view.nothing.headline.text()
    assert not view.found.isVisible(), "none is not what was found"
    assert not view.hides(ids["Dora"])
    full.workspace.show_as_of(None)
    qtbot.waitUntil(lambda: rows_of(full) == ["Anna", "Clara"])


def test_who_takes_out_the_one_in_hand_has_another_selected_one(
    full: CatalogueWindow, ids: dict[str, UUID], qtbot: QtBot
) -> None:
    click(full, qtbot, "Berta", NONE)
    click(full, qtbot, "Dora", CTRL)
    click(full, qtbot, "Dora", CTRL)
    assert selected(full) == ["Berta"]
    assert in_hand(full, ids) == "Berta"


def test_with_several_selected_what_is_about_one_book_is_off_and_says_so(full: CatalogueWindow, qtbot: QtBot) -> None:
    click(full, qtbot, "Anna", NONE)
    qtbot.waitUntil(lambda: full.actions_by_name["copy.lend"].isEnabled())
    click(full, qtbot, "Berta", CTRL)
    about_one = [spec.name for spec in BOOK_ACTIONS if spec.name != "book.new"]
    for name in about_one:
        assert not full.actions_by_name[name].isEnabled(), name
        assert full.actions_by_name[name].statusTip() == "Choose one book."
    assert full.actions_by_name["book.new"].isEnabled()
    several = full.part.card.several
    assert "2 books are selected" in several.text.text()
    click(full, qtbot, "Clara", CTRL)
    assert "3 books are selected" in several.text.text()
    click(full, qtbot, "Anna", NONE)
    qtbot.waitUntil(lambda: full.actions_by_name["copy.lend"].isEnabled())
    assert several.isHidden()


def test_among_several_the_one_in_hand_has_a_frame_and_esc_goes_back_to_that_one(
    full: CatalogueWindow, ids: dict[str, UUID], qtbot: QtBot
) -> None:
    click(full, qtbot, "Anna", NONE)
    click(full, qtbot, "Clara", SHIFT)
    click(full, qtbot, "Frida", CTRL)
    click(full, qtbot, "Clara", CTRL)
    table = full.part.view.table
    full.part.view.search.setFocus()

    def is_framed(title: str) -> bool:
        row = table.visualRect(full.part.model.index(rows_of(full).index(title), 0))
        picture = table.viewport().grab(row).toImage()
        return picture.pixelColor(60, 3) != picture.pixelColor(60, 1)

    assert [is_framed(title) for title in ("Anna", "Berta", "Frida")] == [True, False, False]
    assert in_hand(full, ids) == "Anna"
    assert full.workspace.escape()
    assert selected(full) == ["Anna"]
    assert not is_framed("Anna")


def test_another_order_keeps_the_selected_books_and_the_one_in_hand(
    full: CatalogueWindow, ids: dict[str, UUID], qtbot: QtBot
) -> None:
    click(full, qtbot, "Berta", NONE)
    click(full, qtbot, "Emma", CTRL)
    full.part.view.table.horizontalHeader().sectionClicked.emit(0)
    qtbot.waitUntil(lambda: rows_of(full) == sorted(TITLES, reverse=True))
    assert selected(full) == ["Emma", "Berta"]
    assert in_hand(full, ids) == "Emma"
    assert full.part.view.table.currentIndex().data() == "Emma"


def test_news_move_rows_and_leave_the_same_books_selected(
    full: CatalogueWindow, ids: dict[str, UUID], session: FakeSession, qtbot: QtBot
) -> None:
    click(full, qtbot, "Berta", NONE)
    click(full, qtbot, "Emma", CTRL)
    session.change(CorrectBookDetails(book_id=ids["Berta"], seen_revision=2, title="Zora"))
    session.announce(ids["Berta"], reordered=True)
    qtbot.waitUntil(lambda: rows_of(full)[-1] == "Zora")
    session.announce(session.add("Aaron", "9780316769488"), arrived=True)
    qtbot.waitUntil(lambda: rows_of(full)[0] == "Aaron")
    assert selected(full) == ["Emma", "Zora"]


def test_ctrl_a_selects_what_was_found_as_the_question_and_what_comes_later_with_it(
    full: CatalogueWindow, session: FakeSession, qtbot: QtBot
) -> None:
    qtbot.keyClick(full.part.view.table, Qt.Key.Key_A, CTRL)
    assert selected(full) == list(TITLES)
    assert full.workspace.selection.selected.question == full.part.model.question
    session.announce(session.add("Aaron", "9780316769488"), arrived=True)
    qtbot.waitUntil(lambda: len(rows_of(full)) == len(TITLES) + 1)
    assert selected(full) == rows_of(full)
    full.part.view.table.horizontalHeader().sectionClicked.emit(0)
    qtbot.waitUntil(lambda: rows_of(full)[-1] == "Aaron")
    assert selected(full) == rows_of(full)
    click(full, qtbot, "Clara", CTRL)
    assert full.workspace.selection.selected.question is None
    assert len(selected(full)) == len(TITLES)


def test_another_search_leaves_those_selected_that_it_finds(
    full: CatalogueWindow, ids: dict[str, UUID], qtbot: QtBot
) -> None:
    click(full, qtbot, "Berta", NONE)
    click(full, qtbot, "Emma", CTRL)
    full.part.view.search.setText("emma")
    qtbot.waitUntil(lambda: rows_of(full) == ["Emma"])
    assert selected(full) == ["Emma"]
    qtbot.keyClick(full.part.view.table, Qt.Key.Key_A, CTRL)
    full.part.view.search.clear()
    qtbot.waitUntil(lambda: len(rows_of(full)) == len(TITLES))
    assert selected(full) == ["Emma"], "all that one search found is not all of another"


def test_all_selected_rows_are_copied(full: CatalogueWindow, qtbot: QtBot) -> None:
    click(full, qtbot, "Berta", NONE)
    click(full, qtbot, "Emma", CTRL)
    with qtbot.waitSignal(full.part.copying.said) as said:
        qtbot.keyClick(full.part.view.table, Qt.Key.Key_C, CTRL)
    assert said.args == ["2 rows were copied."]
    assert [line.split("\t")[0] for line in QApplication.clipboard().text().splitlines()] == ["Title", "Berta", "Emma"]


def test_ctrl_a_in_the_search_box_selects_its_text_and_no_book(full: CatalogueWindow, qtbot: QtBot) -> None:
    search = full.part.view.search
    search.setText("a")
    qtbot.waitUntil(lambda: len(rows_of(full)) == 1)
    search.clear()
    qtbot.waitUntil(lambda: len(rows_of(full)) == len(TITLES))
    search.setFocus()
    qtbot.keyClicks(search, "an")
    qtbot.keyClick(search, Qt.Key.Key_A, CTRL)
    assert search.selectedText() == "an"
    assert not full.workspace.selection.selected.are_several
