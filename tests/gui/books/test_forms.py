"""Forms are worked with keyboard and mouse; commands come to one of five ends, and nothing typed is lost."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
import shiboken6
from PySide6.QtCore import QDate, QLocale, Qt
from PySide6.QtWidgets import (
    QApplication,
    QCalendarWidget,
    QComboBox,
    QDateEdit,
    QDialogButtonBox,
    QLineEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desk.application.session import Light
from desk.application.timeline.words import day_text
from desk.cqrs.errors import Conflict, OutcomeUnknown, StoreUnavailable
from desk.domain.commands import (
    AddCopy,
    CorrectBookDetails,
    CreateBook,
    DeleteBook,
    LendCopy,
    ListBook,
    RenewLoan,
    ReportCopyLost,
    ReturnCopy,
    WithdrawCopy,
)
from desk.domain.errors import RefusalCode, RuleBroken
from desk.gui.books.dialog import CommandDialog
from desk.gui.books.fields import Tone
from desk.gui.books.inputs import day_line
from desk.gui.books.rows import absolute
from desk.gui.frame.application import _translate
from desk.gui.frame.theme import Theme
from desk.gui.widgets.question import Question
from desk.gui.widgets.scrolled import Scrolled
from tests.gui.books.conftest import CatalogueWindow
from tests.gui.fake_session import FakeSession

HOBBIT, ORWELL = "9780261102217", "9780451524935"
Opens = Callable[[str], CommandDialog]


@pytest.fixture
def opens(window: CatalogueWindow, qtbot: QtBot) -> Opens:
    """Triggers an action, as its key or button would, and gives the form."""

    def open_form(name: str) -> CommandDialog:
        action = window.actions_by_name[name]
        qtbot.waitUntil(action.isEnabled)
        with qtbot.waitSignal(window.part.book_actions.opened) as opened:
            action.trigger()
        assert opened.args is not None
        form = opened.args[0]
        assert isinstance(form, CommandDialog)
        return form

    return open_form


def type_into(qtbot: QtBot, form: CommandDialog, name: str, text: str) -> None:
    """Replace a line's text by typing."""
    field = form.line(name).field
    assert isinstance(field, QLineEdit)
    field.setFocus()
    field.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_Delete)
    qtbot.keyClicks(field, text)


def remark(form: CommandDialog, name: str) -> str:
    """What stands beside a field, without its colours."""
    line = form.line(name)
    return line._said + (line._link[1] if line._link else "")


def press(qtbot: QtBot, form: CommandDialog) -> None:
    """Press the form's own button."""
    qtbot.mouseClick(form.submit, Qt.MouseButton.LeftButton)


def choose(window: CatalogueWindow, qtbot: QtBot, book: UUID) -> None:
    """Choose a book, and wait until all about it is known."""
    window.part.view.reveal(book)
    chosen = window.part.chosen
    qtbot.waitUntil(lambda: chosen.card is not None and chosen.permissions is not None)


def new_book(qtbot: QtBot, opens: Opens, isbn: str = HOBBIT, title: str = "The Hobbit") -> CommandDialog:
    """The form for a new book, filled in."""
    form = opens("book.new")
    for name, text in (("isbn", isbn), ("title", title), ("authors", "J. R. R. Tolkien")):
        type_into(qtbot, form, name, text)
    return form


def test_a_new_book_is_created_by_keyboard_alone(
    window: CatalogueWindow, session: FakeSession, opens: Opens, qtbot: QtBot
) -> None:
    form = new_book(qtbot, opens, isbn="0-261-10221-4")
    type_into(qtbot, form, "published_year", "1937")
    with qtbot.waitSignal(form.finished):
        qtbot.keyClick(form.line("published_year").field, Qt.Key.Key_Return)
    command = session.executed[-1][0]
    assert isinstance(command, CreateBook)
    assert (command.isbn, command.title, command.published_year) == (HOBBIT, "The Hobbit", 1937)
    qtbot.waitUntil(lambda: window.part.model.rowCount() == 1)


def test_an_isbn_is_checked_and_normalised_as_it_is_typed(opens: Opens, qtbot: QtBot) -> None:
    form = opens("book.new")
    type_into(qtbot, form, "isbn", "026110221")
    assert form.line("isbn").tone is Tone.HINT
    assert "9 digits so far" in remark(form, "isbn")
    type_into(qtbot, form, "isbn", "0-261-10221-4")
    assert HOBBIT in remark(form, "isbn")
    type_into(qtbot, form, "isbn", "0-261-10221-5")
    assert form.line("isbn").tone is Tone.PROBLEM
    assert "last digit" in remark(form, "isbn")
    form.discard()


def test_an_isbn_that_is_there_already_leads_to_its_book(
    window: CatalogueWindow, session: FakeSession, opens: Opens, qtbot: QtBot
) -> None:
    book = session.add("The Hobbit", HOBBIT)
    form = opens("book.new")
    type_into(qtbot, form, "isbn", HOBBIT)
    line = form.line("isbn")
    qtbot.waitUntil(lambda: line.tone is Tone.NOTICE)
    assert "The Hobbit" in remark(form, "isbn")
    with qtbot.waitSignal(form.finished):
        line.link_followed.emit(f"book:{book}")
    assert window.part.chosen.book_id == book


def test_missing_fields_are_said_beside_them_and_nothing_is_sent(
    session: FakeSession, opens: Opens, qtbot: QtBot
) -> None:
    form = opens("book.new")
    press(qtbot, form)
    assert {name for name in ("isbn", "title", "authors") if form.line(name).tone is Tone.PROBLEM} == {
        "isbn",
        "title",
        "authors",
    }
    assert form.focusWidget() is form.line("isbn").field
    assert not session.executed
    form.discard()


def test_a_broken_rule_stands_beside_the_field_and_the_form_stays(
    window: CatalogueWindow, session: FakeSession, opens: Opens, qtbot: QtBot
) -> None:
    form = new_book(qtbot, opens)
    session.failures.append(RuleBroken(RefusalCode.BOOK_ALREADY_EXISTS, title="Other"))
    press(qtbot, form)
    last = form.spec.lines[-1]
    qtbot.waitUntil(lambda: last.tone is Tone.PROBLEM)
    assert "Other" in last._said
    assert form.isVisible()
    assert form.line("title").read() == "The Hobbit"
    assert not len(window.part.saving)
    form.discard()


def test_an_outage_keeps_the_input_and_trying_again_sends_the_same_command(
    session: FakeSession, opens: Opens, qtbot: QtBot
) -> None:
    form = new_book(qtbot, opens)
    session.failures.append(StoreUnavailable("the node is being started again"))
    press(qtbot, form)
    qtbot.waitUntil(form.banner.isVisible)
    assert "Nothing was stored: the node is being started again." in form.banner.text.text()
    assert form.line("title").read() == "The Hobbit"
    with qtbot.waitSignal(form.finished):
        qtbot.mouseClick(form.banner.button, Qt.MouseButton.LeftButton)
    assert session.executed[0] == session.executed[1]


def test_after_an_outage_a_corrected_form_is_a_new_command(session: FakeSession, opens: Opens, qtbot: QtBot) -> None:
    form = new_book(qtbot, opens)
    session.failures.append(StoreUnavailable("away"))
    press(qtbot, form)
    qtbot.waitUntil(form.banner.isVisible)
    type_into(qtbot, form, "title", "There and Back Again")
    assert not form.banner.isVisible()
    with qtbot.waitSignal(form.finished):
        press(qtbot, form)
    (_, first), (command, second) = session.executed
    assert isinstance(command, CreateBook)
    assert command.title == "There and Back Again"
    assert first != second


def test_an_unknown_outcome_is_never_a_failure_and_green_light_settles_it(
    window: CatalogueWindow, session: FakeSession, opens: Opens, qtbot: QtBot
) -> None:
    form = new_book(qtbot, opens)
    session.connect(Light.AMBER, "The node is started again.")
    session.failures.append(OutcomeUnknown("the answer was lost"))
    press(qtbot, form)
    qtbot.waitUntil(form.banner.isVisible)
    assert "Not known yet" in form.banner.text.text()
    assert not form.submit.isEnabled()
    assert len(window.part.saving) == 1
    with qtbot.waitSignal(form.finished):
        session.connect(Light.GREEN, "Connected.")
    assert [sent[1] for sent in session.executed] == [session.executed[0][1]] * 2
    qtbot.waitUntil(lambda: not len(window.part.saving))


def test_a_closed_form_does_not_keep_an_unknown_outcome_from_being_settled(
    window: CatalogueWindow, session: FakeSession, opens: Opens, qtbot: QtBot
) -> None:
    form = new_book(qtbot, opens)
    session.connect(Light.AMBER, "The node is started again.")
    session.failures.append(OutcomeUnknown("the answer was lost"))
    press(qtbot, form)
    qtbot.waitUntil(form.banner.isVisible)
    form.discard()
    with qtbot.waitSignal(window.part.commands.ended):
        session.connect(Light.GREEN, "Connected.")
    assert len(session.shelf) == 1
    assert "saved" in window.said[-1]


def test_a_conflict_shows_what_changed_and_offers_to_do_it_all_the_same(
    window: CatalogueWindow, session: FakeSession, opens: Opens, qtbot: QtBot
) -> None:
    book = session.add("The Hobit", HOBBIT)
    session.announce(book, arrived=True)
    choose(window, qtbot, book)
    form = opens("book.correct")
    type_into(qtbot, form, "title", "The Hobbit")
    session.failures.append(Conflict("book", 1, 2))
    session._apply(CorrectBookDetails(book_id=book, seen_revision=1, title="The Habit", publisher="Allen <& Unwin>"))
    press(qtbot, form)
    qtbot.waitUntil(form.banner.isVisible)
    assert "“The Hobit” → “The Habit”" in form.banner.text.text()
    assert "Allen &lt;&amp; Unwin&gt;" in form.banner.text.text()
    with qtbot.waitSignal(form.finished):
        qtbot.mouseClick(form.banner.button, Qt.MouseButton.LeftButton)
    command = session.executed[-1][0]
    assert isinstance(command, CorrectBookDetails)
    assert (command.title, command.seen_revision) == ("The Hobbit", 2)
    assert session.shelf[book].state.publisher == "Allen <& Unwin>"


def test_forms_name_their_book_and_mark_what_has_to_be_filled(
    window: CatalogueWindow, session: FakeSession, opens: Opens, qtbot: QtBot
) -> None:
    form = opens("book.new")
    marked = [line.name for line in form.spec.lines if line.field.placeholderText() == "required"]  # type: ignore[attr-defined]  # lines of text
    assert marked == ["isbn", "title", "authors"]
    form.discard()
    choose(window, qtbot, session.add("The Hobbit", HOBBIT))
    form = opens("book.correct")
    assert "The Hobbit" in form.spec.intro
    assert HOBBIT in form.spec.intro
    form.discard()


def test_correcting_sends_only_what_was_changed_and_is_told_by_the_new_title(
    window: CatalogueWindow, session: FakeSession, opens: Opens, qtbot: QtBot
) -> None:
    book = session.add("The Hobit", HOBBIT, language="en", subjects=("fantasy",))
    session.announce(book, arrived=True)
    choose(window, qtbot, book)
    form = opens("book.correct")
    type_into(qtbot, form, "language", "")
    type_into(qtbot, form, "title", "The Hobbit")
    with qtbot.waitSignal(form.finished):
        press(qtbot, form)
    correction = CorrectBookDetails(book_id=book, seen_revision=1, title="The Hobbit", language=None)
    assert session.executed[-1][0] == correction
    assert "The Hobbit" in window.said[-1], "what it is called now"


def test_correcting_leaves_alone_what_was_not_touched_though_it_could_be_read_in_another_way(
    window: CatalogueWindow, session: FakeSession, opens: Opens, qtbot: QtBot
) -> None:
    book = session.add("The  Hobbit", HOBBIT)
    shelved = session.shelf[book]
    state = replace(shelved.state, title="The  Hobbit", authors=("Allen; Unwin",))  # as another client stored them
    session.shelf[book] = replace(shelved, state=state, row=replace(shelved.row, title=state.title))
    session.announce(book, arrived=True)
    choose(window, qtbot, book)
    form = opens("book.correct")
    type_into(qtbot, form, "publisher", "Harper")
    with qtbot.waitSignal(form.finished):
        press(qtbot, form)
    assert session.executed[-1][0] == CorrectBookDetails(book_id=book, seen_revision=1, publisher="Harper")


def test_a_mistake_of_ours_is_reported_and_the_input_stays(session: FakeSession, opens: Opens, qtbot: QtBot) -> None:
    form = new_book(qtbot, opens)
    session.failures.append(ZeroDivisionError("a bug"))
    with qtbot.captureExceptions() as caught:
        press(qtbot, form)
        qtbot.waitUntil(lambda: bool(caught))
    assert caught[0][0] is ZeroDivisionError
    assert "inside Desk" in form.banner.text.text()
    assert form.line("title").read() == "The Hobbit"
    form.discard()


@pytest.fixture
def lent(window: CatalogueWindow, session: FakeSession, qtbot: QtBot) -> UUID:
    """A chosen book whose copy 1 is on loan, with a copy 2 that is not."""
    book = session.add("The Hobbit", HOBBIT, copies=2)
    session._apply(LendCopy(book_id=book, copy_no=1, loan_id=uuid4(), patron="R-1"))
    session.announce(book, arrived=True)
    choose(window, qtbot, book)
    return book


def test_lending_takes_the_policys_due_date_unless_another_is_chosen(
    session: FakeSession, opens: Opens, qtbot: QtBot, lent: UUID
) -> None:
    today = datetime.now(UTC).astimezone().date()
    form = opens("copy.lend")
    which, due = form.line("copy_no").field, form.line("due_on").field
    assert isinstance(which, QComboBox)
    assert isinstance(due, QDateEdit)
    assert [which.itemData(number) for number in range(which.count())] == [2]
    assert form.line("due_on").read() == today + timedelta(days=21)
    type_into(qtbot, form, "patron", "r-7 7")
    assert form.line("patron").tone is Tone.PROBLEM
    type_into(qtbot, form, "patron", "r-77")
    later = today + timedelta(days=7)
    due.setDate(QDate(later.year, later.month, later.day))
    with qtbot.waitSignal(form.finished):
        press(qtbot, form)
    command = session.executed[-1][0]
    assert isinstance(command, LendCopy)
    assert (command.copy_no, command.patron, command.due_on) == (2, "R-77", later)


@pytest.mark.parametrize("action", ["copy.return", "copy.renew"])
def test_a_form_that_stays_open_while_its_copy_is_lent_again_means_no_other_loan(
    session: FakeSession, opens: Opens, qtbot: QtBot, lent: UUID, action: str
) -> None:
    form = opens(action)
    session.change(ReturnCopy(book_id=lent, copy_no=1))
    session.change(LendCopy(book_id=lent, copy_no=1, loan_id=uuid4(), patron="R-8"))
    press(qtbot, form)
    last = form.spec.lines[-1]
    qtbot.waitUntil(lambda: last.tone is Tone.PROBLEM)
    assert "That loan of copy 1 has ended, and another began." in last._said
    assert form.isVisible()
    form.discard()


@pytest.mark.parametrize(
    ("action", "typed", "command"),
    [
        ("copy.add", {"shelf_mark": "A-3"}, AddCopy),
        ("copy.renew", {}, RenewLoan),
        ("copy.return", {}, ReturnCopy),
        ("copy.lost", {}, ReportCopyLost),
        ("copy.withdraw", {"reason": "worn out"}, WithdrawCopy),
    ],
)
def test_each_command_about_copies_has_a_form(
    session: FakeSession,
    opens: Opens,
    qtbot: QtBot,
    lent: UUID,
    action: str,
    typed: dict[str, str],
    command: type,
) -> None:
    form = opens(action)
    for name, text in typed.items():
        type_into(qtbot, form, name, text)
    with qtbot.waitSignal(form.finished):
        press(qtbot, form)
    sent = session.executed[-1][0]
    assert type(sent) is command
    for name, text in typed.items():
        assert getattr(sent, name) == text


def test_deleting_asks_for_a_reason(window: CatalogueWindow, session: FakeSession, opens: Opens, qtbot: QtBot) -> None:
    book = session.add("1984", ORWELL)
    session.announce(book, arrived=True)
    choose(window, qtbot, book)
    form = opens("book.delete")
    press(qtbot, form)
    assert form.line("reason").tone is Tone.PROBLEM
    type_into(qtbot, form, "reason", "taken in twice")
    with qtbot.waitSignal(form.finished):
        press(qtbot, form)
    assert session.executed[-1][0] == DeleteBook(book_id=book, reason="taken in twice")
    qtbot.waitUntil(lambda: window.part.model.rowCount() == 0)


def test_a_second_press_while_saving_sends_nothing_twice(session: FakeSession, opens: Opens, qtbot: QtBot) -> None:
    form = new_book(qtbot, opens)
    session.held = True
    press(qtbot, form)
    form.send()
    session.release()
    session.held = True
    qtbot.waitUntil(lambda: len(session.executed) == 1)
    form.send()
    assert len(session.executed) == 1
    assert form.submit.text() == "Saving…"
    with qtbot.waitSignal(form.finished):
        session.release()


def test_every_label_of_a_form_belongs_to_its_field(opens: Opens) -> None:
    form = opens("book.new")
    for line in form.spec.lines:
        assert line.label.buddy() is line.field
        assert line.field.accessibleName()
        assert "&" in line.label.text()
    mnemonics = [line.label.text()[line.label.text().index("&") + 1].lower() for line in form.spec.lines]
    assert len(set(mnemonics)) == len(mnemonics)
    form.discard()


def test_a_new_book_is_chosen_as_soon_as_it_has_a_row(
    window: CatalogueWindow, session: FakeSession, opens: Opens, qtbot: QtBot
) -> None:
    session.announce(session.add("1984", ORWELL), arrived=True)
    session.silent = True
    form = new_book(qtbot, opens)
    session.pending = True
    press(qtbot, form)
    qtbot.waitUntil(lambda: form.submit.text() == "Checking the ISBN…")
    created = session.executed[-1][0]
    assert isinstance(created, CreateBook)
    assert window.part.chosen.book_id == created.book_id
    assert not window.part.view.table.currentIndex().isValid()
    with qtbot.waitSignal(form.finished):
        session.change(ListBook(book_id=created.book_id))
    session.announce(created.book_id, arrived=True)
    qtbot.waitUntil(lambda: window.part.view.table.currentIndex().row() == 1)
    qtbot.waitUntil(lambda: window.part.card.title.text() == "The Hobbit")


def test_a_command_that_ended_leaves_nothing_behind(
    window: CatalogueWindow, session: FakeSession, qtbot: QtBot
) -> None:
    book, commands = session.add("The Hobbit", HOBBIT), window.part.commands
    submissions = [commands.send(AddCopy(book_id=book), "Add copy") for _ in range(50)]
    qtbot.waitUntil(lambda: all(submission.result is not None for submission in submissions))
    assert not commands.children()


def test_a_form_sent_before_the_catalogue_is_open_says_so_and_can_be_sent_again(
    window: CatalogueWindow, opens: Opens, qtbot: QtBot
) -> None:
    form = opens("book.new")
    type_into(qtbot, form, "isbn", HOBBIT)
    type_into(qtbot, form, "title", "The Hobbit")
    type_into(qtbot, form, "authors", "J. R. R. Tolkien")
    window.part.commands.close()
    form.submit.click()
    assert "not open yet" in form.banner.text.text()
    assert form.submit.isEnabled()
    form.discard()


# ── leaving ───────────────────────────────────────────────────────────────────────────────────────────────────────


def escape(form: CommandDialog, qtbot: QtBot) -> None:
    qtbot.keyClick(form, Qt.Key.Key_Escape)


def cancel(form: CommandDialog, qtbot: QtBot) -> None:
    qtbot.mouseClick(form.buttons.button(QDialogButtonBox.StandardButton.Cancel), Qt.MouseButton.LeftButton)


def close_the_form(form: CommandDialog, qtbot: QtBot) -> None:
    form.close()


WAYS_OUT = (escape, cancel, close_the_form)


@pytest.mark.parametrize("way_out", WAYS_OUT)
def test_leaving_a_form_with_input_asks_and_keeps_it(
    opens: Opens, qtbot: QtBot, way_out: Callable[[CommandDialog, QtBot], None]
) -> None:
    form = new_book(qtbot, opens)
    for _ in range(2):
        way_out(form, qtbot)
        qtbot.waitUntil(lambda: form.findChild(Question) is not None)
        assert len(form.findChildren(Question)) == 1
    question = form.findChild(Question)
    assert question is not None
    with qtbot.waitSignal(question.finished):
        qtbot.keyClick(question, Qt.Key.Key_Escape)
    assert form.isVisible()
    assert form.line("title").read() == "The Hobbit"
    form.discard()


@pytest.mark.parametrize("way_out", WAYS_OUT)
def test_discarding_it_leaves_and_the_window_behind_has_the_keys(
    opens: Opens,
    qtbot: QtBot,
    way_out: Callable[[CommandDialog, QtBot], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    form = new_book(qtbot, opens)
    way_out(form, qtbot)
    qtbot.waitUntil(lambda: form.findChild(Question) is not None)
    question, behind = form.findChild(Question), form.parentWidget()
    assert question is not None
    assert behind is not None
    # Two windows close at once, after which some window managers give the keys to nobody unless they are asked.
    asked: list[bool] = []
    monkeypatch.setattr(behind.window(), "activateWindow", lambda: asked.append(form.isVisible()))
    with qtbot.waitSignal(form.finished):
        qtbot.mouseClick(question.go_on, Qt.MouseButton.LeftButton)
    assert asked == [False]


@pytest.mark.parametrize("way_out", WAYS_OUT)
def test_a_form_without_input_is_left_at_once(
    opens: Opens, qtbot: QtBot, way_out: Callable[[CommandDialog, QtBot], None]
) -> None:
    form = opens("book.new")
    type_into(qtbot, form, "title", "The")
    type_into(qtbot, form, "title", "")
    way_out(form, qtbot)
    qtbot.waitUntil(lambda: not shiboken6.isValid(form) or not form.isVisible())


def test_what_waits_in_the_outbox_is_not_lost_and_leaving_asks_nothing(
    window: CatalogueWindow, session: FakeSession, opens: Opens, qtbot: QtBot
) -> None:
    form = new_book(qtbot, opens)
    session.failures += [OutcomeUnknown("the answer was lost")]
    press(qtbot, form)
    qtbot.waitUntil(form.banner.isVisible)
    with qtbot.waitSignal(form.finished):
        escape(form, qtbot)


def test_enter_does_not_create_a_book_whose_isbn_is_known_to_be_taken(
    window: CatalogueWindow, session: FakeSession, opens: Opens, qtbot: QtBot
) -> None:
    session.add("The <Hobbit>", HOBBIT)
    form = new_book(qtbot, opens, title="Second")
    field = form.line("title").field
    for _ in range(3):
        qtbot.keyClick(field, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: form.banner.button.isVisible() and form.submit.isEnabled())
    assert not session.executed
    assert form.line("isbn").tone is Tone.NOTICE
    assert "The <Hobbit>" in remark(form, "isbn")
    assert "The &lt;Hobbit&gt;" in form.banner.text.text()
    type_into(qtbot, form, "title", "Third")
    assert not form.banner.isVisible(), "another input is another decision"
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(form.banner.button.isVisible)
    form.banner.button.setFocus()
    qtbot.keyClick(form.banner.button, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(session.executed) == 1)
    qtbot.waitUntil(lambda: form.line("isbn").tone is Tone.PROBLEM)
    form.discard()


def test_a_form_begins_with_what_only_a_person_knows_else_with_a_choice_else_with_its_button(
    window: CatalogueWindow, session: FakeSession, opens: Opens, lent: UUID, qtbot: QtBot
) -> None:
    form = opens("copy.return")
    assert form.focusWidget() is form.submit, "the day is suggested"
    form.discard()
    choose(window, qtbot, session.add("The Hobbit", "9780306406157", copies=2))
    form = opens("copy.lend")
    assert form.focusWidget() is form.line("patron").field, "a scanner types there"
    form.discard()
    form = opens("copy.lost")
    assert form.focusWidget() is form.line("copy_no").field
    form.discard()


def is_seen(widget: QWidget) -> bool:
    """All of it."""
    return widget.visibleRegion().boundingRect() == widget.rect()


@pytest.mark.parametrize("percent", [100, 200, 250])
def test_a_form_is_no_larger_than_the_screen_and_every_field_of_it_can_be_reached(
    opens: Opens, theme: Theme, qtbot: QtBot, percent: int
) -> None:
    theme.set_text_size(percent)
    try:
        form = opens("book.new")
        room = form.screen().availableSize()
        scrolled = form.findChild(Scrolled)
        assert scrolled is not None
        qtbot.waitUntil(lambda: (scrolled.verticalScrollBar().maximum() > 0) == (percent > 200))
        last = form.spec.lines[-1].field
        last.setFocus()
        qtbot.waitUntil(partial(is_seen, last))
        assert is_seen(form.submit)
        press(qtbot, form)  # the first field is empty, which is said beside it
        qtbot.waitUntil(partial(is_seen, form.line("isbn").field))
        form.banner.say("Not stored. " * 30, icon="warning", color="notice")
        qtbot.waitUntil(lambda: form.banner.isVisible() and form.submit.visibleRegion().boundingRect().height() > 0)
        assert form.height() <= room.height()
        form.reject()
    finally:
        theme.set_text_size(100)


def test_after_a_command_from_the_search_the_keys_belong_to_its_row_and_undo_is_about_the_command(
    window: CatalogueWindow, session: FakeSession, opens: Opens, qtbot: QtBot, lent: UUID
) -> None:
    view = window.part.view
    view.search.setFocus()
    qtbot.keyClicks(view.search, "hob")
    qtbot.waitUntil(lambda: not window.part.model.is_asking and view.search.isUndoAvailable())
    form = opens("copy.add")
    with qtbot.waitSignal(form.finished):
        press(qtbot, form)
    assert window.focusWidget() is view.table
    assert view.search.text() == "hob"
    assert not view.search.isUndoAvailable()  # the key is the window's


def test_a_form_that_is_left_gives_the_search_back_what_was_typed(
    window: CatalogueWindow, opens: Opens, qtbot: QtBot, lent: UUID
) -> None:
    view = window.part.view
    view.search.setFocus()
    qtbot.keyClicks(view.search, "hob")
    form = opens("book.new")
    with qtbot.waitSignal(form.finished):
        qtbot.keyClick(form, Qt.Key.Key_Escape)
    assert window.focusWidget() is view.search
    assert view.search.isUndoAvailable()


def test_a_day_is_written_as_everywhere_whatever_the_system_speaks(
    qapp: QApplication, theme: Theme, qtbot: QtBot
) -> None:
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.German))
    try:
        _translate(qapp)
        day = date(2026, 3, 2)
        line = day_line(theme, "due_on", "Due", day, earliest=day)
        qtbot.addWidget(line.field)
        assert isinstance(line.field, QDateEdit)
        assert line.field.text() == f"Mon {day_text(day)}"
        assert absolute(datetime(2026, 3, 2, tzinfo=UTC)).startswith("2 March 2026, ")
    finally:
        QLocale.setDefault(before)


@pytest.mark.parametrize(
    ("key", "held"),
    [(Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier), (Qt.Key.Key_F4, Qt.KeyboardModifier.NoModifier)],
)
def test_a_days_calendar_opens_by_the_keys_of_a_list_and_the_day_stays(
    theme: Theme, qtbot: QtBot, key: Qt.Key, held: Qt.KeyboardModifier
) -> None:
    day = date(2026, 3, 2)
    line = day_line(theme, "due_on", "Due", day, earliest=day)
    qtbot.addWidget(line.field)
    assert isinstance(line.field, QDateEdit)
    line.field.show()
    qtbot.keyClick(line.field, key, held)
    qtbot.waitUntil(line.field.calendarWidget().isVisible)
    assert line.read() == day
    calendar = line.field.calendarWidget()
    assert calendar.horizontalHeaderFormat() is QCalendarWidget.HorizontalHeaderFormat.SingleLetterDayNames
    calendar.window().close()
