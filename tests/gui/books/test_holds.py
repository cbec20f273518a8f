"""Holds in the card: the queue and the shelf, the forms about them, and what is said when a copy is set aside."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from desk.application.catalogue import HoldLine
from desk.domain.commands import CancelHold, LendCopy, PlaceHold, ReportCopyLost, ReturnCopy
from desk.domain.events import CopySetAside, HoldPlaced
from desk.gui.books.dialog import CommandDialog
from desk.gui.books.holds import hold_lines, holds_heading, set_aside_sentence
from desk.gui.books.lines import DETAIL, KEY, STATE
from desk.gui.widgets.masking import set_masked
from tests.gui.books.conftest import CatalogueWindow
from tests.gui.fake_session import FakeSession
from tests.gui.texts import seen_texts

HOBBIT = "9780261102217"
TODAY = date(2026, 3, 2)


def hold(state: str, *, place: int | None = None, until: date | None = None) -> HoldLine:
    placed = datetime(2026, 2, 1, 12, tzinfo=UTC)
    return HoldLine(uuid4(), "R-1", placed, state, place, 1 if until else None, until)


def test_the_shelf_and_the_queue_are_told_apart() -> None:
    ready, first = hold("ready", until=TODAY), hold("waiting", place=1)
    lines = hold_lines((ready, first, hold("waiting", place=2)), TODAY)
    assert [(line.state, line.detail) for line in lines] == [
        ("ready", "copy 1 is kept until 2 Mar 2026"),
        ("waiting", "next in line, since 1 Feb 2026"),
        ("waiting", "number 2 in line, since 1 Feb 2026"),
    ]
    assert lines[0].key == ready.hold_id
    assert holds_heading((ready, first)) == "Holds: 1 on the shelf, 1 waiting"
    assert holds_heading(()) == "Holds"


def test_a_copy_that_nobody_fetched_in_time_stands_out() -> None:
    (line,) = hold_lines((hold("ready", until=TODAY - timedelta(days=1)),), TODAY)
    assert (line.state, line.state_name) == ("overdue", "not fetched")


def test_a_reader_whom_nobody_knows_is_still_said_to_wait() -> None:
    book, hold_id = uuid4(), uuid4()
    aside = CopySetAside(book_id=book, copy_no=2, hold_id=hold_id, pickup_until=TODAY)
    placed = HoldPlaced(book_id=book, hold_id=hold_id, patron_ref="R-9", placed_at=datetime(2026, 3, 1, tzinfo=UTC))
    assert set_aside_sentence((aside,), None) == "Copy 2 is set aside for the next reader until 2 Mar 2026."
    assert set_aside_sentence((placed, aside), None) == "Copy 2 is set aside for R-9 until 2 Mar 2026."
    assert not set_aside_sentence((placed,), None)


@pytest.fixture
def book(window: CatalogueWindow, session: FakeSession, qtbot: QtBot) -> UUID:
    """A chosen book whose one copy is on loan to R-1."""
    book_id = session.add("The Hobbit", HOBBIT, copies=1)
    session._apply(LendCopy(book_id=book_id, copy_no=1, loan_id=uuid4(), patron="R-1"))
    session.announce(book_id, arrived=True)
    window.part.view.reveal(book_id)
    qtbot.waitUntil(lambda: window.part.chosen.card is not None and window.part.chosen.permissions is not None)
    return book_id


def form_of(window: CatalogueWindow, qtbot: QtBot, name: str) -> CommandDialog:
    action = window.actions_by_name[name]
    qtbot.waitUntil(action.isEnabled)
    with qtbot.waitSignal(window.part.book_actions.opened) as opened:
        action.trigger()
    assert opened.args is not None
    form = opened.args[0]
    assert isinstance(form, CommandDialog)
    return form


def type_reader(qtbot: QtBot, form: CommandDialog, text: str) -> None:
    field = form.line("patron").field
    assert isinstance(field, QLineEdit)
    field.selectAll()
    qtbot.keyClicks(field, text)


def press(qtbot: QtBot, form: CommandDialog) -> None:
    with qtbot.waitSignal(form.finished):
        qtbot.mouseClick(form.submit, Qt.MouseButton.LeftButton)


def place(session: FakeSession, book_id: UUID, reader: str) -> UUID:
    hold_id = uuid4()
    session.change(PlaceHold(book_id=book_id, hold_id=hold_id, patron=reader))
    return hold_id


def test_a_hold_is_placed_and_stands_in_the_queue(
    window: CatalogueWindow, session: FakeSession, qtbot: QtBot, book: UUID
) -> None:
    form = form_of(window, qtbot, "hold.place")
    type_reader(qtbot, form, "r-2")
    press(qtbot, form)
    command = session.executed[-1][0]
    assert isinstance(command, PlaceHold)
    assert command.patron == "R-2"
    holds = window.part.card.holds
    qtbot.waitUntil(lambda: holds.count() == 1)
    assert (holds.item(0).text(), holds.item(0).data(STATE)) == ("R-2", "waiting")
    assert window.part.card.holds_head.text() == "Holds: 1 waiting"


def test_a_return_says_for_whom_the_copy_is_set_aside(
    window: CatalogueWindow, session: FakeSession, qtbot: QtBot, book: UUID
) -> None:
    place(session, book, "R-2")
    card = window.part.card
    qtbot.waitUntil(lambda: card.holds.count() == 1)
    form = form_of(window, qtbot, "copy.return")
    assert "R-2 is next in line" in form.spec.intro
    press(qtbot, form)
    assert card.aside.text.text().startswith("Copy 1 is set aside for R-2 until ")
    assert "saved · Copy 1 is set aside for R-2" in window.said[-1]
    qtbot.waitUntil(lambda: card.copies.item(0).data(STATE) == "onHoldShelf")
    assert card.copies.item(0).data(DETAIL).startswith("for R-2, to be fetched by ")
    press(qtbot, form_of(window, qtbot, "copy.lend"))
    assert card.aside.isHidden()


def test_a_copy_on_the_shelf_is_offered_to_its_holder(
    window: CatalogueWindow, session: FakeSession, qtbot: QtBot, book: UUID
) -> None:
    place(session, book, "R-2")
    session.change(ReturnCopy(book_id=book, copy_no=1))
    qtbot.waitUntil(lambda: window.part.card.copies.item(0).data(STATE) == "onHoldShelf")
    form = form_of(window, qtbot, "copy.lend")
    assert form.line("patron").read() == "R-2"
    assert "set aside for R-2 until" in form.line("patron")._said
    press(qtbot, form)
    command = session.executed[-1][0]
    assert isinstance(command, LendCopy)
    assert (command.copy_no, command.patron) == (1, "R-2")
    qtbot.waitUntil(lambda: window.part.card.holds.isHidden())


def test_on_a_stage_no_form_shows_for_whom_a_copy_was_set_aside(
    window: CatalogueWindow, session: FakeSession, qtbot: QtBot, book: UUID
) -> None:
    place(session, book, "R-2")
    session.change(ReturnCopy(book_id=book, copy_no=1))
    qtbot.waitUntil(lambda: window.part.card.copies.item(0).data(STATE) == "onHoldShelf")
    set_masked(masked=True)
    try:
        form = form_of(window, qtbot, "copy.lend")
        assert not [text for text, _, _ in seen_texts(form) if "R-2" in text]
        assert "set aside for R-•• until" in form.line("patron")._said
        press(qtbot, form)
    finally:
        set_masked(masked=False)
    command = session.executed[-1][0]
    assert isinstance(command, LendCopy)
    assert command.patron == "R-2", "it is hidden, and not lost"


def test_copy_and_reader_of_a_loan_are_kept_in_step(
    window: CatalogueWindow, session: FakeSession, qtbot: QtBot
) -> None:
    book_id = session.add("The Hobbit", HOBBIT, copies=2)
    session._apply(PlaceHold(book_id=book_id, hold_id=uuid4(), patron="R-2"))
    session.announce(book_id, arrived=True)
    window.part.view.reveal(book_id)
    form = form_of(window, qtbot, "copy.lend")
    which = form.line("copy_no").field
    assert isinstance(which, QComboBox)
    assert [which.itemData(place) for place in range(which.count())] == [2, 1]
    assert form.line("patron").read() == ""
    type_reader(qtbot, form, "r-2")
    assert which.currentData() == 1
    which.setCurrentIndex(0)
    assert form.line("patron").read() == "r-2"  # what was typed is nobody else's to change
    form.discard()


def test_the_chosen_hold_is_cancelled_and_the_next_reader_gets_the_copy(
    window: CatalogueWindow, session: FakeSession, qtbot: QtBot, book: UUID
) -> None:
    act, holds = window.actions_by_name, window.part.card.holds
    assert not act["hold.cancel"].isEnabled()
    assert "Nobody waits" in act["hold.cancel"].toolTip()
    first, second = place(session, book, "R-2"), place(session, book, "R-3")
    session.change(ReturnCopy(book_id=book, copy_no=1))
    qtbot.waitUntil(lambda: holds.count() == 2 and holds.item(0).data(STATE) == "ready")
    at = holds.visualItemRect(holds.item(0)).center()
    qtbot.mouseClick(holds.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert window.part.chosen.hold_id == first
    form = form_of(window, qtbot, "hold.cancel")
    assert form.line("hold_id").read() == first
    press(qtbot, form)
    assert session.executed[-1][0] == CancelHold(book_id=book, hold_id=first)
    assert "set aside for R-3" in window.part.card.aside.text.text()
    qtbot.waitUntil(lambda: holds.count() == 1 and holds.item(0).data(KEY) == second)
    assert window.part.chosen.hold_id is None


def test_a_book_that_nobody_can_get_takes_no_holds(
    window: CatalogueWindow, session: FakeSession, qtbot: QtBot, book: UUID
) -> None:
    session.change(ReportCopyLost(book_id=book, copy_no=1))
    place_hold = window.actions_by_name["hold.place"]
    qtbot.waitUntil(lambda: not place_hold.isEnabled())
    assert "No copy of this book can be lent" in place_hold.toolTip()
