"""Undo and Redo: the menu says what would be taken back, the form what would be appended; nothing is erased."""

from functools import partial
from uuid import UUID, uuid4

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from desk.application.undo import Direction
from desk.application.undo_history import MOST, Entry
from desk.cqrs.errors import Conflict, StoreUnavailable
from desk.domain.commands import (
    AddCopy,
    BookCommand,
    CancelHold,
    CorrectBookDetails,
    CreateBook,
    LendCopy,
    PlaceHold,
    ReturnCopy,
    WithdrawCopy,
)
from desk.domain.errors import RefusalCode, RuleBroken
from desk.gui.books.commands import CommandSender
from desk.gui.books.dialog import CommandDialog
from desk.gui.books.preview import Preview
from desk.gui.books.undo_stack import UndoStack
from tests.gui.books.conftest import CatalogueWindow
from tests.gui.fake_session import FakeSession

HOBBIT = "9780261102217"


@pytest.fixture
def book(window: CatalogueWindow, session: FakeSession, qtbot: QtBot) -> UUID:
    """A chosen book with two copies."""
    book_id = session.add("The Hobbit", HOBBIT, copies=2)
    session.announce(book_id, arrived=True)
    window.part.view.reveal(book_id)
    qtbot.waitUntil(lambda: window.part.chosen.card is not None)
    return book_id


def do(window: CatalogueWindow, qtbot: QtBot, command: BookCommand) -> None:
    """As a form sends it; waits until it is known how to take it back."""
    commands: CommandSender = window.part.commands
    with qtbot.waitSignal(commands.ended):
        commands.send(command, "test")
    stack: UndoStack = window.part.undo_stack

    def is_known() -> bool:
        entry = stack.offered(Direction.UNDO)
        return entry is None or entry.offer is not None

    qtbot.waitUntil(is_known)


def last_done(window: CatalogueWindow) -> Entry | None:
    stack: UndoStack = window.part.undo_stack
    return stack.offered(Direction.UNDO)


def skip(form: CommandDialog) -> QPushButton:
    """The button that goes on to what was done before."""
    return next(button for button in form.buttons.buttons() if "Skip" in button.text())  # type: ignore[return-value]


def form_of(window: CatalogueWindow, qtbot: QtBot, name: str) -> CommandDialog:
    qtbot.waitUntil(window.actions_by_name[name].isEnabled)
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


def test_at_first_there_is_nothing_to_undo_and_that_is_said(window: CatalogueWindow) -> None:
    for name, why in (("edit.undo", "Nothing was done"), ("edit.redo", "Nothing was taken back")):
        assert not window.actions_by_name[name].isEnabled()
        assert why in window.actions_by_name[name].toolTip()


def test_a_loan_is_undone_by_key_and_done_again(
    window: CatalogueWindow, session: FakeSession, qtbot: QtBot, book: UUID
) -> None:
    act = window.actions_by_name
    lent = lend(book)
    do(window, qtbot, lent)
    assert act["edit.undo"].text() == "&Undo Lend copy 1 of “The Hobbit” to R-1"
    form = form_of(window, qtbot, "edit.undo")
    qtbot.waitUntil(lambda: "CopyReturned" in preview_of(form))
    assert "history, which keeps everything else" in preview_of(form)
    with qtbot.waitSignal(form.finished):
        qtbot.keyClick(form.submit, Qt.Key.Key_Return)
    assert session.executed[-1][0] == ReturnCopy(book_id=book, copy_no=1, loan_id=lent.loan_id)
    assert act["edit.undo"].text() == "&Undo"
    qtbot.waitUntil(act["edit.redo"].isEnabled)
    assert act["edit.redo"].text() == "&Redo Lend copy 1 of “The Hobbit” to R-1"
    press(qtbot, form_of(window, qtbot, "edit.redo"))
    again = session.executed[-1][0]
    assert isinstance(again, LendCopy)
    assert again.patron == "R-1"
    assert again.loan_id != session.executed[0][0].loan_id
    assert not act["edit.redo"].isEnabled()
    qtbot.waitUntil(act["edit.undo"].isEnabled)


def test_a_correction_is_undone_to_the_earlier_values_of_its_own_fields(
    window: CatalogueWindow, session: FakeSession, qtbot: QtBot, book: UUID
) -> None:
    do(window, qtbot, CorrectBookDetails(book_id=book, seen_revision=3, title="The Habit"))
    session.change(CorrectBookDetails(book_id=book, seen_revision=4, language="en"))
    press(qtbot, form_of(window, qtbot, "edit.undo"))
    assert (session.shelf[book].state.title, session.shelf[book].state.language) == ("The Hobbit", "en")


def test_what_has_no_way_back_says_why_and_is_skipped_by_enter(
    window: CatalogueWindow, session: FakeSession, qtbot: QtBot, book: UUID
) -> None:
    do(window, qtbot, AddCopy(book_id=book))
    do(window, qtbot, WithdrawCopy(book_id=book, copy_no=2, reason="worn out"))
    undo = window.actions_by_name["edit.undo"]
    assert undo.text() == "&Undo Withdraw copy 2 of “The Hobbit” (why not?)"
    assert "does not come back" in undo.toolTip()
    form = form_of(window, qtbot, "edit.undo")
    assert "Not possible now. A withdrawn copy does not come back." in form.banner.text.text()
    assert not form.submit.isVisible()
    with qtbot.waitSignal(window.workspace.said) as said, qtbot.waitSignal(form.finished):
        qtbot.keyClick(form, Qt.Key.Key_Return)
    assert said.args == [
        "Undo: Withdraw copy 2 of “The Hobbit”: skipped · next: Add copy 3 of “The Hobbit”",
    ]
    qtbot.waitUntil(lambda: undo.text() == "&Undo Add copy 3 of “The Hobbit”")
    press(qtbot, form_of(window, qtbot, "edit.undo"))
    assert undo.text() == "&Undo"
    assert not undo.isEnabled()


def test_what_somebody_else_makes_impossible_says_so_at_once_and_comes_back_when_it_is_possible_again(
    window: CatalogueWindow, session: FakeSession, qtbot: QtBot, book: UUID
) -> None:
    undo = window.actions_by_name["edit.undo"]
    do(window, qtbot, PlaceHold(book_id=book, hold_id=uuid4(), patron="R-7"))
    do(window, qtbot, CorrectBookDetails(book_id=book, seen_revision=9, title="The Habit"))
    session.change(CorrectBookDetails(book_id=book, seen_revision=9, title="The Rabbit"))
    qtbot.waitUntil(lambda: undo.text() == "&Undo Correct “The Hobbit” (why not?)")
    form = form_of(window, qtbot, "edit.undo")
    assert "Somebody corrected the same since: title." in form.banner.text.text()
    skip(form).click()
    qtbot.waitUntil(lambda: undo.text() == "&Undo Place hold of R-7 on “The Hobbit”")
    session.change(CorrectBookDetails(book_id=book, seen_revision=9, title="The Habit"))
    qtbot.waitUntil(lambda: undo.text() == "&Undo Correct “The Hobbit”")
    assert undo.isEnabled()


def test_when_all_is_skipped_it_is_said_and_nothing_is_lost(
    window: CatalogueWindow, session: FakeSession, qtbot: QtBot, book: UUID
) -> None:
    undo = window.actions_by_name["edit.undo"]
    do(window, qtbot, lend(book))
    session.change(ReturnCopy(book_id=book, copy_no=1))
    qtbot.waitUntil(lambda: undo.text().endswith("(why not?)"))
    form = form_of(window, qtbot, "edit.undo")
    assert "This loan has ended already." in form.banner.text.text()
    skip(form).click()
    assert (undo.text(), undo.isEnabled()) == ("&Undo", False)
    assert "What is left was skipped." in undo.toolTip()
    assert window.part.undo_stack.count(Direction.UNDO) == 1


def test_a_loan_of_somebody_else_is_not_ended_by_the_undo_of_an_own_one(
    window: CatalogueWindow, session: FakeSession, qtbot: QtBot, book: UUID
) -> None:
    do(window, qtbot, lend(book))
    session.change(ReturnCopy(book_id=book, copy_no=1))
    session.change(LendCopy(book_id=book, copy_no=1, loan_id=uuid4(), patron="R-9"))
    qtbot.waitUntil(lambda: window.actions_by_name["edit.undo"].text().endswith("(why not?)"))
    form = form_of(window, qtbot, "edit.undo")
    assert "This loan has ended already. Copy 1 is on loan to R-9 by now." in form.banner.text.text()
    form.discard()


def test_an_open_form_follows_what_somebody_else_does(
    window: CatalogueWindow, session: FakeSession, qtbot: QtBot, book: UUID
) -> None:
    do(window, qtbot, CorrectBookDetails(book_id=book, seen_revision=9, title="The Habit"))
    form = form_of(window, qtbot, "edit.undo")
    assert form.submit.isVisible()
    session.change(CorrectBookDetails(book_id=book, seen_revision=9, title="The Rabbit"))
    qtbot.waitUntil(lambda: skip(form).isVisible())
    assert not form.submit.isVisible()
    session.change(CorrectBookDetails(book_id=book, seen_revision=9, title="The Habit"))
    qtbot.waitUntil(form.submit.isVisible)
    assert not form.banner.isVisible()
    assert not skip(form).isVisible()
    press(qtbot, form)
    assert session.shelf[book].state.title == "The Hobbit"


def test_an_undo_that_is_refused_when_it_is_sent_says_why_and_is_not_forgotten(
    window: CatalogueWindow, session: FakeSession, qtbot: QtBot, book: UUID
) -> None:
    do(window, qtbot, lend(book))
    form = form_of(window, qtbot, "edit.undo")
    session.failures.append(RuleBroken(RefusalCode.COPY_NOT_ON_LOAN, copy_no=1))
    qtbot.mouseClick(form.submit, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(form.banner.isVisible)
    assert "not on loan" in form.banner.text.text()
    form.discard()
    assert last_done(window) is not None


def test_what_was_done_to_a_hold_is_taken_back_from_the_one_that_took_its_place(
    window: CatalogueWindow, session: FakeSession, qtbot: QtBot, book: UUID
) -> None:
    first = PlaceHold(book_id=book, hold_id=uuid4(), patron="R-7")
    do(window, qtbot, first)
    do(window, qtbot, CancelHold(book_id=book, hold_id=first.hold_id))
    undo = window.actions_by_name["edit.undo"]
    press(qtbot, form_of(window, qtbot, "edit.undo"))
    qtbot.waitUntil(undo.isEnabled)
    assert undo.text() == "&Undo Place hold of R-7 on “The Hobbit”"
    press(qtbot, form_of(window, qtbot, "edit.undo"))
    assert not session.shelf[book].state.open_holds
    assert not undo.isEnabled()


def test_an_outage_keeps_what_can_be_undone(
    window: CatalogueWindow, session: FakeSession, qtbot: QtBot, book: UUID
) -> None:
    do(window, qtbot, lend(book))
    form = form_of(window, qtbot, "edit.undo")
    session.failures.append(StoreUnavailable("away"))
    qtbot.mouseClick(form.submit, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(form.banner.isVisible)
    form.discard()
    press(qtbot, form_of(window, qtbot, "edit.undo"))
    assert session.shelf[book].state.copies[0].loan is None


def test_after_a_conflict_it_can_be_undone_all_the_same(
    window: CatalogueWindow, session: FakeSession, qtbot: QtBot, book: UUID
) -> None:
    do(window, qtbot, CorrectBookDetails(book_id=book, seen_revision=3, title="The Habit"))
    form = form_of(window, qtbot, "edit.undo")
    session.failures.append(Conflict("book", 4, 5))
    qtbot.mouseClick(form.submit, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: form.banner.isVisible() and form.banner.button.isVisible())
    with qtbot.waitSignal(form.finished):
        qtbot.mouseClick(form.banner.button, Qt.MouseButton.LeftButton)
    assert session.shelf[book].state.title == "The Hobbit"


def test_a_new_command_forgets_what_could_be_done_again(
    window: CatalogueWindow, session: FakeSession, qtbot: QtBot, book: UUID
) -> None:
    do(window, qtbot, lend(book))
    press(qtbot, form_of(window, qtbot, "edit.undo"))
    qtbot.waitUntil(window.actions_by_name["edit.redo"].isEnabled)
    do(window, qtbot, AddCopy(book_id=book))
    assert not window.actions_by_name["edit.redo"].isEnabled()


def test_a_new_book_is_undone_by_its_deletion(window: CatalogueWindow, session: FakeSession, qtbot: QtBot) -> None:
    create = CreateBook(book_id=uuid4(), isbn=HOBBIT, title="Fish & Chips", authors=("X",))
    do(window, qtbot, create)
    assert window.actions_by_name["edit.undo"].text() == "&Undo Create “Fish && Chips”"
    press(qtbot, form_of(window, qtbot, "edit.undo"))
    assert session.shelf[create.book_id].row.state == "deleted"
    press(qtbot, form_of(window, qtbot, "edit.redo"))
    again = session.executed[-1][0]
    assert isinstance(again, CreateBook)
    assert again.book_id != create.book_id


def test_the_stack_is_bounded(window: CatalogueWindow, session: FakeSession, qtbot: QtBot, book: UUID) -> None:
    commands = window.part.commands
    for number in range(MOST + 3):
        commands.send(CorrectBookDetails(book_id=book, seen_revision=0, title=f"Title {number}"), "test")
    qtbot.waitUntil(lambda: len(session.executed) == MOST + 3)
    stack: UndoStack = window.part.undo_stack
    qtbot.waitUntil(lambda: (entry := last_done(window)) is not None and f"Title {MOST + 1}" in entry.description)
    assert stack.count(Direction.UNDO) == MOST


def test_a_command_that_changed_nothing_is_not_on_the_stack(
    window: CatalogueWindow, session: FakeSession, qtbot: QtBot, book: UUID
) -> None:
    do(window, qtbot, CorrectBookDetails(book_id=book, seen_revision=3, title="The Hobbit"))
    assert last_done(window) is None


def test_what_was_searched_for_stays_and_finds_the_book_again_or_the_card_says_that_it_does_not(
    window: CatalogueWindow, session: FakeSession, qtbot: QtBot, book: UUID
) -> None:
    part = window.part
    part.view.search.setText("hobbit")
    qtbot.waitUntil(lambda: part.model.rowCount() == 1 and not part.model.is_asking)

    def shows(title: str, found: int) -> bool:
        rows = -1 if part.model.is_asking else part.model.rowCount()
        return (part.card.title.text(), rows, part.card.hidden.isHidden()) == (title, found, bool(found))

    for way, title, found in (("", "Emma", 0), ("edit.undo", "The Hobbit", 1), ("edit.redo", "Emma", 0)):
        if way:
            press(qtbot, form_of(window, qtbot, way))
        else:
            do(window, qtbot, CorrectBookDetails(book_id=book, seen_revision=3, title=title))
        qtbot.waitUntil(partial(shows, title, found))
        assert part.view.search.text() == "hobbit"
        in_hand = part.model.book_at(part.view.table.currentIndex().row())
        assert (in_hand is not None and in_hand.book_id == book) is bool(found)


def test_the_search_box_keeps_its_own_undo_and_leaves_the_key_to_the_window_otherwise(
    window: CatalogueWindow, qtbot: QtBot
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


def test_the_form_says_where_it_is_about_another_book_than_the_chosen(
    window: CatalogueWindow, session: FakeSession, qtbot: QtBot, book: UUID
) -> None:
    do(window, qtbot, AddCopy(book_id=book))
    other = session.add("Emma", "9780141439518")
    session.announce(other, arrived=True)
    for chosen, is_said in ((other, True), (book, False)):
        window.part.view.reveal(chosen)
        form = form_of(window, qtbot, "edit.undo")
        assert ("This is another book than the chosen one." in form.spec.intro) is is_said
        assert "Undo: Add" in form.spec.intro, "what is undone does not read as what is done"
        form.discard()
