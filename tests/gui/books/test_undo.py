"""Undo and Redo: the menu says what would be taken back, the form what would be appended; nothing is erased."""

from uuid import UUID, uuid4

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QDialogButtonBox
from pytestqt.qtbot import QtBot

from desk.cqrs.errors import Conflict, StoreUnavailable
from desk.domain.commands import (
    AddCopy,
    BookCommand,
    CorrectBookDetails,
    CreateBook,
    LendCopy,
    PlaceHold,
    RenewLoan,
    ReturnCopy,
    WithdrawCopy,
)
from desk.domain.errors import RefusalCode, RuleBroken
from desk.gui.books.commands import Commands
from desk.gui.books.dialog import CommandDialog
from desk.gui.books.preview import Preview
from desk.gui.books.undo_stack import MOST, UndoStack
from desk.gui.main_window import MainWindow
from tests.gui.fake_session import FakeSession

HOBBIT = "9780261102217"


@pytest.fixture
def book(window: MainWindow, session: FakeSession, qtbot: QtBot) -> UUID:
    """A chosen book with two copies."""
    book_id = session.add("The Hobbit", HOBBIT, copies=2)
    session.announce(book_id, arrived=True)
    window.part.view.reveal(book_id)
    qtbot.waitUntil(lambda: window.part.chosen.card is not None)
    return book_id


def do(window: MainWindow, qtbot: QtBot, command: BookCommand) -> None:
    """As a form sends it; waits until it is known how to take it back."""
    commands: Commands = window.part.commands
    with qtbot.waitSignal(commands.ended):
        commands.send(command, "test")
    stack: UndoStack = window.part.undo_stack
    qtbot.waitUntil(lambda: stack.last_done is None or stack.last_done.undoing is not None)


def form_of(window: MainWindow, qtbot: QtBot, name: str) -> CommandDialog:
    with qtbot.waitSignal(window.part.undo_actions.opened) as opened:
        window.actions_by_name[name].trigger()
    assert opened.args is not None
    form = opened.args[0]
    assert isinstance(form, CommandDialog)
    return form


def press(qtbot: QtBot, form: CommandDialog) -> None:
    with qtbot.waitSignal(form.finished):
        qtbot.mouseClick(form.submit, Qt.MouseButton.LeftButton)


def preview_of(form: CommandDialog) -> str:
    preview = form.findChild(Preview)
    assert preview is not None
    return preview.text()


def lend(book: UUID, copy_no: int = 1) -> LendCopy:
    return LendCopy(book_id=book, copy_no=copy_no, loan_id=uuid4(), patron="R-1")


def test_at_first_there_is_nothing_to_undo_and_that_is_said(window: MainWindow) -> None:
    for name, why in (("edit.undo", "Nothing was done"), ("edit.redo", "Nothing was taken back")):
        assert not window.actions_by_name[name].isEnabled()
        assert why in window.actions_by_name[name].toolTip()


def test_a_loan_is_undone_by_key_and_done_again(
    window: MainWindow, session: FakeSession, qtbot: QtBot, book: UUID
) -> None:
    act = window.actions_by_name
    do(window, qtbot, lend(book))
    assert act["edit.undo"].text() == "&Undo Lend copy 1 of “The Hobbit” to R-1"
    form = form_of(window, qtbot, "edit.undo")
    qtbot.waitUntil(lambda: "CopyReturned" in preview_of(form))
    assert "history, which keeps everything else" in preview_of(form)
    with qtbot.waitSignal(form.finished):
        qtbot.keyClick(form.submit, Qt.Key.Key_Return)
    assert session.executed[-1][0] == ReturnCopy(book_id=book, copy_no=1)
    assert act["edit.undo"].text() == "&Undo"
    assert act["edit.redo"].text() == "&Redo Lend copy 1 of “The Hobbit” to R-1"
    press(qtbot, form_of(window, qtbot, "edit.redo"))
    again = session.executed[-1][0]
    assert isinstance(again, LendCopy)
    assert again.patron == "R-1"
    assert again.loan_id != session.executed[0][0].loan_id
    assert not act["edit.redo"].isEnabled()
    qtbot.waitUntil(act["edit.undo"].isEnabled)


def test_a_correction_is_undone_to_the_earlier_values_of_its_own_fields(
    window: MainWindow, session: FakeSession, qtbot: QtBot, book: UUID
) -> None:
    do(window, qtbot, CorrectBookDetails(book_id=book, seen_revision=3, title="The Habit"))
    session.change(CorrectBookDetails(book_id=book, seen_revision=4, language="en"))
    press(qtbot, form_of(window, qtbot, "edit.undo"))
    assert (session.shelf[book].state.title, session.shelf[book].state.language) == ("The Hobbit", "en")


def test_what_has_no_way_back_stands_there_disabled_with_the_reason(
    window: MainWindow, session: FakeSession, qtbot: QtBot, book: UUID
) -> None:
    do(window, qtbot, WithdrawCopy(book_id=book, copy_no=2, reason="worn out"))
    undo = window.actions_by_name["edit.undo"]
    assert not undo.isEnabled()
    assert undo.text() == "&Undo Withdraw copy 2 of “The Hobbit”"
    assert "does not come back" in undo.toolTip()
    do(window, qtbot, AddCopy(book_id=book))
    assert undo.isEnabled()
    do(window, qtbot, lend(book))
    do(window, qtbot, RenewLoan(book_id=book, copy_no=1))
    assert "only ever put off" in undo.toolTip()


def test_a_refused_undo_says_the_sentence_and_is_out_of_the_way(
    window: MainWindow, session: FakeSession, qtbot: QtBot, book: UUID
) -> None:
    do(window, qtbot, PlaceHold(book_id=book, hold_id=uuid4(), patron="R-7"))
    do(window, qtbot, lend(book, 2))
    session.change(ReturnCopy(book_id=book, copy_no=2))
    form = form_of(window, qtbot, "edit.undo")
    qtbot.waitUntil(form.banner.isVisible)
    assert "not on loan" in form.banner.text.text()
    assert not form.submit.isVisible()
    form.buttons.button(QDialogButtonBox.StandardButton.Cancel).click()
    assert window.actions_by_name["edit.undo"].text() == "&Undo Place hold of R-7 on “The Hobbit”"


def test_an_undo_that_is_refused_when_it_is_sent_is_out_of_the_way_too(
    window: MainWindow, session: FakeSession, qtbot: QtBot, book: UUID
) -> None:
    do(window, qtbot, lend(book))
    form = form_of(window, qtbot, "edit.undo")
    session.failures.append(RuleBroken(RefusalCode.COPY_NOT_ON_LOAN, copy_no=1))
    qtbot.mouseClick(form.submit, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(form.banner.isVisible)
    form.discard()
    assert window.part.undo_stack.last_done is None


def test_an_outage_keeps_what_can_be_undone(window: MainWindow, session: FakeSession, qtbot: QtBot, book: UUID) -> None:
    do(window, qtbot, lend(book))
    form = form_of(window, qtbot, "edit.undo")
    session.failures.append(StoreUnavailable("away"))
    qtbot.mouseClick(form.submit, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(form.banner.isVisible)
    form.discard()
    press(qtbot, form_of(window, qtbot, "edit.undo"))
    assert session.shelf[book].state.copies[0].loan is None


def test_after_a_conflict_it_can_be_undone_all_the_same(
    window: MainWindow, session: FakeSession, qtbot: QtBot, book: UUID
) -> None:
    do(window, qtbot, CorrectBookDetails(book_id=book, seen_revision=3, title="The Habit"))
    session.change(CorrectBookDetails(book_id=book, seen_revision=4, title="The Rabbit"))
    form = form_of(window, qtbot, "edit.undo")
    session.failures.append(Conflict("book", 4, 5))
    qtbot.mouseClick(form.submit, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(form.banner.isVisible)
    with qtbot.waitSignal(form.finished):
        qtbot.mouseClick(form.banner.button, Qt.MouseButton.LeftButton)
    assert session.executed[-1][0] == CorrectBookDetails(book_id=book, seen_revision=5, title="The Hobbit")


def test_a_new_command_forgets_what_could_be_done_again(
    window: MainWindow, session: FakeSession, qtbot: QtBot, book: UUID
) -> None:
    do(window, qtbot, lend(book))
    press(qtbot, form_of(window, qtbot, "edit.undo"))
    assert window.actions_by_name["edit.redo"].isEnabled()
    do(window, qtbot, AddCopy(book_id=book))
    assert not window.actions_by_name["edit.redo"].isEnabled()


def test_a_new_book_is_undone_by_its_deletion(window: MainWindow, session: FakeSession, qtbot: QtBot) -> None:
    create = CreateBook(book_id=uuid4(), isbn=HOBBIT, title="Fish & Chips", authors=("X",))
    do(window, qtbot, create)
    assert window.actions_by_name["edit.undo"].text() == "&Undo Create “Fish && Chips”"
    press(qtbot, form_of(window, qtbot, "edit.undo"))
    assert session.shelf[create.book_id].row.state == "deleted"
    press(qtbot, form_of(window, qtbot, "edit.redo"))
    again = session.executed[-1][0]
    assert isinstance(again, CreateBook)
    assert again.book_id != create.book_id


def test_the_stack_is_bounded(window: MainWindow, session: FakeSession, qtbot: QtBot, book: UUID) -> None:
    commands = window.part.commands
    for number in range(MOST + 3):
        commands.send(CorrectBookDetails(book_id=book, seen_revision=0, title=f"Title {number}"), "test")
    qtbot.waitUntil(lambda: len(session.executed) == MOST + 3)
    qtbot.waitUntil(lambda: window.part.undo_stack.last_done is not None)
    qtbot.waitUntil(lambda: window.part.undo_stack.last_done.description == f"Correct “Title {MOST + 1}”")  # type: ignore[union-attr]
    assert len(window.part.undo_stack) == MOST


def test_a_command_that_changed_nothing_is_not_on_the_stack(
    window: MainWindow, session: FakeSession, qtbot: QtBot, book: UUID
) -> None:
    do(window, qtbot, CorrectBookDetails(book_id=book, seen_revision=3, title="The Hobbit"))
    assert window.part.undo_stack.last_done is None


def test_the_search_box_keeps_its_own_undo_and_leaves_the_key_to_the_window_otherwise(
    window: MainWindow, qtbot: QtBot
) -> None:
    search = window.part.view.search

    def wants_the_key() -> bool:
        press = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        press.ignore()
        QApplication.sendEvent(search, press)
        return press.isAccepted()

    assert not wants_the_key()
    qtbot.keyClicks(search, "hob")
    assert wants_the_key()
