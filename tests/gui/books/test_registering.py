"""A new book is followed until it is listed or rejected; a rejected one leads to the owner of its ISBN, and on."""

from uuid import UUID, uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from desk.domain.commands import CreateBook, DeleteBook, RejectBook
from desk.gui.books import new_book
from desk.gui.books.dialog import CommandDialog
from desk.gui.books.fields import Tone
from tests.gui.books.conftest import CatalogueWindow
from tests.gui.fake_session import FakeSession

HOBBIT, ORWELL = "9780261102217", "9780451524935"


def form_of(window: CatalogueWindow, qtbot: QtBot, name: str) -> CommandDialog:
    action = window.actions_by_name[name]
    qtbot.waitUntil(action.isEnabled)
    with qtbot.waitSignal(window.part.book_actions.opened) as opened:
        action.trigger()
    assert opened.args is not None
    form = opened.args[0]
    assert isinstance(form, CommandDialog)
    return form


def fill(form: CommandDialog, **texts: str) -> None:
    for name, text in texts.items():
        field = form.line(name).field
        assert isinstance(field, QLineEdit)
        field.setText(text)


def press(qtbot: QtBot, form: CommandDialog) -> None:
    qtbot.mouseClick(form.submit, Qt.MouseButton.LeftButton)


def press_twice(qtbot: QtBot, form: CommandDialog) -> None:
    """Press the form's button, and then the one that sends all the same."""
    press(qtbot, form)
    qtbot.waitUntil(form.banner.button.isVisible)
    qtbot.mouseClick(form.banner.button, Qt.MouseButton.LeftButton)


@pytest.fixture
def owner(window: CatalogueWindow, session: FakeSession, qtbot: QtBot) -> UUID:
    """The book that has the ISBN."""
    book_id = session.add("The Hobbit", HOBBIT)
    session.announce(book_id, arrived=True)
    qtbot.waitUntil(lambda: window.part.model.rowCount() == 1)
    return book_id


@pytest.fixture
def rejected(window: CatalogueWindow, session: FakeSession, qtbot: QtBot, owner: UUID) -> UUID:
    """A chosen book that was rejected in favour of it."""
    book_id = uuid4()
    command = CreateBook(book_id=book_id, isbn=HOBBIT, title="There and Back", authors=("T",), language="en")
    session.execute(command)
    window.part.view.reveal(book_id)
    qtbot.waitUntil(lambda: window.part.chosen.card is not None)
    return book_id


def test_a_form_whose_book_is_rejected_says_so_beside_the_isbn_and_takes_another(
    window: CatalogueWindow, session: FakeSession, qtbot: QtBot, owner: UUID
) -> None:
    form = form_of(window, qtbot, "book.new")
    fill(form, isbn=HOBBIT, title="Another Hobbit", authors="T")
    press_twice(qtbot, form)
    line = form.line("isbn")
    qtbot.waitUntil(lambda: line.tone is Tone.PROBLEM and form.submit.isEnabled())
    assert f"book:{owner}" in line.remark.text()
    assert "The Hobbit" in line.remark.text()
    fill(form, isbn=ORWELL)
    with qtbot.waitSignal(form.finished):
        press(qtbot, form)
    first, second = (sent[0] for sent in session.executed)
    assert isinstance(first, CreateBook)
    assert isinstance(second, CreateBook)
    assert first.book_id != second.book_id
    assert session.shelf[second.book_id].row.state == "listed"


def test_a_form_whose_book_stays_pending_lets_go_and_says_so(
    window: CatalogueWindow, session: FakeSession, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(new_book, "LET_GO_AFTER", 30)
    session.pending = True
    form = form_of(window, qtbot, "book.new")
    fill(form, isbn=HOBBIT, title="The Hobbit", authors="T")
    with qtbot.waitSignal(form.finished):
        press(qtbot, form)
    assert "“The Hobbit”: registered, waiting for the ISBN check" in window.said[-1]
    qtbot.waitUntil(lambda: window.part.model.rowCount() == 1)
    assert window.part.model.index(0, 4).data() == "pending"
    qtbot.waitUntil(lambda: window.part.card.note.isVisible())
    assert "being checked" in window.part.card.note.text.text()


def test_a_form_that_was_closed_while_it_waited_hears_nothing_more(
    window: CatalogueWindow, session: FakeSession, qtbot: QtBot, owner: UUID
) -> None:
    session.pending = True
    form = form_of(window, qtbot, "book.new")
    fill(form, isbn=HOBBIT, title="Again", authors="T")
    press_twice(qtbot, form)
    qtbot.waitUntil(lambda: form.submit.text() == "Checking the ISBN…")
    form.discard()
    created = session.executed[-1][0]
    assert isinstance(created, CreateBook)
    session.change(RejectBook(book_id=created.book_id, conflicting_book_id=owner))
    qtbot.waitUntil(lambda: "Rejected" in window.part.card.note.text.text())


def test_a_rejected_book_is_created_again_with_what_is_known_of_it(
    window: CatalogueWindow, session: FakeSession, qtbot: QtBot, rejected: UUID
) -> None:
    button = window.part.card.note.button
    qtbot.waitUntil(button.isVisible)
    with qtbot.waitSignal(window.part.book_actions.opened) as opened:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert opened.args is not None
    form = opened.args[0]
    field = form.line("isbn").field
    assert isinstance(field, QLineEdit)
    assert (field.text(), field.selectedText()) == (HOBBIT, HOBBIT)
    assert form.focusWidget() is field
    assert form.line("title").read() == "There and Back"
    assert form.line("language").read() == "en"
    qtbot.keyClicks(field, ORWELL)
    with qtbot.waitSignal(form.finished):
        press(qtbot, form)
    again = session.executed[-1][0]
    assert isinstance(again, CreateBook)
    assert (again.isbn, again.title, again.language) == (ORWELL, "There and Back", "en")
    assert session.shelf[rejected].row.state == "rejected"
    qtbot.waitUntil(lambda: not window.actions_by_name["book.again"].isEnabled())


@pytest.mark.parametrize("hidden_by", ["search", "deletion"])
def test_the_owner_of_the_isbn_is_chosen_also_where_it_was_hidden(
    window: CatalogueWindow, session: FakeSession, qtbot: QtBot, owner: UUID, rejected: UUID, hidden_by: str
) -> None:
    view = window.part.view
    if hidden_by == "search":
        view.search.setText("there")
    else:
        session.execute(DeleteBook(book_id=owner, reason="x"))
    qtbot.waitUntil(lambda: window.part.model.rowCount() == 1)
    window.part.card.note.link_followed.emit(f"book:{owner}")
    qtbot.waitUntil(lambda: window.part.card.title.text() == "The Hobbit")
    qtbot.waitUntil(lambda: window.part.model.place_of_book(owner) == view.table.currentIndex().row())
    assert window.actions_by_name["view.deleted"].isChecked() is (hidden_by == "deletion")
