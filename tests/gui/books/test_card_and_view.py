"""Table, card and actions are in step: choice, search, order, what is allowed and why not."""

from datetime import date, datetime
from functools import partial
from uuid import UUID, uuid4

import pytest
from PySide6.QtCore import QByteArray, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from desk.application.catalogue import CopyLine, LoanLine, SortKey
from desk.application.isolation import isolated
from desk.application.queries import GetPermissions
from desk.application.session import Light
from desk.application.spelling import describe_state
from desk.application.timeline.words import day_text
from desk.cqrs.errors import StoreUnavailable
from desk.domain.commands import CorrectBookDetails, CreateBook, DeleteBook, LendCopy, ReportCopyLost
from desk.domain.state import Book, Copy, CopyState, Loan
from desk.gui.books.copies import copy_lines, describe_past_loan
from desk.gui.books.copy_forms import describe_copy
from desk.gui.books.invitation import Message
from desk.gui.books.lines import DETAIL, STATE
from desk.gui.books.rows import COLUMNS
from desk.gui.frame.icons import Icons
from desk.gui.frame.settings import Settings
from desk.gui.frame.theme import Theme
from desk.gui.widgets.field_words import FieldWords
from tests.gui.books.conftest import CatalogueWindow
from tests.gui.books.test_model import isbn
from tests.gui.fake_session import FakeSession

BOOKS = (
    ("Der Steppenwolf", "9783518366752"),
    ("Nineteen Eighty-Four", "9780451524935"),
    ("Pride and Prejudice", "9780141439518"),
    ("The Hobbit", "9780261102217"),
)


@pytest.fixture
def books(session: FakeSession) -> dict[str, UUID]:
    """Four books; it has to be asked for before the window."""
    return {title: session.add(title, isbn, copies=2) for title, isbn in BOOKS}


@pytest.fixture
def full(books: dict[str, UUID], window: CatalogueWindow, qtbot: QtBot) -> CatalogueWindow:
    """A window that shows the four books."""
    qtbot.waitUntil(lambda: window.part.model.rowCount() == len(BOOKS))
    return window


def shown(window: CatalogueWindow) -> list[str]:
    """The titles in the table."""
    model = window.part.model
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def shows(window: CatalogueWindow, titles: list[str]) -> bool:
    """Whether the table has these titles in this order."""
    return shown(window) == titles


def choose(window: CatalogueWindow, qtbot: QtBot, book: UUID) -> None:
    """Choose a book, and wait until all about it is known."""
    window.part.view.choose(book)
    chosen = window.part.chosen
    qtbot.waitUntil(lambda: chosen.card is not None and chosen.permissions is not None)


def test_typing_narrows_the_table_and_escape_shows_all(full: CatalogueWindow, qtbot: QtBot) -> None:
    view = full.part.view
    full.actions_by_name["catalogue.find"].trigger()
    qtbot.keyClicks(view.search, "hob")
    qtbot.waitUntil(lambda: shown(full) == ["The Hobbit"])
    assert view.found.text() == "1 found"
    qtbot.keyClicks(view.search, "zz")
    qtbot.waitUntil(lambda: view.stack.currentWidget() is view.nothing)
    qtbot.keyClick(view.search, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: len(shown(full)) == len(BOOKS))
    assert view.stack.currentWidget() is view.table
    qtbot.keyClick(view.search, Qt.Key.Key_Space)
    assert not view.model.question.text, "a blank is no search"


def test_a_header_sorts_and_a_second_click_reverses(full: CatalogueWindow, qtbot: QtBot) -> None:
    head = full.part.view.table.horizontalHeader()
    column = COLUMNS.index(SortKey.ISBN)
    at = head.sectionViewportPosition(column) + 20
    for wanted in (sorted(BOOKS, key=lambda book: book[1]), sorted(BOOKS, key=lambda book: book[1], reverse=True)):
        qtbot.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(at, 10))
        qtbot.waitUntil(partial(shows, full, [title for title, _ in wanted]))
    assert head.sortIndicatorSection() == column


def test_choice_search_and_order_survive_changes_of_rows(
    full: CatalogueWindow, session: FakeSession, books: dict[str, UUID], qtbot: QtBot
) -> None:
    view, chosen = full.part.view, books["The Hobbit"]
    choose(full, qtbot, chosen)
    view.search.setText("the")
    qtbot.waitUntil(lambda: shown(full) == ["The Hobbit"])
    with qtbot.assertNotEmitted(view.book_chosen):
        for number, title in enumerate(("The Trial", "A Thesaurus of the Sea", "Emma")):
            session.execute(
                CreateBook(book_id=uuid4(), isbn=("9780805209990", "9780002166003", "9780141439587")[number],
                           title=title, authors=("X",))
            )  # fmt: skip
        qtbot.waitUntil(lambda: shown(full) == ["A Thesaurus of the Sea", "The Hobbit", "The Trial"])
    assert view.table.currentIndex().row() == 1
    assert full.part.chosen.book_id == chosen
    session.change(CorrectBookDetails(book_id=chosen, seen_revision=1, title="A Hobbit"))
    view.search.clear()
    qtbot.waitUntil(lambda: shown(full)[0] == "A Hobbit")
    assert view.table.currentIndex().row() == 0


def test_as_long_as_nobody_has_chosen_a_book_the_first_row_stays_in_sight(
    session: FakeSession, window: CatalogueWindow, qtbot: QtBot
) -> None:
    table = window.part.view.table
    for number in range(40):
        session.execute(CreateBook(book_id=uuid4(), isbn=isbn(number), title=f"Title {40 - number:02}", authors=("A",)))
    qtbot.waitUntil(lambda: window.part.model.rowCount() == 40)
    assert table.rowAt(0) == 0
    chosen = window.part.model.book_at(39)
    assert chosen is not None
    window.part.view.choose(chosen.book_id)
    table.scrollToTop()
    assert not table.viewport().rect().contains(table.visualRect(table.currentIndex()).center())
    window.part.view.show_chosen()
    assert table.viewport().rect().contains(table.visualRect(table.currentIndex()).center())


def test_a_chosen_book_that_a_search_hides_stays_on_the_card(
    full: CatalogueWindow, books: dict[str, UUID], qtbot: QtBot
) -> None:
    choose(full, qtbot, books["The Hobbit"])
    full.part.view.search.setText("pride")
    qtbot.waitUntil(lambda: shown(full) == ["Pride and Prejudice"])
    assert full.part.card.title.text() == "The Hobbit"
    qtbot.waitUntil(full.part.card.hidden.isVisible)
    full.part.card.hidden.button.click()
    qtbot.waitUntil(lambda: len(shown(full)) == len(BOOKS))
    qtbot.waitUntil(full.part.card.hidden.isHidden)
    assert full.part.model.book_at(full.part.view.table.currentIndex().row()).title == "The Hobbit"  # type: ignore[union-attr]


def test_walking_the_rows_by_key_changes_the_card(full: CatalogueWindow, qtbot: QtBot) -> None:
    view = full.part.view
    qtbot.keyClick(view.search, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: full.part.card.title.text() == "Der Steppenwolf")
    qtbot.keyClick(view.table, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: full.part.card.title.text() == "Nineteen Eighty-Four")


def test_enter_leads_to_what_is_found_though_more_becomes_known_meanwhile(
    full: CatalogueWindow, books: dict[str, UUID], qtbot: QtBot
) -> None:
    view = full.part.view
    choose(full, qtbot, books["Der Steppenwolf"])
    qtbot.keyClicks(view.search, "hob")
    qtbot.keyClick(view.search, Qt.Key.Key_Return)
    view.set_known("Reading the catalogue from its events…", "Up to date", is_empty=False)
    qtbot.waitUntil(lambda: shown(full) == ["The Hobbit"])
    assert full.part.chosen.book_id == books["The Hobbit"]


def test_a_refused_command_says_why_in_its_tooltip(
    full: CatalogueWindow, session: FakeSession, books: dict[str, UUID], qtbot: QtBot
) -> None:
    book, act = books["The Hobbit"], full.actions_by_name
    assert not act["copy.lend"].isEnabled()
    assert "Choose a book first." in act["copy.lend"].toolTip()
    choose(full, qtbot, book)
    assert act["copy.lend"].isEnabled()
    assert act["book.delete"].isEnabled()
    assert "not on loan" in act["copy.return"].toolTip()
    session.change(LendCopy(book_id=book, copy_no=1, loan_id=uuid4(), patron="R-1"))
    qtbot.waitUntil(act["copy.return"].isEnabled)
    assert not act["book.delete"].isEnabled()
    button = full.part.card.findChild(QToolButton, "card.book.delete")
    assert button is not None
    assert not button.isEnabled()
    assert "Copies on loan: 1." in button.toolTip()


def test_choosing_a_copy_makes_the_commands_be_about_it(
    full: CatalogueWindow, session: FakeSession, books: dict[str, UUID], qtbot: QtBot
) -> None:
    book, act, copies = books["The Hobbit"], full.actions_by_name, full.part.card.copies
    session._apply(LendCopy(book_id=book, copy_no=1, loan_id=uuid4(), patron="R-1"))
    choose(full, qtbot, book)
    assert act["copy.lend"].isEnabled()
    at = copies.visualItemRect(copies.item(0)).center()
    qtbot.mouseClick(copies.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert not act["copy.lend"].isEnabled()
    assert "Copy 1 is on loan" in act["copy.lend"].toolTip()
    assert act["copy.return"].isEnabled()
    qtbot.mouseClick(copies.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert act["copy.lend"].isEnabled()


def test_the_card_shows_who_has_a_copy_and_what_another_client_changes(
    full: CatalogueWindow, session: FakeSession, books: dict[str, UUID], qtbot: QtBot
) -> None:
    book, copies = books["The Hobbit"], full.part.card.copies
    choose(full, qtbot, book)
    session.change(LendCopy(book_id=book, copy_no=1, loan_id=uuid4(), patron="R-1001"))
    session.change(ReportCopyLost(book_id=book, copy_no=2))
    qtbot.waitUntil(lambda: copies.item(1).data(STATE) == "lost")
    assert copies.item(0).data(STATE) == "onLoan"
    assert copies.item(0).data(DETAIL).startswith("R-1001, due ")
    assert "R-1001" in str(copies.item(0).data(Qt.ItemDataRole.AccessibleTextRole))


def test_a_past_loan_says_when_it_ended_or_that_the_copy_never_came_back() -> None:
    start = date(2026, 1, 4)
    returned = LoanLine(uuid4(), 2, "R-1001", start, date(2026, 2, 1), 0, date(2026, 2, 3), 2, "returned")
    assert describe_past_loan(returned) == "R-1001 · copy 2 · 4 Jan 2026 to 3 Feb 2026 · 2 days late"
    lost = LoanLine(uuid4(), 2, "R-1001", start, date(2026, 2, 1), 0, None, None, "lost")
    assert describe_past_loan(lost) == "R-1001 · copy 2 · lent on 4 Jan 2026, not returned"


def test_right_to_left_titles_stand_at_the_left_in_table_and_card(
    full: CatalogueWindow, session: FakeSession, qtbot: QtBot
) -> None:
    hebrew = "מלחמה ושלום (1)"
    book = session.add(hebrew, "9780140449136", authors=("לב טולסטוי", "Somebody"))
    session.announce(book, arrived=True)
    qtbot.waitUntil(lambda: isolated(hebrew) in shown(full))
    choose(full, qtbot, book)
    table, card = full.part.view.table, full.part.card
    cell = table.visualRect(full.part.model.index(shown(full).index(isolated(hebrew)), 0))
    for picture in (
        table.viewport().grab(cell).toImage(),
        card.title.grab().toImage(),
        card.authors.grab().toImage(),
    ):
        ground = picture.pixelColor(picture.width() - 2, picture.height() // 2).lightness()
        columns = [
            x
            for x in range(4, picture.width() - 4)
            if any(abs(picture.pixelColor(x, y).lightness() - ground) > 60 for y in range(4, picture.height() - 4))
        ]
        assert columns
        assert columns[0] < 24, "the text begins at the left"


def test_a_rejected_book_links_to_the_one_that_has_its_isbn(
    full: CatalogueWindow, session: FakeSession, books: dict[str, UUID], qtbot: QtBot
) -> None:
    second = uuid4()
    session.execute(CreateBook(book_id=second, isbn="9780261102217", title="Hobbit, again", authors=("T",)))
    choose(full, qtbot, second)
    note = full.part.card.note
    assert not note.isHidden()
    assert f"book:{books['The Hobbit']}" in note.text.text()
    note.link_followed.emit(f"book:{books['The Hobbit']}")
    qtbot.waitUntil(lambda: full.part.card.title.text() == "The Hobbit")


def test_deleted_books_are_shown_on_demand(
    full: CatalogueWindow, session: FakeSession, books: dict[str, UUID], qtbot: QtBot
) -> None:
    session.execute(DeleteBook(book_id=books["Der Steppenwolf"], reason="x"))
    qtbot.waitUntil(lambda: len(shown(full)) == len(BOOKS) - 1)
    full.actions_by_name["view.deleted"].trigger()
    qtbot.waitUntil(lambda: len(shown(full)) == len(BOOKS))


def test_without_the_store_everything_may_be_tried(
    full: CatalogueWindow, session: FakeSession, books: dict[str, UUID], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(book_id: UUID) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(session, "_permissions", away)
    full.part.view.choose(books["The Hobbit"])
    qtbot.waitUntil(lambda: full.part.chosen.card is not None)
    assert any(isinstance(query, GetPermissions) for query in session.asked)
    assert full.actions_by_name["copy.return"].isEnabled()


def test_what_the_store_could_not_say_is_asked_again_once_it_answers(
    full: CatalogueWindow, session: FakeSession, books: dict[str, UUID], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(book_id: UUID) -> None:
        raise StoreUnavailable("away")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(session, "_permissions", away)
        full.part.view.choose(books["The Hobbit"])
        qtbot.waitUntil(lambda: full.part.chosen.card is not None)
        qtbot.wait(50)
        assert full.actions_by_name["copy.return"].isEnabled()
    session.connect(Light.GREEN, "Connected to this computer.")
    qtbot.waitUntil(lambda: not full.actions_by_name["copy.return"].isEnabled())


def test_columns_can_be_hidden_and_put_back(full: CatalogueWindow) -> None:
    view = full.part.view
    head = view.table.horizontalHeader()
    head.setSectionHidden(2, True)
    head.moveSection(1, 3)
    kept = view.columns.save()
    view.columns.restore(QByteArray())
    assert not head.isSectionHidden(2)
    assert head.visualIndex(1) == 1
    view.columns.restore(kept)
    assert head.isSectionHidden(2)
    assert head.visualIndex(1) == 3


def test_the_chosen_book_is_copied_with_when_it_changed_and_its_isbn_as_text(
    full: CatalogueWindow, books: dict[str, UUID], qtbot: QtBot
) -> None:
    choose(full, qtbot, books["The Hobbit"])
    table = full.part.view.table
    table.setFocus()
    with qtbot.waitSignal(full.part.copying.said) as said:
        qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert said.args == ["One row was copied."]
    headings, cells = (line.split("\t") for line in QApplication.clipboard().text().splitlines())
    told = dict(zip(headings, cells, strict=True))
    assert (told["Title"], len(told["ISBN"])) == ("The Hobbit", 13)
    assert datetime.fromisoformat(told["Last change"]).year > 2000
    assert full.part.copying.action in full.part.view.menu.actions()


def test_all_books_are_read_in_the_tables_order(full: CatalogueWindow) -> None:
    rows = full.part.model.rowCount()
    pages = list(full.part.model.texts().read([range(2), range(2, rows)]))
    assert [row[0] for page in pages for row in page] == shown(full)


def test_headings_know_nothing_of_the_selection_since_they_would_ask_each_selected_row(full: CatalogueWindow) -> None:
    table = full.part.view.table
    table.selectRow(1)
    assert table.selectionModel().hasSelection()
    assert not table.horizontalHeader().selectionModel().hasSelection()


def test_what_explains_why_there_are_no_rows_is_seen_in_a_low_strip_too(
    theme: Theme, icons: Icons, qtbot: QtBot
) -> None:
    message = Message(theme, icons, "search")
    qtbot.addWidget(message)
    rule = "Every word must begin a word of title, authors, subjects or ISBN; is:overdue finds what is overdue."
    message.say("Nothing matches “zz”", f"{rule} Esc clears.")
    message.resize(400, 130)
    message.show()
    qtbot.waitUntil(lambda: message.sentence.visibleRegion().boundingRect() == message.sentence.rect())
    message.resize(400, 400)
    qtbot.waitUntil(message.picture.isVisible)


def test_without_a_store_the_card_asks_nobody_to_choose_in_a_table_that_is_not_there(
    window: CatalogueWindow, session: FakeSession, qtbot: QtBot
) -> None:
    assert window.part.card.nothing.headline.text() == "No book chosen"
    session.connect(Light.RED, "No event store answers.")
    qtbot.waitUntil(lambda: window.part.card.nothing.headline.text() == "Not known")


def test_a_day_among_changes_is_written_as_in_the_card_and_a_title_is_left_alone() -> None:
    words = FieldWords({})
    assert words.value("copies/1/due_on", "2026-12-18") == day_text(date(2026, 12, 18)) == "18 Dec 2026"
    assert words.value("title", "2026-12-18") == "2026-12-18"
    copy = Copy(1, state=CopyState.ON_LOAN, loan=Loan(uuid4(), "R-1", date(2026, 11, 27), date(2026, 12, 18)))
    assert describe_state(Book(copies=(copy,)))["copy 1"] == "on loan, to R-1, due 18 Dec 2026"


def test_a_shelf_mark_is_said_to_be_one_whatever_it_reads_like() -> None:
    copy = CopyLine(3, "onLoan", "Ready to take", None)
    (line,) = copy_lines((copy,), date(2026, 3, 2))
    assert (line.title, line.state_name) == ("Copy 3 · shelf Ready to take", "on loan")
    assert describe_copy(copy) == line.title


def test_the_menu_key_asks_at_the_chosen_row_and_nowhere_else(
    full: CatalogueWindow, books: dict[str, UUID], qtbot: QtBot
) -> None:
    view, table = full.part.view, full.part.view.table
    middle = table.rect().center()
    asked = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, middle, table.mapToGlobal(middle))
    QApplication.sendEvent(table, asked)
    assert not view.menu.isVisible()
    choose(full, qtbot, books["The Hobbit"])
    QApplication.sendEvent(table, asked)
    assert view.menu.isVisible()
    at = table.viewport().mapFromGlobal(view.menu.pos())
    view.menu.close()
    assert table.indexAt(at).row() == table.currentIndex().row()


def test_a_catalogue_that_is_not_open_yet_is_not_one_in_which_to_choose(
    theme: Theme, settings: Settings, session: FakeSession, qtbot: QtBot
) -> None:
    window = CatalogueWindow(theme, settings)
    nothing = window.part.card.nothing
    assert (nothing.headline.text(), nothing.sentence.text()) == ("Not known", "The catalogue is not open yet.")
    window.open(session.session)
    qtbot.waitUntil(lambda: not window.part.model.is_asking)
    assert nothing.headline.text() == "No book chosen"
    window.leave()


def test_the_chosen_row_stays_in_sight_when_the_size_of_text_changes(
    session: FakeSession, window: CatalogueWindow, theme: Theme, qtbot: QtBot
) -> None:
    session.announce(*(session.add(f"Book {n:03}", isbn(n)) for n in range(60)), arrived=True)
    table = window.part.view.table
    qtbot.waitUntil(lambda: window.part.model.rowCount() == 60)

    def in_sight() -> bool:
        return table.viewport().rect().contains(table.visualRect(table.currentIndex()))

    last = table.rowAt(table.viewport().height() - 1) - 1
    table.setCurrentIndex(window.part.model.index(last, 0))
    assert in_sight()
    head = table.horizontalHeader()
    widths = [head.sectionSize(column) for column in range(1, head.count())]
    try:
        for size in (150, 250, 100):
            theme.set_text_size(size)
            qtbot.waitUntil(in_sight)
        assert [head.sectionSize(column) for column in range(1, head.count())] == widths
    finally:
        theme.set_text_size(100)
